"""django CMS with its own apps."""

from minimal import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "cms", "menus", "treebeard", "sekizai"]  # noqa: F405
LANGUAGES = [("en", "English")]
LANGUAGE_CODE = "en"
CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("base.html", "Base")]
ROOT_URLCONF = "cms.urls"
