# ruff: noqa: F403, F405
import os

from allianceauth.project_template.project_name.settings.base import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SECRET_KEY = "for the recording only"
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "unix://" + os.environ["RECORDED_REDIS"],
    }
}
BROKER_URL = CELERY_BROKER_URL = "redis+socket://" + os.environ["RECORDED_REDIS"]
CELERY_ALWAYS_EAGER = CELERY_TASK_ALWAYS_EAGER = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "allianceauth.urls"
SITE_URL = "https://example.com"
ESI_SSO_CLIENT_ID = ESI_SSO_CLIENT_SECRET = "dummy"
ESI_SSO_CALLBACK_URL = "https://example.com/sso/callback"
ESI_USER_CONTACT_EMAIL = "somebody@example.com"
LOGGING = None
STATIC_ROOT = "/tmp/allianceauth-recorded-static"
INSTALLED_APPS += [
    "allianceauth.eveonline.autogroups",
    "allianceauth.hrapplications",
    "allianceauth.timerboard",
    "allianceauth.srp",
    "allianceauth.optimer",
    "allianceauth.corputils",
    "allianceauth.fleetactivitytracking",
    "allianceauth.permissions_tool",
    "allianceauth.services.modules.discord",
    "allianceauth.services.modules.mumble",
    "allianceauth.services.modules.discourse",
    "allianceauth.services.modules.ips4",
    "allianceauth.services.modules.smf",
    "allianceauth.services.modules.phpbb3",
    "allianceauth.services.modules.xenforo",
    "allianceauth.services.modules.teamspeak3",
]
DISCORD_GUILD_ID = "0123456789"
DISCORD_CALLBACK_URL = "https://example.com/discord/callback"
DISCORD_APP_ID = "0123456789"
DISCORD_APP_SECRET = DISCORD_BOT_TOKEN = "dummy"
DISCORD_SYNC_NAMES = False
MUMBLE_URL = PHPBB3_URL = SMF_URL = IPS4_URL = XENFORO_ENDPOINT = "https://example.com"
DISCOURSE_URL = "https://example.com"
DISCOURSE_API_USERNAME = DISCOURSE_API_KEY = DISCOURSE_SSO_SECRET = "dummy"
XENFORO_DEFAULT_GROUP = 0
XENFORO_APIKEY = IPS4_API_KEY = "dummy"
TEAMSPEAK3_SERVER_IP = "127.0.0.1"
TEAMSPEAK3_SERVER_PORT = 10011
TEAMSPEAK3_SERVERQUERY_USER = TEAMSPEAK3_SERVERQUERY_PASSWORD = "dummy"
TEAMSPEAK3_VIRTUAL_SERVER = 1
TEAMSPEAK3_PUBLIC_URL = "example.com"
TEAMSPEAK3_AUTHED_GROUP = 1
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
