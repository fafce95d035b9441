"""Runs inside a project's own environment: runs its tests and records every SQL statement.

`python record.py OUT ROOT LIMIT ARGV…` runs ARGV (a module and its arguments, as after `python -m`, or a
script's path) for at most LIMIT seconds of processor time and writes OUT, gzipped JSON:

    paths       the source files that occur, relative to ROOT
    stacks      each a list of [path, line], innermost frame first; only frames under ROOT
    statements  [sql, stack, times]

Imports nothing of Seamline; speaks Python 3.8 and up.
"""

import gzip
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
PATIENCE = 8  # times the limit that the run may take on the wall clock


class Recording:
    """What was executed, and from where; equal statements from equal places are counted."""

    def __init__(self, root):
        self.root = os.path.realpath(root) + os.sep
        self.paths = {}
        self.stacks = {}
        self.statements = {}
        self.known = {}

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
        stack = self.stack()
        if stack:
            key = (text, self.stacks.setdefault(stack, len(self.stacks)))
            self.statements[key] = self.statements.get(key, 0) + 1

    def as_text(self, sql):
        if isinstance(sql, bytes):
            return sql.decode("utf-8", "replace")
        as_string = getattr(sql, "as_string", None)  # psycopg's composed statements
        return as_string(None) if as_string else str(sql)

    def stack(self):
        frame = sys._getframe(3)
        found = []
        for _ in range(DEEPEST):
            if frame is None:
                break
            path = self.path(frame.f_code.co_filename)
            if path is not None:
                found.append((path, frame.f_lineno))
            frame = frame.f_back
        return tuple(found)

    def path(self, name):
        if name not in self.known:
            full = os.path.realpath(name)
            inside = full.startswith(self.root) and os.path.isfile(full)
            self.known[name] = None
            if inside:
                self.known[name] = self.paths.setdefault(full[len(self.root) :], len(self.paths))
        return self.known[name]

    def write(self, out):
        document = {
            "paths": list(self.paths),
            "stacks": [list(map(list, stack)) for stack in self.stacks],
            "statements": [[sql, stack, n] for (sql, stack), n in sorted(self.statements.items())],
        }
        with gzip.open(out + ".part", "wt", encoding="utf-8") as file:
            json.dump(document, file)
        os.replace(out + ".part", out)


def watch(recording):
    """Every connection that any thread opens gets the wrapper once."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    original = BaseDatabaseWrapper.__init__

    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.execute_wrappers.append(recording)

    BaseDatabaseWrapper.__init__ = __init__


def stop_after(seconds):
    def stop(signum, frame):
        print("time is up", file=sys.stderr)
        signal.alarm(20)  # if the test runner swallows it, ask again
        raise KeyboardInterrupt

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of processor time, whatever else runs here
    signal.alarm(seconds * PATIENCE)


def main(out, root, limit, *argv):
    recording = Recording(root)
    watch(recording)
    stop_after(int(limit))
    sys.argv = list(argv)
    sys.path.insert(0, os.getcwd())
    code = 0
    try:
        if argv[0].endswith(".py"):
            runpy.run_path(argv[0], run_name="__main__")
        else:
            runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code
    except KeyboardInterrupt:
        code = "stopped"
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        recording.write(out)
    print("recorded %d statements; the tests ended with %s" % (len(recording.statements), code))


if __name__ == "__main__":
    main(*sys.argv[1:])
