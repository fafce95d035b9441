"""What people type to change a cut."""

from django import forms


class MoveForm(forms.Form):
    """A node and the service that it is to belong to."""

    node = forms.CharField(max_length=500)
    service = forms.CharField(max_length=120)


class CountForm(forms.Form):
    """How many services there are to be."""

    least = forms.IntegerField(min_value=1, max_value=500)
    most = forms.IntegerField(min_value=1, max_value=500)
