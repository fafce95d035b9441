"""For the tests: fast, alone, nothing leaves the process."""
from bramble.settings import *  # noqa: F403

DEBUG = False
REDIS_URL = ""
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAIL_FAIL_SILENTLY = False
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
AUTO_SHIP = False
PAYGATE_SANDBOX = True
PARCEL_BROKER_URL = ""
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"store": {"level": "CRITICAL"}}}
