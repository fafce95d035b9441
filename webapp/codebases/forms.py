"""What people send to have analysed."""

from urllib.parse import urlsplit

from django import forms

GIT_SCHEMES = ("https", "http", "ssh")


class SourceForm(forms.Form):
    """An archive or the address of a git repository."""

    archive = forms.FileField(required=False, label="Archive")
    git_url = forms.CharField(required=False, max_length=2000, label="Git address")

    def clean_git_url(self) -> str:
        """The address, if it names a repository on another machine and nothing else."""
        url = self.cleaned_data["git_url"].strip()
        if not url:
            return ""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in GIT_SCHEMES or not parts.hostname or any(c.isspace() for c in url):
            raise forms.ValidationError("Give the address as https://host/path/to/repository.git")
        if parts.password:
            raise forms.ValidationError("Leave the password out: the address is shown and kept.")
        return url

    def clean(self) -> dict[str, object]:
        """Exactly one of the two must be given."""
        given = super().clean() or self.cleaned_data
        if not self.errors and bool(given.get("archive")) == bool(given.get("git_url")):
            raise forms.ValidationError("Choose an archive, or give the address of a repository.")
        return given


class ProjectForm(SourceForm):
    """The same, for a project that does not exist yet."""

    name = forms.CharField(required=False, max_length=120, label="Name")

    field_order = ("name", "archive", "git_url")
