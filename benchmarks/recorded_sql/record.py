"""Runs inside a project's own environment: runs its tests and records every SQL statement.

`python record.py OUT ROOT SECONDS ARGV…` runs ARGV (a module and its arguments, as of `python -m`)
for at most SECONDS of processor time and writes OUT, gzipped JSON:

    paths       the source files that occur, relative to ROOT
    stacks      each a list of [path, line], innermost first: frames under ROOT; where a method of a
                library runs on an object whose class stands under ROOT (a view, form, serializer,
                admin, command: not models and querysets, which everybody uses), the line of that
                class; and where the library's handler runs a view, the line of the view
    origins     [builders, heir]: [path, line] of each function that made the queryset that is
                evaluated or added to it, the last one first; and of the class of the object whose
                inherited method is innermost, or null
    statements  [sql, stack, origins, times]

Imports nothing of Seamline; speaks Python 3.8 and up.
"""

import gzip
import inspect
import json
import os
import re
import runpy
import signal
import sys

LISTS = re.compile(r"\(\s*%s(?:\s*,\s*%s)+\s*\)")
ROWS = re.compile(r"(\(%s\))(?:\s*,\s*\(%s\))+")
SILENT = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET ", "SHOW ", "PRAGMA")
DEEPEST = 400  # frames; deeper stacks are cut: a recursion, not a caller
MOST_BUILDERS = 6  # functions that one queryset remembers
PATIENCE = 8  # times the limit that the run may take on the wall clock
HANDLERS = ("_get_response", "_get_response_async")


