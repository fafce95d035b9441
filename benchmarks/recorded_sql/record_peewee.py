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
        query = getattr(peewee, "BaseQuery", peewee.Query)  # before peewee 3 there is no other
        self.queryset = query
        self.passed_over = (peewee.Model, peewee.Node, peewee.Database)
        create, execute = query.__init__, peewee.Database.execute_sql

        def execute_sql(self, sql, *args, **kwargs):
            try:
                recording.note(sql.replace("?", "%s"))
            except Exception as error:  # a recording must never change the outcome of a test
                print("not recorded:", repr(error), file=sys.stderr)
            return execute(self, sql, *args, **kwargs)

        def __init__(self, *args, **kwargs):
            create(self, *args, **kwargs)
            self._recorded_origin = recording.builder()

        peewee.Database.execute_sql = execute_sql
        query.__init__ = __init__
        for kind in dict.fromkeys((peewee.Node, query)):
            if "clone" in kind.__dict__:
                kind.clone = self.remembering(kind.clone, query)

    def remembering(self, clone, query):
        """A method that copies a query, and whoever asks for the copy adds to it."""

        def remember(mine):
            made = clone(mine)
            if isinstance(made, query):
                earlier = mine.__dict__.get("_recorded_origin", {})
                builders = {**self.builder(), **earlier}
                made._recorded_origin = dict(list(builders.items())[:MOST_BUILDERS])
            return made

        return remember


if __name__ == "__main__":
    run(Recording, *sys.argv[1:])
