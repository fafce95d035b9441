# ruff: noqa: F403
from NEMO.tests.test_settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING = None
MEDIA_ROOT = "/tmp/nemo-recorded-media"
