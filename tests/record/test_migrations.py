"""A record of any earlier version becomes one of this version, with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Text, inspect, text

from mtsession.errors import RecordError
from mtsession.record.migrations import upgrade
from mtsession.record.migrations.locks import LOCKS, locks_in_place, unlock_statement
from mtsession.record.migrations.upgrade import HEAD, VERSIONS, alembic_config, bring_up_to_date
from mtsession.record.models import Base
from mtsession.record.store import sealed_engine

KEY = bytes(range(32))

ROWS = (
    "INSERT INTO sessions (id) VALUES ('s-1')",
    (
        "INSERT INTO notes (id, session_id, started_at, duration_s, simulated, format, state, observed, reading, plan,"
        " saved_at)"
        " VALUES ('n-1', 's-1', '2026-03-04 00:00:00', 60, 0, 'narrative', 'draft', '', '', '', '2026-03-04 00:00:00')"
    ),
    *(f"INSERT INTO note_sentences VALUES ('n-1', {place}, 'k', 'text', 1, 0, '[]')" for place in range(3)),
)


LATER_REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    with op.batch_alter_table("notes", recreate="always") as batch:
        batch.add_column(sa.Column("later", sa.Text))
"""


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = sealed_engine(tmp_path / "empty.db", KEY)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Engine]:
    engine = sealed_engine(tmp_path / "migrated.db", KEY)
    bring_up_to_date(engine)
    yield engine
    engine.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    """Everything SQLAlchemy can read of the tables, in comparable form."""
    inspector = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(map(str, inspector.get_foreign_keys(table))),
            "unique": sorted(map(str, inspector.get_unique_constraints(table))),
            "checks": sorted(map(str, inspector.get_check_constraints(table))),
            "indexes": sorted(map(str, inspector.get_indexes(table))),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


@pytest.fixture
def with_a_later_step(tmp_path: Path) -> tuple[str, str]:
    """The program's own revisions, and one more that changes `notes` by batch."""
    (tmp_path / "later_0002.py").write_text(LATER_REVISION, encoding="utf-8")
    return VERSIONS, str(tmp_path)


def add_a_column_by_batch(connection: Connection) -> None:
    """What a later revision may do to a table on SQLite: copy it, drop it, rename the copy."""
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("notes", recreate="always") as batch:
        batch.add_column(Column("later", Text))


def fill(engine: Engine) -> None:
    with engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)


def sentences(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.execute(text("SELECT COUNT(*) FROM note_sentences")).scalar()


def triggers(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(locks_in_place(connection))


def test_the_schema_of_the_models_is_the_schema_of_the_migrations(empty: Engine, migrated: Engine) -> None:
    Base.metadata.create_all(empty)
    assert shape(migrated) == shape(empty)
    assert len(shape(migrated)) == 9


def test_alembic_finds_no_difference_either(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_head_named_in_the_program_is_alembics_own() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_bringing_up_to_date_twice_changes_nothing(migrated: Engine) -> None:
    before = shape(migrated)
    bring_up_to_date(migrated)
    assert shape(migrated) == before


def test_foreign_keys_hold_again_afterwards(migrated: Engine) -> None:
    with migrated.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_batch_migration_keeps_the_child_rows(migrated: Engine, with_a_later_step: tuple[str, str]) -> None:
    fill(migrated)
    bring_up_to_date(migrated, to="0002", versions=with_a_later_step)
    assert sentences(migrated) == 3
    assert "later" in [column["name"] for column in inspect(migrated).get_columns("notes")]


def test_with_foreign_keys_on_the_same_migration_deletes_them(migrated: Engine) -> None:
    fill(migrated)
    with migrated.begin() as connection:
        for lock in locks_in_place(connection):
            connection.exec_driver_sql(unlock_statement(lock))
        add_a_column_by_batch(connection)
    assert sentences(migrated) == 0


def test_every_lock_is_on_again_after_a_batch_migration(migrated: Engine, with_a_later_step: tuple[str, str]) -> None:
    before = triggers(migrated)
    bring_up_to_date(migrated, to="0002", versions=with_a_later_step)
    assert triggers(migrated) == before == sorted(lock.name for lock in LOCKS)


def test_a_step_that_fails_leaves_record_and_locks_as_they_were(migrated: Engine, tmp_path: Path) -> None:
    fill(migrated)
    failing = LATER_REVISION + "    raise RuntimeError('cut short')\n"
    (tmp_path / "later_0002.py").write_text(failing, encoding="utf-8")
    before = shape(migrated), triggers(migrated)
    with pytest.raises(RuntimeError, match="cut short"):
        bring_up_to_date(migrated, to="0002", versions=(VERSIONS, str(tmp_path)))
    assert (shape(migrated), triggers(migrated)) == before
    assert sentences(migrated) == 3


def test_a_record_of_a_newer_program_is_refused_and_left_alone(migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = shape(migrated)
    with pytest.raises(RecordError, match="newer mtsession"):
        bring_up_to_date(migrated)
    assert shape(migrated) == before


def test_rows_that_point_nowhere_stop_the_migration_and_nothing_is_changed(empty: Engine) -> None:
    with empty.connect() as connection, upgrade.without_foreign_keys(connection), connection.begin():
        connection.exec_driver_sql("CREATE TABLE parent (id TEXT PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE child (id TEXT REFERENCES parent (id))")
        connection.exec_driver_sql("INSERT INTO child VALUES ('nobody')")
    with pytest.raises(RecordError, match="point nowhere"):
        bring_up_to_date(empty)
    assert sorted(inspect(empty).get_table_names()) == ["child", "parent"]
