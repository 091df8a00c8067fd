"""What the database itself refuses, whoever asks: changes to what was signed, gaps in what only grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mtsession.config import DataFolder
from mtsession.record import keys
from mtsession.record.migrations.locks import LOCKS
from mtsession.record.notes.note import SessionNote, Signer
from mtsession.record.store import Record, sealed_engine

NOTE_COLUMNS = "id, session_id, started_at, duration_s, simulated, format, state, observed, reading, plan, saved_at"

REFUSED = [
    "UPDATE notes SET observed = 'x' WHERE id = :signed",
    "UPDATE notes SET state = 'draft' WHERE id = :signed",
    "UPDATE notes SET id = 'x' WHERE id = :signed",
    "DELETE FROM notes WHERE id = :signed",
    (
        f"INSERT OR REPLACE INTO notes ({NOTE_COLUMNS})"
        " VALUES (:signed, 's-1', '2026', 1, 0, 'narrative', 'draft', '', '', '', '2026')"
    ),
    "UPDATE OR REPLACE notes SET id = :signed WHERE id = :draft",
    "UPDATE note_sentences SET text = 'x' WHERE note_id = :signed",
    "UPDATE note_sentences SET note_id = :signed, place = 9 WHERE note_id = :draft AND place = 0",
    "DELETE FROM note_sentences WHERE note_id = :signed",
    "INSERT INTO note_sentences VALUES (:signed, 9, 'k', 'x', 1, 1, '[]')",
    "INSERT OR REPLACE INTO note_sentences VALUES (:signed, 0, 'k', 'x', 1, 1, '[]')",
    "UPDATE amendments SET text = 'x'",
    "DELETE FROM amendments",
    (
        "INSERT OR REPLACE INTO amendments SELECT note_id, place, 'x', reason, signed_at, signer_name,"
        " signer_registration, sha256, chain_head, signed_content FROM amendments"
    ),
    (
        "INSERT INTO amendments SELECT :draft, 1, 'x', reason, signed_at, signer_name, signer_registration, sha256,"
        " chain_head, signed_content FROM amendments"
    ),
    "UPDATE audit SET who = 'x' WHERE seq = 1",
    "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)",
    (
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'x', action, kind, entity, detail, previous, hash FROM audit"
        " WHERE seq = 1"
    ),
]


@pytest.fixture
def notes(record: Record, make_note: Callable[..., SessionNote], signer: Signer) -> dict[str, str]:
    """The ids of a signed and amended note and of a draft of the same session."""
    signed, draft = record.save_draft(make_note()).id, record.save_draft(make_note()).id
    assert signed is not None
    assert draft is not None
    record.sign(signed, signer)
    record.amend(signed, "words", signer, reason="a reason")
    return {"signed": signed, "draft": draft}


@pytest.fixture
def connection(record: Record, folder: DataFolder, passphrase: str) -> Iterator[Connection]:
    """Beside the store's own methods, on the database itself."""
    engine = sealed_engine(folder.record / "record.db", keys.unlock(folder, passphrase).database_key)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(record: Record, notes: dict[str, str], connection: Connection, statement: str) -> None:
    before = record.note(notes["signed"]), record.audit()
    wanted = {name: value for name, value in notes.items() if f":{name}" in statement}
    with pytest.raises(DBAPIError, match=r"a signed note cannot be changed|only additions are allowed here"):
        connection.execute(text(statement), wanted)
    connection.rollback()
    assert (record.note(notes["signed"]), record.audit()) == before


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_replacing_is_refused_whatever_the_connections_settings(
    record: Record, notes: dict[str, str], connection: Connection, recursive: str
) -> None:
    connection.exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
    with pytest.raises(DBAPIError, match="a signed note cannot be changed"):
        connection.execute(
            text("INSERT OR REPLACE INTO note_sentences VALUES (:signed, 0, 'k', 'x', 1, 1, '[]')"),
            {"signed": notes["signed"]},
        )


@pytest.mark.parametrize("table", ["notes", "note_sentences"])
def test_a_draft_can_be_changed_and_deleted(
    record: Record, notes: dict[str, str], connection: Connection, table: str
) -> None:
    column = "id" if table == "notes" else "note_id"
    deleted = connection.execute(text(f"DELETE FROM {table} WHERE {column} = :draft"), {"draft": notes["draft"]})
    assert deleted.rowcount > 0


def test_deleting_a_draft_takes_its_sentences_along(
    record: Record, notes: dict[str, str], connection: Connection
) -> None:
    connection.execute(text("DELETE FROM notes WHERE id = :draft"), {"draft": notes["draft"]})
    left = connection.execute(text("SELECT DISTINCT note_id FROM note_sentences")).scalars().all()
    assert left == [notes["signed"]]


def test_a_signed_state_without_a_signature_is_refused(
    record: Record, notes: dict[str, str], connection: Connection
) -> None:
    with pytest.raises(DBAPIError, match="ck_notes_signature"):
        connection.execute(text("UPDATE notes SET state = 'signed' WHERE id = :draft"), {"draft": notes["draft"]})


def test_consents_are_only_added_to(record: Record, connection: Connection) -> None:
    insert = (
        "INSERT OR REPLACE INTO consents SELECT 'c-1', id, 'audio', 1, 'the client', '2026-03-04 00:00:00' FROM clients"
    )
    connection.exec_driver_sql(insert)
    for statement in (insert, "UPDATE consents SET given = 0", "DELETE FROM consents"):
        with pytest.raises(DBAPIError, match="only additions"):
            connection.exec_driver_sql(statement)


def test_every_lock_is_in_the_database(record: Record, connection: Connection) -> None:
    found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    assert sorted(found) == sorted(lock.name for lock in LOCKS)
