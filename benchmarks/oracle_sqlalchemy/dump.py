"""Runs inside a project's own environment: prints what SQLAlchemy's metadata knows, as JSON.

`python dump.py METADATA MODULE [MODULE …]`: METADATA is `module:attribute.path`; each module is
imported first, and everything inside it where it ends in `.*`. Imports nothing of Seamline.
"""

import importlib
import json
import pkgutil
import sys


def main(metadata_path, modules):
    for name in modules:
        import_all(name)
    module, _, attributes = metadata_path.partition(":")
    found = importlib.import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    import sqlalchemy
    from sqlalchemy.orm import configure_mappers

    try:
        configure_mappers()
    except Exception as error:
        print("mappers not configured:", repr(error), file=sys.stderr)
    document = {
        "sqlalchemy": sqlalchemy.__version__,
        "tables": [describe(table) for table in found.tables.values()],
    }
    print("@@DUMP@@" + json.dumps(document, sort_keys=True))


def import_all(name):
    if not name.endswith(".*"):
        importlib.import_module(name)
        return
    package = importlib.import_module(name[:-2])
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".tests" in info.name or ".migrations" in info.name or ".alembic" in info.name:
            continue
        try:
            importlib.import_module(info.name)
        except Exception as error:
            print("not imported:", info.name, repr(error), file=sys.stderr)


def describe(table):
    return {
        "table": table.fullname,
        "columns": [
            {
                "column": column.name,
                "type": type_name(column.type),
                "null": bool(column.nullable),
                "primary_key": bool(column.primary_key),
                "targets": sorted(key.target_fullname for key in column.foreign_keys),
            }
            for column in table.columns
        ],
    }


def type_name(type_):
    """The class of the type; of a variant for some databases, that of the others."""
    if type(type_).__name__ == "Variant":
        type_ = type_.impl
    return type(type_).__name__


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
