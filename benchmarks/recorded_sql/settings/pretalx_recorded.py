# ruff: noqa: F403
from pretalx.common.settings.test_settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
