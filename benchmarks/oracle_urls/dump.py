"""Runs inside a project's own environment: prints every URL pattern that Django resolves, as JSON.

Each is [[part, …], file, name]: the parts of the route with what kind they are, and the file and
top-level name of the view. Imports nothing of Seamline.
"""

import inspect
import json
import os
import sys


def main(tree):
    import django

    django.setup()
    from django.urls import get_resolver

    found = []
    walk(get_resolver(), [], found, os.path.realpath(tree))
    print("@@DUMP@@" + json.dumps({"django": django.get_version(), "patterns": found}))


def walk(resolver, prefix, found, tree):
    for pattern in resolver.url_patterns:
        parts = [*prefix, part_of(pattern.pattern)]
        if hasattr(pattern, "url_patterns"):
            walk(pattern, parts, found, tree)
        else:
            place = place_of(pattern.callback, tree)
            if place:
                found.append([parts, *place])


def part_of(pattern):
    if hasattr(pattern, "_route"):
        return ["route", str(pattern._route)]
    if hasattr(pattern, "_regex"):
        return ["regex", str(pattern._regex)]
    return ["prefix", ""]  # a language prefix


def place_of(callback, tree):
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    while hasattr(view, "__wrapped__") and not inspect.isclass(view):
        view = view.__wrapped__
    view = undecorated(getattr(view, "func", view))
    if getattr(view, "__qualname__", "").endswith("WrappedAPIView"):
        # What `@api_view` makes of a function bears the function's own name and module.
        file = os.path.realpath(sys.modules[view.__module__].__file__)
        inside = file.startswith(tree + os.sep)
        return [os.path.relpath(file, tree).replace(os.sep, "/"), view.__name__] if inside else None
    try:
        file = os.path.realpath(inspect.getsourcefile(view))
    except TypeError:
        return None
    name = getattr(view, "__qualname__", type(view).__qualname__)
    if not file.startswith(tree + os.sep) or "<" in name:
        return None
    return [os.path.relpath(file, tree).replace(os.sep, "/"), name.split(".")[0]]


def undecorated(view):
    """The function behind decorators that do not say what they wrap."""
    for _ in range(10):
        if "<locals>" not in getattr(view, "__qualname__", "") or not inspect.isfunction(view):
            break
        inner = [cell.cell_contents for cell in view.__closure__ or () if filled(cell)]
        inner = [one for one in inner if inspect.isfunction(one)]
        if not inner:
            break
        view = inner[0]
    return view


def filled(cell):
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


main(sys.argv[1])
