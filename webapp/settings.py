"""The settings, read from the environment; docs/running.md lists every variable."""

import importlib.util
import secrets
from pathlib import Path

from webapp import environment, places

DATA = places.data_directory()
DATA.make()


def _secret_key() -> str:
    """The key from the environment, or one made at the first start and kept in a file."""
    if key := environment.text("SEAMLINE_SECRET_KEY"):
        return key
    try:
        with DATA.secret_key.open("x", encoding="ascii") as file:
            DATA.secret_key.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return DATA.secret_key.read_text(encoding="ascii")


def _package_folder(name: str) -> Path:
    """Where an installed package lies, found without importing it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _sqlite() -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA.database,
        "OPTIONS": {
            # Writers queue for the lock instead of failing when a read turns into a write.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *environment.names("SEAMLINE_HOSTS")]
CSRF_TRUSTED_ORIGINS = environment.names("SEAMLINE_ORIGINS")
BEHIND_HTTPS = environment.switch("SEAMLINE_HTTPS", False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "webapp.accounts",
    "webapp.codebases",
    "webapp.analyses",
    "webapp.review",
    "webapp.reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "webapp.content_security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [places.SOURCE_ROOT / "webapp" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": environment.database("DATABASE_URL") or _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "analyses:projects"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATICFILES_DIRS = [
    places.SOURCE_ROOT / "webapp" / "static",
    ("plotly", _package_folder("plotly") / "package_data"),
    *(
        (package, places.node_modules() / folder)
        for package, folder in (
            ("cytoscape", "cytoscape/dist"),
            ("layout-base", "layout-base"),
            ("cose-base", "cose-base"),
            ("cytoscape-fcose", "cytoscape-fcose"),
        )
        if (places.node_modules() / folder).is_dir()
    ),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = environment.switch("SEAMLINE_RELOAD_STATIC", False)

SESSION_COOKIE_NAME = "seamline_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
CSRF_COOKIE_NAME = "seamline_csrf"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Uploads go to a file in the data directory, so that storing one is a rename.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = str(DATA.uploads)
UPLOAD_LIMIT_BYTES = environment.whole_number("SEAMLINE_UPLOAD_LIMIT_MB", 500, least=1) * 2**20

REDIS_URL = environment.text("REDIS_URL", DATA.redis_url)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# A worker's memory goes back to the system after this many tasks.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 40
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # Take from the queues in the order in which a worker was told to consume them.
    "queue_order_strategy": "priority",
    "socket_connect_timeout": 3,
    "socket_timeout": 20,
    "retry_on_timeout": True,
    # Who sends a message while Redis is away gives up at once: the reconciler sends it later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "small"

# Up to this many bytes of source an analysis goes to the fast lane.
SMALL_SOURCE_BYTES = environment.whole_number("SEAMLINE_SMALL_SOURCE_KB", 4096) * 2**10
RUNS_PER_USER_AND_LANE = environment.whole_number("SEAMLINE_RUNS_PER_USER", 1, least=1)
# A claim held on another machine counts as dead when its heartbeat is older than this.
HEARTBEAT_TIMEOUT_SECONDS = environment.whole_number("SEAMLINE_HEARTBEAT_TIMEOUT", 120, least=10)
MOST_ATTEMPTS = environment.whole_number("SEAMLINE_MOST_ATTEMPTS", 12, least=1)
SOLVER_SECONDS = environment.whole_number("SEAMLINE_SOLVER_SECONDS", 20, least=1)
RESULT_DAYS = environment.whole_number("SEAMLINE_RESULT_DAYS", 14, least=1)
FILES_PER_SHARD = environment.whole_number("SEAMLINE_FILES_PER_SHARD", 100, least=1)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("SEAMLINE_LOG_LEVEL", "INFO")},
}
