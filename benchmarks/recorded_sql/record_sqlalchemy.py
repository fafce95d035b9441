"""Runs inside a project's own environment: runs its tests and records what SQLAlchemy executes.

`python record_sqlalchemy.py OUT ROOT SECONDS ARGV…` works as record.py does, and writes what that
writes, with two more items in each of `statements`:

    makers  of a statement of a flush: [stack, origin] of who made, changed or deleted rows of its
            table since the last flush; where nobody did, as of what a deletion takes along, of who
            deleted rows at all; null for any other statement
    kind    "flush"; "reload" where a row that the session had expired is read again; or ""

Where a function is handed a mapped class or a table by its caller, the place of the call counts
among the builders of what it executes; so do the builders of the query whose method it is. A frame
of the tests, where they stand outside ROOT, is written as the path "<tests>".
Imports nothing of Seamline; speaks Python 3.8 and up.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from record import DEEPEST, LISTS, MOST_BUILDERS, ROWS, SILENT, run
from record import Recording as Base

sys.path.pop(0)  # no name of ours may hide one of the project's

NAMED = re.compile(r"%\([^)]+\)s")
MOST_MAKERS = 12  # stacks that are kept for one table in one flush
TESTS = "<tests>"
DELETED = ""  # in place of a table: who deleted rows of any
RELOADING = "load_scalar_attributes"
MAKING = frozenset(["_initialize_instance"])  # SQLAlchemy's frame around a constructor


class Recording(Base):
    """What was executed, from where, and who had made the rows that a flush writes."""

    def __init__(self, root):
        super().__init__(root)
        self.tests = os.path.realpath(os.getcwd()) + os.sep
        self.table = self.query = None  # SQLAlchemy's classes
        self.flushes = []  # of each flush that is running: stacks by table

    def file(self, name):
        if name not in self.known_files:
            full = os.path.realpath(name)
            is_test = full.startswith(self.tests) and not full.startswith(self.root)
            if is_test and os.path.isfile(full):
                self.known_files[name] = self.paths.setdefault(TESTS, len(self.paths))
        return super().file(name)

    def executed(self, conn, cursor, statement, parameters, context, executemany):
        try:
            self.note_executed(statement, context)
        except Exception as error:  # a recording must never change the outcome of a test
            print("not recorded:", repr(error), file=sys.stderr)

    def note_executed(self, sql, context):
        if sql.lstrip().upper().startswith(SILENT):
            return
        if context is not None and context.dialect.paramstyle == "qmark":
            sql = sql.replace("?", "%s")
        text = ROWS.sub(r"\1", LISTS.sub("(%s)", NAMED.sub("%s", sql)))
        handed = []
        stack, heir, is_reload = self.frames(handed)
        makers = None
        kind = "reload" if is_reload else ""
        if self.flushes:
            kind = "flush"
            known = self.flushes[-1]
            behind = known.get(self.written(context)) or known.get(DELETED, ())
            makers = tuple((self.number(one), self.origin_number((), heir)) for one, heir in behind)
        if not stack and not makers:
            return
        number = self.origin_number((*self.builders(context), *handed), heir)
        key = (text, self.number(stack), number, makers, kind)
        self.statements[key] = self.statements.get(key, 0) + 1

    def origin_number(self, builders, heir):
        return self.origins.setdefault((builders, heir), len(self.origins))

    def number(self, stack):
        return self.stacks.setdefault(stack, len(self.stacks))

    def frames(self, handed=None):
        """Frames from the innermost outwards, the method's heir, and whether a row is reloaded.

        `handed` gets the frames that hand a class or table to the frame inside them.
        """
        frame = sys._getframe(3)
        found, heir, is_reload = [], None, False
        is_handed, is_inside = handed is not None, False
        for _ in range(DEEPEST):
            if frame is None:
                break
            path = self.file(frame.f_code.co_filename)
            if path is not None:
                if not found or (heir is None and is_inside):
                    heir = self.heir(frame)
                    is_inside = frame.f_code.co_name.startswith("<")  # a comprehension, a lambda
                if not found:
                    self.note_query(frame, handed)
                elif is_handed:
                    handed.append((path, frame.f_lineno))
                is_handed = is_handed and self.takes_class(frame)
                found.append((path, frame.f_lineno))
            else:
                is_reload = is_reload or (not found and frame.f_code.co_name == RELOADING)
                place = self.borrowed(frame)
                if place is not None and (not found or found[-1] != place):
                    found.append(place)
            frame = frame.f_back
        return tuple(found), heir, is_reload

    def note_query(self, frame, handed):
        """The code is a method of the project's own class of queries: its query has builders."""
        code = frame.f_code
        if handed is not None and code.co_argcount and code.co_varnames[0] == "self":
            mine = frame.f_locals.get("self")
            if issubclass(type(mine), self.query):
                handed.extend(mine.__dict__.get("_recorded_origin", {}).values())

    def takes_class(self, frame):
        """Whether a function was called with a mapped class or a table."""
        code, values = frame.f_code, frame.f_locals
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            value = values.get(name)
            if type(value) is self.table or (isinstance(value, type) and name not in ("self", "cls")
                                             and hasattr(value, "__mapper__")):  # fmt: skip
                return True
        return False

    def borrowed(self, frame):
        code = frame.f_code
        if code.co_argcount and code.co_varnames[0] in ("self", "cls"):
            mine = frame.f_locals.get(code.co_varnames[0])
            kind = mine if issubclass(type(mine), type) else type(mine)
            if "sqlalchemy" in kind.__module__ or "__mapper__" in kind.__dict__:
                return None
        return super().borrowed(frame)

    def builders(self, context):
        statement = getattr(context, "invoked_statement", None)
        origin = getattr(statement, "__dict__", {}).get("_recorded_origin", {})
        return tuple(origin.values())

    def written(self, context):
        """The table that a statement of the session writes, with its schema."""
        if context is None or not (context.isinsert or context.isupdate or context.isdelete):
            return None
        statement = getattr(getattr(context, "compiled", None), "statement", None)
        return getattr(getattr(statement, "table", None), "fullname", None)

    # ---- who makes and changes rows

    def mark(self, state, key):
        """Remember on an object's state who touches one of its attributes, or the whole ("")."""
        try:
            if key and self.is_made(state):
                return  # a constructor sets the attributes of what somebody else makes
            stack, heir, _ = self.frames()
            if stack:
                marks = state.__dict__.setdefault("_recorded", {})
                marks.setdefault(key, {})[stack, heir] = None
        except Exception as error:
            print("not recorded:", repr(error), file=sys.stderr)

    def is_made(self, state):
        """Whether the innermost product code is the constructor of the object itself."""
        frame = sys._getframe(3)
        for _ in range(40):
            if frame is None:
                return False
            if frame.f_code.co_name in MAKING and frame.f_locals.get("self") is state:
                return True
            if self.file(frame.f_code.co_filename) is not None:
                if frame.f_code.co_name != "__init__":
                    return False
                if frame.f_locals.get("self") is not state.obj():
                    return False
            frame = frame.f_back
        return False

    def makers(self, states):
        """(stack, heir) by the full name of the table, for the objects that a flush writes."""
        found = {}
        behind = found.setdefault(DELETED, {})
        for state, (is_deleted, listed_only) in list(states.items()):
            marks = state.__dict__.get("_recorded")
            if not marks or listed_only:
                continue
            if is_deleted and len(behind) < MOST_MAKERS:
                behind.update(self.deleting(marks))
            for table, stacks in self.rows_of(state, marks, is_deleted):
                known = found.setdefault(table, {})
                for stack in stacks:
                    if len(known) < MOST_MAKERS:
                        known[stack] = None
        return found

    def deleting(self, marks):
        """Who deleted an object; of one that was left without a parent, who last changed it."""
        return marks.get("delete()") or {one: None for many in marks.values() for one in many}

    def rows_of(self, state, marks, is_deleted):
        mapper = state.manager.mapper
        own = [table.fullname for table in mapper.tables]
        if is_deleted:
            stacks = self.deleting(marks)
            between = [one.secondary for one in mapper.relationships if one.secondary is not None]
            for table in own + [one.fullname for one in between if hasattr(one, "fullname")]:
                yield table, stacks
            return
        for key, stacks in marks.items():
            prop = mapper.attrs.get(key) if key else None
            if prop is not None and hasattr(prop, "direction"):
                for table in self.rows_of_relation(prop):
                    yield table, stacks
            elif state.key is None:
                for table in own:
                    yield table, stacks
            elif prop is not None and hasattr(prop, "columns"):
                for column in prop.columns:
                    if getattr(column.table, "fullname", None):
                        yield column.table.fullname, stacks

    def rows_of_relation(self, prop):
        if prop.secondary is not None:
            return [prop.secondary.fullname] if hasattr(prop.secondary, "fullname") else []
        sides = prop.local_columns if prop.direction.name == "MANYTOONE" else prop.remote_side
        return {one.table.fullname for one in sides if hasattr(one.table, "fullname")}

    def watch(self):
        """Every engine tells what it executes; sessions and objects tell who changes them."""
        from sqlalchemy import Table, event
        from sqlalchemy.engine import Engine
        from sqlalchemy.orm import Mapper, Query, Session
        from sqlalchemy.orm.attributes import instance_state
        from sqlalchemy.orm.state import InstanceState
        from sqlalchemy.orm.unitofwork import UOWTransaction
        from sqlalchemy.sql.base import Generative
        from sqlalchemy.sql.selectable import Select

        recording, self.table, self.query = self, Table, Query
        self.passed_over = (Query, Session, *_applications())
        event.listen(Engine, "before_cursor_execute", self.executed)
        event.listen(Mapper, "init", lambda target, *_: self.mark(instance_state(target), ""))
        modified, generate = InstanceState._modified_event, Generative._generate
        actions, execute = UOWTransaction._generate_actions, UOWTransaction.execute
        delete = Session.delete

        def _modified_event(state, dict_, attr, *args, **kwargs):
            if attr is not None and attr.send_modified_events:
                recording.mark(state, attr.key)
            return modified(state, dict_, attr, *args, **kwargs)

        def _generate(self):
            made = generate(self)
            earlier = self.__dict__.get("_recorded_origin", {})
            added = {**recording.builder(), **earlier}
            made.__dict__["_recorded_origin"] = dict(list(added.items())[:MOST_BUILDERS])
            return made

        def _generate_actions(self):
            recording.flushes.append(recording.makers(self.states))  # it reads what deletions take
            found = actions(self)
            recording.flushes[-1] = recording.makers(self.states)
            return found

        def _execute(self):
            depth = len(recording.flushes)
            try:
                result = execute(self)
                for state in self.states:
                    state.__dict__.pop("_recorded", None)
                return result
            finally:
                del recording.flushes[depth:]

        def _delete(self, instance):
            before = set(self._deleted)
            delete(self, instance)
            for state in set(self._deleted) - before:
                recording.mark(state, "delete()")

        for cls in (Query, Select):
            _remember_builder(cls, recording)
        InstanceState._modified_event = _modified_event
        Generative._generate = _generate
        UOWTransaction._generate_actions = _generate_actions
        UOWTransaction.execute = _execute
        Session.delete = _delete


def _remember_builder(cls, recording):
    create = cls.__init__

    def __init__(self, *args, **kwargs):
        create(self, *args, **kwargs)
        self.__dict__["_recorded_origin"] = recording.builder()

    cls.__init__ = __init__


def _applications():
    """Classes of which one object stands for the whole program."""
    found = []
    for module, name in (("flask", "Flask"), ("flask_sqlalchemy", "SQLAlchemy")):
        try:
            found.append(getattr(__import__(module), name))
        except ImportError:
            continue
    return found


if __name__ == "__main__":
    run(Recording, *sys.argv[1:])
