# ruff: noqa: F403
import tempfile

from hyperkitty.tests.settings_test import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING = None
MEDIA_ROOT = tempfile.gettempdir() + "/hyperkitty-recorded"
