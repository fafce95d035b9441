# ruff: noqa: F403
from coldfront.config.settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SECRET_KEY = "for the recording only"
LOGGING = None
