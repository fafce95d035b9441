# ruff: noqa: F403
from wger.settings_global import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SECRET_KEY = "for the recording only"
SITE_URL = "http://localhost:8000"
MEDIA_ROOT = "/tmp/wger-recorded-media"
MEDIA_URL = "/media/"
ALLOWED_HOSTS = "*"
RECAPTCHA_PUBLIC_KEY = RECAPTCHA_PRIVATE_KEY = ""
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
COMPRESS_ENABLED = False
