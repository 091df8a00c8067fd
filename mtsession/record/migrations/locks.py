"""How does the database itself keep what was signed? By triggers, for SQLite and for PostgreSQL.

A batch migration on SQLite copies a table, drops the old one with its triggers, and cannot even rename the copy while
another table's trigger looks at the name. So the locks are taken off before the steps of an upgrade and put on anew
after the last, in the same transaction (`env.py`): a revision need not think of them.

On SQLite, REPLACE removes the row it meets without firing a delete trigger, so inserting over a locked row and moving
another row onto its key are refused too. On PostgreSQL, TRUNCATE is refused as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

NOTE_LOCKED = "a signed note cannot be changed"
APPEND_ONLY = "only additions are allowed here"

KEPT_AFTER = "EXISTS (SELECT 1 FROM amendments AS kept WHERE kept.note_id = NEW.note_id AND kept.place >= NEW.place)"
"""An amendment would come before, or in place of, one that is there."""

SIGNED = "EXISTS (SELECT 1 FROM notes WHERE notes.id = {row}.{column} AND notes.state = 'signed')"
"""The note of this row is signed."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Refuses `event` on `table` where `condition` holds for the rows OLD and NEW."""

    table: str
    event: str
    condition: str
    message: str

    @property
    def name(self) -> str:
        return f"lock_{self.table}_{self.event.lower()}"


LOCKS = (
    Lock("notes", "UPDATE", "OLD.state = 'signed' OR NEW.id <> OLD.id", NOTE_LOCKED),
    Lock("notes", "DELETE", "OLD.state = 'signed'", NOTE_LOCKED),
    Lock("notes", "INSERT", SIGNED.format(row="NEW", column="id"), NOTE_LOCKED),
    Lock("note_sentences", "INSERT", SIGNED.format(row="NEW", column="note_id"), NOTE_LOCKED),
    Lock(
        "note_sentences",
        "UPDATE",
        f"{SIGNED.format(row='OLD', column='note_id')} OR {SIGNED.format(row='NEW', column='note_id')}",
        NOTE_LOCKED,
    ),
    Lock("note_sentences", "DELETE", SIGNED.format(row="OLD", column="note_id"), NOTE_LOCKED),
    Lock(
        "amendments",
        "INSERT",
        f"NOT {SIGNED.format(row='NEW', column='note_id')} OR {KEPT_AFTER}",
        APPEND_ONLY,
    ),
    Lock("amendments", "UPDATE", "TRUE", APPEND_ONLY),
    Lock("amendments", "DELETE", "TRUE", APPEND_ONLY),
    Lock("audit", "INSERT", "EXISTS (SELECT 1 FROM audit AS kept WHERE kept.seq >= NEW.seq)", APPEND_ONLY),
    Lock("audit", "UPDATE", "TRUE", APPEND_ONLY),
    Lock("audit", "DELETE", "TRUE", APPEND_ONLY),
    Lock("consents", "INSERT", "EXISTS (SELECT 1 FROM consents AS kept WHERE kept.id = NEW.id)", APPEND_ONLY),
    Lock("consents", "UPDATE", "TRUE", APPEND_ONLY),
    Lock("consents", "DELETE", "TRUE", APPEND_ONLY),
)

LOCKED_TABLES = tuple(dict.fromkeys(lock.table for lock in LOCKS))


def lock_statements(dialect: str) -> Iterator[str]:
    """The statements that put every lock in place; "sqlite" or "postgresql"."""
    if dialect == "sqlite":
        yield from map(_sqlite, LOCKS)
        return
    for lock in LOCKS:
        yield from _postgresql(lock)
    for table in LOCKED_TABLES:
        yield from _postgresql_truncate(table)


def locks_in_place(connection: Connection | None) -> Sequence[str]:
    """The locks a SQLite record has now, also an earlier program's; PostgreSQL's can stay on while it changes."""
    if connection is None or connection.dialect.name != "sqlite":
        return ()
    found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'lock_%'"
    return connection.execute(text(found)).scalars().all()


def unlock_statement(name: str) -> str:
    """Take one lock off."""
    return f"DROP TRIGGER {name}"


def _sqlite(lock: Lock) -> str:
    return (
        f"CREATE TRIGGER {lock.name} BEFORE {lock.event} ON {lock.table} WHEN {lock.condition}"
        f" BEGIN SELECT RAISE(ABORT, '{lock.message}'); END"
    )


def _postgresql(lock: Lock) -> Iterator[str]:
    going_on = "OLD" if lock.event == "DELETE" else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {lock.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {lock.condition} THEN RAISE EXCEPTION '{lock.message}'; END IF; RETURN {going_on}; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {lock.name} BEFORE {lock.event} ON {lock.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {lock.name}()"
    )


def _postgresql_truncate(table: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION lock_{table}_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER lock_{table}_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION lock_{table}_truncate()"
    )
