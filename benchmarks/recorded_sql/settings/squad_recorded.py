# ruff: noqa: F403
import sys
import tempfile
from types import SimpleNamespace

from test.settings import *

# What it fetches from the network when it is imported: style sheets, which no query needs.
sys.modules["squad.frontend.setup"] = SimpleNamespace(setup_staticfiles=lambda: None)

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SECRET_KEY = "for the recording only"
LOGGING = None
MEDIA_ROOT = tempfile.gettempdir() + "/squad-recorded"
