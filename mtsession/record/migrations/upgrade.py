"""How is an opened record brought to this program's schema?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from mtsession.errors import RecordError
from mtsession.record.refusals import refusal

HEAD = "0001"
"""The newest revision; a test holds it to Alembic's own."""

PLACE = "mtsession.record:migrations"
VERSIONS = f"{PLACE}/versions"


def alembic_config(
    connection: Connection | None = None, *, dialect: str = "sqlite", versions: Sequence[str] = (VERSIONS,)
) -> Config:
    """Alembic's settings without a file; without a connection it only writes the dialect's statements down."""
    config = Config()
    config.set_main_option("script_location", PLACE)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(versions))
    config.attributes["connection"] = connection
    config.attributes["dialect"] = dialect
    return config


def bring_up_to_date(engine: Engine, *, to: str = HEAD, versions: Sequence[str] = (VERSIONS,)) -> None:
    """Take the steps that are missing, all or none of them. Raises RecordError for a record of a newer program."""
    with engine.connect() as connection:
        if _revision(connection) == to:
            return
        connection.rollback()
        with without_foreign_keys(connection), connection.begin():
            _upgrade(connection, to, versions)


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite's foreign keys off, before a transaction begins: inside one the switch does nothing.

    A batch migration drops the old table, and with foreign keys on that silently deletes every child row.
    """
    _foreign_keys(connection, "OFF")
    try:
        yield
    finally:
        _foreign_keys(connection, "ON")


def _upgrade(connection: Connection, to: str, versions: Sequence[str]) -> None:
    try:
        command.upgrade(alembic_config(connection, versions=versions), to)
    except CommandError as error:
        raise refusal(RecordError, "newer") from error
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise refusal(RecordError, "migration_torn")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _foreign_keys(connection: Connection, switch: str) -> None:
    """Beside SQLAlchemy's transactions, on the driver's own connection."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={switch}")
        cursor.close()
