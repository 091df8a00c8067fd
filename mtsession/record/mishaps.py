"""What went wrong with the database that a person can mend? SQLite says it in fixed words (`sqlite3_errstr`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from mtsession.errors import DiskFullError, MtSessionError, RecordError
from mtsession.record.refusals import refusal

MISHAPS: tuple[tuple[str, type[MtSessionError], str], ...] = (
    ("database or disk is full", DiskFullError, "disk_full"),
    ("database is locked", RecordError, "database_busy"),
    ("file is not a database", RecordError, "database_closed"),
    ("database disk image is malformed", RecordError, "database_closed"),
    ("disk I/O error", RecordError, "database_unreachable"),
    ("unable to open database file", RecordError, "database_unreachable"),
    ("attempt to write a readonly database", RecordError, "database_unreachable"),
)


@contextmanager
def in_words() -> Iterator[None]:
    """Raise what the driver says through SQLAlchemy as one clear line; anything else is a fault and shows."""
    try:
        yield
    except DBAPIError as error:
        raise mishap(error) or error from error


def mishap(error: Exception) -> MtSessionError | None:
    """The clear line for a driver's error; None for one that no person can mend."""
    said = str(error)
    return next((refusal(kind, key) for words, kind, key in MISHAPS if words in said), None)
