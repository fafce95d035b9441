"""What people type about themselves."""

from django import forms


class TokenForm(forms.Form):
    """A name for a new API token."""

    name = forms.CharField(max_length=100, label="What it is for")
