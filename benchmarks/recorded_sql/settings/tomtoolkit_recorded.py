# ruff: noqa: F403
import tempfile

from tom_base.settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING = None
MEDIA_ROOT = tempfile.gettempdir() + "/tomtoolkit-recorded"
