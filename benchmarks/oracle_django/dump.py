"""Runs inside a project's own environment: prints what Django's registry knows, as JSON.

`python dump.py ROOT [ROOT …]`: the roots are the top packages whose apps are the project's own.
Imports nothing of Seamline.
"""

import importlib
import json
import os
import sys


def main(roots):
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings

    import_urls(settings)
    folders = [os.path.dirname(importlib.import_module(root).__file__) for root in roots]
    own = {
        config.label: config
        for config in apps.get_app_configs()
        if any(inside(config.path, folder) for folder in folders)
    }
    models = [
        describe(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in own and not model._meta.proxy
    ]
    document = {
        "django": django.get_version(),
        "auth_user_model": settings.AUTH_USER_MODEL,
        "apps": {label: config.path.replace(os.sep, "/") for label, config in own.items()},
        "models": models,
    }
    print("@@DUMP@@" + json.dumps(document, sort_keys=True))


def import_urls(settings):
    """Models that only views import are registered once the URLs are: as in a running server."""
    try:
        importlib.import_module(settings.ROOT_URLCONF)
    except Exception as error:
        print("URLs not imported:", repr(error), file=sys.stderr)


def inside(path, folder):
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder + os.sep)


def describe(model):
    meta = model._meta
    return {
        "label": meta.label,
        "app": meta.app_config.path.replace(os.sep, "/"),
        "table": meta.db_table,
        "managed": meta.managed,
        "auto_created": bool(meta.auto_created),
        "columns": [column(field) for field in meta.local_fields if field.column],
    }


def column(field):
    related = getattr(field, "remote_field", None)
    target = related.model._meta.db_table if related is not None and field.is_relation else None
    return {
        "column": field.column,
        "name": field.name,
        "type": kind(field),
        "class": type(field).__name__,
        "null": field.null,
        "primary_key": field.primary_key,
        "target": target,
    }


def kind(field):
    """The internal type; of a relation, which has none of its own, the base class."""
    if field.is_relation:
        return "OneToOneField" if field.one_to_one else "ForeignKey"
    return field.get_internal_type()


if __name__ == "__main__":
    main(sys.argv[1:])
