"""How is an opened record brought to this program's schema?"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from mtsession.errors import RecordError
from mtsession.record.refusals import refusal

HEAD = "0001"
"""The newest revision; a test holds it to Alembic's own."""


def alembic_config(connection: Connection | None = None, *, dialect: str = "sqlite") -> Config:
    """Alembic's settings without a file; without a connection it only writes the dialect's statements down."""
    config = Config()
    config.set_main_option("script_location", "mtsession.record:migrations")
    config.attributes["connection"] = connection
    config.attributes["dialect"] = dialect
    return config


def bring_up_to_date(engine: Engine, *, to: str = HEAD) -> None:
    """Take the steps that are missing, all or none of them.

    On SQLite, foreign keys are off before the transaction begins (inside it the switch does nothing): a batch
    migration drops the old table, and with foreign keys on that silently deletes every child row. They are checked
    before it is committed. Raises RecordError for a record of a newer program.
    """
    with engine.connect() as connection:
        if _revision(connection) == to:
            return
        connection.rollback()
        _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                _upgrade(connection, to)
        finally:
            _foreign_keys(connection, "ON")


def _upgrade(connection: Connection, to: str) -> None:
    try:
        command.upgrade(alembic_config(connection), to)
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
