"""Superset's models want an application around them."""

import os

os.environ.setdefault("SUPERSET_SECRET_KEY", "for the oracle only, nothing is kept with it")

from superset.app import create_app

create_app().app_context().push()
