"""Indico imports its models by their file names."""

from indico.core.db.sqlalchemy.util.models import import_all_models

import_all_models()
