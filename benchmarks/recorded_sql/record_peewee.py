"""Runs inside a project's own environment: runs its tests and records what peewee executes.

`python record_peewee.py OUT ROOT SECONDS ARGV…` works as record.py does, and writes what that
writes: every statement goes through `Database.execute_sql`, and each query remembers the functions
that made it or added to it. Imports nothing of Seamline; speaks Python 3.8 and up.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from record import MOST_BUILDERS, run
from record import Recording as Base

sys.path.pop(0)  # no name of ours may hide one of the project's


class Recording(Base):
    """What was executed, and from where."""

    def watch(self):
        """Every database tells what it executes; queries tell their origin."""
        import peewee

        recording = self
        self.queryset = peewee.BaseQuery
        self.passed_over = (peewee.Model, peewee.Node, peewee.Database)
        create, clone = peewee.BaseQuery.__init__, peewee.Node.clone
        execute = peewee.Database.execute_sql

        def execute_sql(self, sql, *args, **kwargs):
            try:
                recording.note(sql.replace("?", "%s"))
            except Exception as error:  # a recording must never change the outcome of a test
                print("not recorded:", repr(error), file=sys.stderr)
            return execute(self, sql, *args, **kwargs)

        def __init__(self, *args, **kwargs):
            create(self, *args, **kwargs)
            self._recorded_origin = recording.builder()

        def __clone(self):
            made = clone(self)
            if isinstance(made, peewee.BaseQuery):
                earlier = self.__dict__.get("_recorded_origin", {})
                builders = {**recording.builder(), **earlier}
                made._recorded_origin = dict(list(builders.items())[:MOST_BUILDERS])
            return made

        peewee.Database.execute_sql = execute_sql
        peewee.BaseQuery.__init__ = __init__
        peewee.Node.clone = __clone


if __name__ == "__main__":
    run(Recording, *sys.argv[1:])
