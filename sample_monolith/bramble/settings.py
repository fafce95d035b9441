"""Settings of the shop. Production overrides some of them from the environment."""
import os
from decimal import Decimal
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# TODO move to the vault (2018)
SECRET_KEY = os.environ.get("SECRET_KEY", "not-really-secret-k3y-of-the-bramble-shop-2014")
DEBUG = os.environ.get("DEBUG", "1") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "store.apps.StoreConfig",
    "reports",
    "legacy_api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bramble.middleware.BlockedCustomerMiddleware",
    "bramble.middleware.SlowRequestMiddleware",
]

ROOT_URLCONF = "bramble.urls"
WSGI_APPLICATION = "bramble.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "store.context_processors.shop",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": os.environ.get("DB_ENGINE", "django.db.backends.sqlite3"),
        "NAME": os.environ.get("DB_NAME", str(BASE_DIR / "shop.sqlite3")),
        "USER": os.environ.get("DB_USER", ""),
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "HOST": os.environ.get("DB_HOST", ""),
    }
}

REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TIMEZONE = "Europe/London"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "account"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "/static/"

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_HOST_USER = "shop@bramble.example"
EMAIL_HOST_PASSWORD = "mail-pa55word-from-2016"
DEFAULT_FROM_EMAIL = "Bramble <shop@bramble.example>"
ADMINS = [("Operations", "ops@bramble.example")]
MAIL_FAIL_SILENTLY = not DEBUG

# -- the shop --------------------------------------------------------------------------------

SHOP_NAME = "Bramble"
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
SUPPORT_PHONE = "+44 20 7946 0000"
DEFAULT_CURRENCY = "GBP"
PAGE_SIZE = 24
PAGE_CACHE_SECONDS = 300
STOCK_CACHE_SECONDS = 120
TRUST_PROXY = os.environ.get("TRUST_PROXY") == "1"
SIGN_IN_LIMIT = 10

LOYALTY_SPEND_PER_POINT = Decimal("10.00")
MAX_CREDIT_LIMIT = Decimal("50000.00")
MAX_GOODWILL = Decimal("50.00")
REFUND_NEEDS_MANAGER = Decimal("500.00")
RETURN_DAYS = 30
UNPAID_HOURS = 24
REMINDER_EVERY_DAYS = 7
TICKET_STALE_DAYS = 14
AUTO_SHIP = os.environ.get("AUTO_SHIP") == "1"
REVIEW_BLOCKED_WORDS = ["casino", "viagra", "crypto giveaway"]

# -- other systems ---------------------------------------------------------------------------

GATEWAY_TIMEOUT = 10
PAYGATE_URL = os.environ.get("PAYGATE_URL", "https://api.paygate.example/v2")
PAYGATE_MERCHANT = "bramble-uk"
PAYGATE_API_KEY = os.environ.get("PAYGATE_API_KEY", "pg-fake-7c1f0e55d2b94a6f8e3a")
PAYGATE_SANDBOX = os.environ.get("PAYGATE_SANDBOX", "1") == "1"
WEBHOOK_SECRET = os.environ.get("WEBHOOK_SECRET", "whs-fake-e0c2b7")

PARCEL_BROKER_URL = os.environ.get("PARCEL_BROKER_URL", "")
PARCEL_BROKER_KEY = os.environ.get("PARCEL_BROKER_KEY", "pb-fake-19ab77")
PARCEL_WEBHOOK_KEY = "tracking-hook-fake-5521"

REPORT_RECIPIENTS = ["finance@bramble.example", "buying@bramble.example"]
SLOW_REQUEST_SECONDS = float(os.environ.get("SLOW_REQUEST_SECONDS", "2.0"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"store": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")}},
}