class Recording:
    """What was executed, and from where; equal statements from equal places are counted."""

    def __init__(self, root):
        self.root = os.path.realpath(root) + os.sep
        self.paths = {}
        self.stacks = {}
        self.origins = {}
        self.statements = {}
        self.known_files = {}
        self.known_objects = {}
        self.passed_over = ()  # classes that everybody uses
        self.queryset = ()

    def __call__(self, execute, sql, params, many, context):
        try:
            self.note(sql)
        except Exception as error:  # a recording must never change the outcome of a test
            print("not recorded:", repr(error), file=sys.stderr)
        return execute(sql, params, many, context)

    def note(self, sql):
        text = sql if isinstance(sql, str) else self.as_text(sql)
        if text.lstrip().upper().startswith(SILENT):
            return
        text = ROWS.sub(r"\1", LISTS.sub("(%s)", text))
        stack, origin = self.stack()
        if stack:
            number = self.stacks.setdefault(stack, len(self.stacks))
            key = (text, number, self.origins.setdefault(origin, len(self.origins)))
            self.statements[key] = self.statements.get(key, 0) + 1

    def as_text(self, sql):
        if isinstance(sql, bytes):
            return sql.decode("utf-8", "replace")
        as_string = getattr(sql, "as_string", None)  # psycopg's composed statements
        return as_string(None) if as_string else str(sql)

    def stack(self):
        """Frames from the innermost outwards, the queryset's builders and the method's heir."""
        frame = sys._getframe(3)
        found, builders, heir = [], (), None
        for _ in range(DEEPEST):
            if frame is None:
                break
            path = self.file(frame.f_code.co_filename)
            if path is not None:
                if not found:
                    heir = self.heir(frame)
                found.append((path, frame.f_lineno))
            else:
                if not builders and not found:
                    builders = self.origin(frame)
                place = self.borrowed(frame)
                if place is not None and (not found or found[-1] != place):
                    found.append(place)
            frame = frame.f_back
        return tuple(found), (builders, heir)

    def heir(self, frame):
        code = frame.f_code
        if code.co_argcount and code.co_varnames[0] in ("self", "cls"):
            mine = frame.f_locals.get(code.co_varnames[0])
            kind = mine if issubclass(type(mine), type) else type(mine)
            return self.place(kind)
        return None

    def file(self, name):
        if name not in self.known_files:
            full = os.path.realpath(name)
            inside = full.startswith(self.root) and os.path.isfile(full)
            self.known_files[name] = (
                self.paths.setdefault(full[len(self.root) :], len(self.paths)) if inside else None
            )
        return self.known_files[name]

    def origin(self, frame):
        code = frame.f_code
        if code.co_varnames[:1] == ("self",):
            mine = frame.f_locals.get("self")
            if issubclass(type(mine), self.queryset):  # never ask the object: it may be a lazy one
                return tuple(mine.__dict__.get("_recorded_origin", {}).values())
        return ()

    def borrowed(self, frame):
        """The place of the product class or view that a frame of a library works for."""
        code = frame.f_code
        if code.co_name in HANDLERS:
            view = frame.f_locals.get("callback")
            return None if view is None else self.place(getattr(view, "view_class", view))
        if code.co_argcount and code.co_varnames[0] in ("self", "cls"):
            mine = frame.f_locals.get(code.co_varnames[0])
            kind = mine if issubclass(type(mine), type) else type(mine)
            if kind.__module__.partition(".")[0] in ("builtins", "django"):
                return None
            if not issubclass(kind, self.passed_over):
                return self.place(kind)
        return None

    def place(self, thing):
        """Where a class or function stands; None where that is no product code."""
        while hasattr(thing, "__wrapped__"):
            thing = thing.__wrapped__
        owner = getattr(thing, "__self__", None)  # of a bound method, as the admin's views are
        cls = getattr(thing, "cls", None) or (type(owner) if owner is not None else thing)
        key = id(cls)
        if key not in self.known_objects:
            self.known_objects[key] = (self.find(cls), cls)  # kept alive: the id stays its own
        return self.known_objects[key][0]

    def find(self, thing):
        try:
            path = self.file(inspect.getsourcefile(thing))
            return None if path is None else (path, inspect.getsourcelines(thing)[1])
        except (TypeError, OSError):
            return None

    def watch(self):
        """Every connection gets the wrapper once; querysets tell their origin."""
        from django.db.backends.base.base import BaseDatabaseWrapper
        from django.db.models import Model, QuerySet
        from django.db.models.manager import BaseManager

        self.passed_over, self.queryset = (Model, QuerySet, BaseManager), QuerySet
        connect, create, clone = BaseDatabaseWrapper.__init__, QuerySet.__init__, QuerySet._clone
        recording = self

        def __init__(self, *args, **kwargs):
            connect(self, *args, **kwargs)
            self.execute_wrappers.append(recording)

        def __init_queryset__(self, *args, **kwargs):
            create(self, *args, **kwargs)
            self._recorded_origin = recording.builder()

        def _clone(self):
            made = clone(self)
            earlier = getattr(self, "_recorded_origin", {})
            made._recorded_origin = dict(
                list({**made._recorded_origin, **earlier}.items())[:MOST_BUILDERS]
            )
            return made

        BaseDatabaseWrapper.__init__ = __init__
        QuerySet.__init__ = __init_queryset__
        QuerySet._clone = _clone

    def builder(self):
        """The innermost product function, with the line it is at; empty where there is none."""
        frame = sys._getframe(2)
        for _ in range(12):
            if frame is None:
                break
            path = self.file(frame.f_code.co_filename)
            if path is not None:
                return {(path, frame.f_code.co_firstlineno): (path, frame.f_lineno)}
            frame = frame.f_back
        return {}

    def write(self, out):
        document = {
            "paths": list(self.paths),
            "stacks": [list(map(list, stack)) for stack in self.stacks],
            "origins": list(self.origins),
            "statements": [[*key, n] for key, n in self.statements.items()],
        }
        with gzip.open(out + ".part", "wt", encoding="utf-8") as file:
            json.dump(document, file)
        os.replace(out + ".part", out)


def stop_after(seconds):
    def stop(signum, frame):
        print("time is up", file=sys.stderr)
        signal.alarm(20)  # if the test runner swallows it, ask again
        raise KeyboardInterrupt

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of processor time, whatever else runs here
    signal.alarm(seconds * PATIENCE)


def run(kind, out, root, seconds, *argv):
    recording = kind(root)
    recording.watch()
    stop_after(int(seconds))
    sys.argv = list(argv)
    sys.path.insert(0, os.getcwd())
    code = 0
    try:
        runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code
    except KeyboardInterrupt:
        code = "stopped"
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        recording.write(out)
    print(f"recorded {len(recording.statements)} statements; the tests ended with {code}")


if __name__ == "__main__":
    run(Recording, *sys.argv[1:])
