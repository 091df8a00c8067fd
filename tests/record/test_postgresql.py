"""The same schema, and the same locks, on a real PostgreSQL.

The statements are Alembic's own, written down for the dialect and run by psql, so no driver is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from mtsession.record.migrations.locks import LOCKED_TABLES, LOCKS
from mtsession.record.migrations.upgrade import HEAD, alembic_config
from mtsession.record.models import Base

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")

ROWS = """
INSERT INTO sessions (id) VALUES ('s-1');
INSERT INTO notes (id, session_id, started_at, duration_s, simulated, format, state, observed, reading, plan, saved_at)
  VALUES ('signed', 's-1', now(), 60, false, 'narrative', 'draft', 'as signed', '', '', now()),
         ('draft', 's-1', now(), 60, false, 'narrative', 'draft', '', '', '', now());
INSERT INTO note_sentences VALUES ('signed', 0, 'k', 'text', 8, true, '[]'), ('draft', 0, 'k', 'text', 8, true, '[]');
UPDATE notes SET state = 'signed', signed_at = now(), signer_name = 'n', signer_registration = 'r', sha256 = 'h',
  chain_head = 'c', signed_content = '{}' WHERE id = 'signed';
INSERT INTO amendments VALUES ('signed', 1, 'words', 'reason', now(), 'n', 'r', 'h', 'c', '{}');
INSERT INTO audit VALUES (1, now(), 'w', 'a', 'k', 'e', '{}', 'p', 'h');
INSERT INTO clients VALUES ('c-1', 'K-07', 'orange', now(), NULL);
INSERT INTO consents VALUES ('e-1', 'c-1', 'audio', true, 'the client', now());
"""

REFUSED = [
    "UPDATE notes SET observed = 'x' WHERE id = 'signed'",
    "UPDATE notes SET state = 'draft' WHERE id = 'signed'",
    "UPDATE notes SET id = 'x' WHERE id = 'draft'",
    "DELETE FROM notes WHERE id = 'signed'",
    "UPDATE note_sentences SET text = 'x' WHERE note_id = 'signed'",
    "UPDATE note_sentences SET note_id = 'signed', place = 5 WHERE note_id = 'draft'",
    "DELETE FROM note_sentences WHERE note_id = 'signed'",
    "INSERT INTO note_sentences VALUES ('signed', 5, 'k', 'x', 8, true, '[]')",
    "UPDATE amendments SET text = 'x'",
    "DELETE FROM amendments",
    "INSERT INTO amendments VALUES ('draft', 1, 'x', 'reason', now(), 'n', 'r', 'h', 'c', '{}')",
    "UPDATE audit SET who = 'x'",
    "DELETE FROM audit",
    "INSERT INTO audit VALUES (0, now(), 'w', 'a', 'k', 'e', '{}', 'p', 'h')",
    "UPDATE consents SET given = false",
    "DELETE FROM consents",
    *(f"TRUNCATE {table} CASCADE" for table in LOCKED_TABLES),
]


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL of our own, reached by a socket in its own folder only."""

    programs: Path
    home: Path

    def run(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        as_owner = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
        return subprocess.run(
            [*as_owner, *arguments], cwd=self.home, input=text, capture_output=True, text=True, check=False, timeout=60
        )

    def program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self.run(str(self.programs / name), *arguments)
        assert done.returncode == 0, done.stderr
        return done

    def sql(self, statements: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
        where = ("-h", str(self.home), "-U", "postgres", "-d", database)
        return self.run(
            str(self.programs / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *where, text=statements
        )

    def told(self, statements: str, database: str = "postgres") -> str:
        done = self.sql(statements, database)
        assert done.returncode == 0, done.stderr
        return done.stdout


def programs() -> Path | None:
    """Where initdb and its like are, None where PostgreSQL is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    candidates = (folder for place in PLACES for folder in Path("/").glob(place.lstrip("/")))
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = None if sys.platform == "win32" else programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    home = Path(tempfile.mkdtemp(prefix="mtpg"))
    if os.getuid() == 0:
        shutil.chown(home, "postgres")
    made = Cluster(found, home)
    try:
        made.program("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        made.program("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
        yield made
        made.program("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Cluster:
    """The database `postgres`, migrated, with a signed note and a draft in it."""
    written = StringIO()
    config = alembic_config(dialect="postgresql")
    config.output_buffer = written
    command.upgrade(config, HEAD, sql=True)
    cluster.told(written.getvalue())
    cluster.told(ROWS)
    return cluster


@pytest.mark.parametrize("statement", REFUSED)
def test_postgresql_refuses(migrated: Cluster, statement: str) -> None:
    done = migrated.sql(statement)
    assert done.returncode != 0
    assert "a signed note cannot be changed" in done.stderr or "only additions are allowed" in done.stderr
    assert migrated.told("SELECT observed FROM notes WHERE id = 'signed'").strip() == "as signed"


def test_on_postgresql_a_draft_can_be_changed_and_deleted(migrated: Cluster) -> None:
    told = migrated.told(
        "BEGIN; UPDATE notes SET observed = 'x' WHERE id = 'draft'; DELETE FROM notes WHERE id = 'draft';"
        " SELECT count(*) FROM note_sentences; ROLLBACK;"
    )
    assert told.strip() == "1"


def test_on_postgresql_additions_are_allowed(migrated: Cluster) -> None:
    migrated.told(
        "BEGIN; INSERT INTO amendments VALUES ('signed', 2, 'x', 'reason', now(), 'n', 'r', 'h', 'c', '{}');"
        " INSERT INTO audit VALUES (2, now(), 'w', 'a', 'k', 'e', '{}', 'p', 'h'); ROLLBACK;"
    )


def test_on_postgresql_every_lock_is_in_place(migrated: Cluster) -> None:
    found = migrated.told("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname").split()
    assert sorted(found) == sorted(
        [lock.name for lock in LOCKS] + [f"lock_{table}_truncate" for table in LOCKED_TABLES]
    )


def test_on_postgresql_too_the_schema_of_the_models_is_that_of_the_migrations(migrated: Cluster) -> None:
    migrated.told("CREATE DATABASE from_models")
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = Base.metadata.sorted_tables
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    statements += [str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes]
    migrated.told(";".join(statements), "from_models")
    assert shape(migrated, "from_models") == shape(migrated, "postgres")
    assert len(shape(migrated, "postgres")) > 60


def shape(cluster: Cluster, database: str) -> list[str]:
    """Columns, constraints and indexes as PostgreSQL itself describes them."""
    return cluster.told(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
        " ORDER BY 1, 2;"
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2;"
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1;",
        database,
    ).splitlines()
