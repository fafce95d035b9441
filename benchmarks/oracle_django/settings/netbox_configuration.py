"""The configuration that NetBox's own settings module asks for."""

ALLOWED_HOSTS = ["*"]
SECRET_KEY = "for the oracle only, not a secret at all, and just long enough to pass"
API_TOKEN_PEPPERS = {1: "for the oracle only, not a secret at all, and just long enough to pass"}
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
REDIS = {
    "tasks": {"HOST": "localhost", "PORT": 6379, "DATABASE": 0},
    "caching": {"HOST": "localhost", "PORT": 6379, "DATABASE": 1},
}
