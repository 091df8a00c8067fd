"""What goes wrong with the record's file is told in one clear line, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from mtsession.config import DataFolder
from mtsession.errors import DiskFullError, RecordError
from mtsession.record import keys
from mtsession.record.mishaps import in_words, mishap
from mtsession.record.notes.note import OwnText, SessionNote
from mtsession.record.store import Record, open_record

PAGE = 4096


def test_a_full_disk_is_said_and_the_draft_stays_as_it_was(
    record: Record, make_note: Callable[..., SessionNote]
) -> None:
    saved = record.save_draft(make_note())
    connection = record._engine.raw_connection()
    connection.cursor().execute("PRAGMA max_page_count=1")
    connection.close()
    with pytest.raises(DiskFullError, match=r"disk is full.*Make room"):
        record.save_draft(make_note(own=OwnText(observed="x" * 100_000)))
    assert record.notes("s-1") == (saved,)


@pytest.fixture
def closed(
    folder: DataFolder, passphrase: str, cheap: keys.KdfLimits, make_note: Callable[..., SessionNote]
) -> tuple[Path, str]:
    """The file of a record that is closed, and the id of a long note in it."""
    keys.create_record(folder, passphrase, limits=cheap)
    with open_record(folder, passphrase) as record:
        saved = record.save_draft(make_note(own=OwnText(observed="x" * 40_000)))
    return folder.record / "record.db", str(saved.id)


def flip(path: Path, places: Iterable[int]) -> None:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 1
    path.write_bytes(content)


def test_a_flipped_bit_in_the_first_page_is_told_when_the_record_is_opened(
    closed: tuple[Path, str], folder: DataFolder, passphrase: str
) -> None:
    flip(closed[0], [1000])
    with pytest.raises(RecordError, match="damaged or belongs to other keys"):
        open_record(folder, passphrase)


def test_a_flipped_bit_in_a_page_of_text_is_told_when_the_note_is_read(
    closed: tuple[Path, str], folder: DataFolder, passphrase: str
) -> None:
    path, note_id = closed
    flip(path, [path.stat().st_size - 2 * PAGE + 1000])
    with open_record(folder, passphrase) as opened, pytest.raises(RecordError, match="damaged"):
        opened.note(note_id)


def test_a_damaged_record_writes_nothing_to_the_terminal(
    closed: tuple[Path, str], folder: DataFolder, passphrase: str, capfd: pytest.CaptureFixture[str]
) -> None:
    flip(closed[0], [1000])
    with pytest.raises(RecordError):
        open_record(folder, passphrase)
    assert capfd.readouterr() == ("", "")


def test_a_file_of_other_bytes_is_told(folder: DataFolder, passphrase: str, cheap: keys.KdfLimits) -> None:
    keys.create_record(folder, passphrase, limits=cheap)
    (folder.record / "record.db").write_bytes(os.urandom(3 * PAGE))
    with pytest.raises(RecordError, match="damaged or belongs to other keys"):
        open_record(folder, passphrase)


def test_a_file_that_cannot_be_opened_is_told(folder: DataFolder, passphrase: str, cheap: keys.KdfLimits) -> None:
    keys.create_record(folder, passphrase, limits=cheap)
    (folder.record / "record.db").mkdir()
    with pytest.raises(RecordError, match="cannot be opened or written"):
        open_record(folder, passphrase)


def test_a_writer_that_does_not_end_is_told_as_another_program() -> None:
    told = mishap(OperationalError("", {}, Exception("database is locked")))
    assert isinstance(told, RecordError)
    assert "Another program" in str(told)


def test_a_fault_of_the_program_is_not_dressed_up() -> None:
    with pytest.raises(OperationalError, match="no such table"), in_words():
        raise OperationalError("SELECT", {}, Exception("no such table: x"))


def test_an_error_that_is_logged_carries_no_text_of_a_note(record: Record) -> None:
    with pytest.raises(OperationalError) as caught, record._engine.connect() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "what the client told"})
    assert "what the client told" not in str(caught.value)
