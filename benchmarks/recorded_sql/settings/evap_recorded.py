# ruff: noqa: F403
import os
import tempfile
from pathlib import Path

from evap.settings import *

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "evap",
        "USER": "postgres",
        "HOST": os.environ["RECORDED_POSTGRES"],
    }
}
SECRET_KEY = "for the recording only"
LOGGING = None
MEDIA_ROOT = Path(tempfile.gettempdir()) / "evap-recorded"
