"""A session file with a wrong key, a flipped bit or a missing part says so; it never reads as something else."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mtsession.capture.database import SALT_BYTES, SIGNATURE, open_to_read, salt_of
from mtsession.capture.flac import Frames
from mtsession.capture.journal import PAGE_BYTES, TORN_COMMITS, ignored_commits, journal_of
from mtsession.capture.keys import new_session_key
from mtsession.capture.reader import read_audio, read_facts, read_session
from mtsession.capture.writer import SessionWriter
from mtsession.errors import SessionFormatError, SessionKeyError
from mtsession.session import Session
from tests.capture.making import CLIENT, KEY, NEVER, OUTPUT, a_note, header, noise, write

FLIPS = 300


@dataclass(frozen=True)
class Whole:
    """A file as it was written, and all that it reads as."""

    path: Path
    content: bytes
    session: Session
    frames: Frames


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    path = tmp_path_factory.mktemp("whole") / "s.mts"
    notes = [event for number in range(1, 400) for event in a_note(number, number / 10)]
    write(path, notes, frames=noise(24_000, channels=1))
    return Whole(path, path.read_bytes(), read_session(path, KEY), read_audio(path, KEY, "output"))


def damaged(whole: Whole, folder: Path, content: bytes) -> bool:
    """Whether a full read says so; otherwise it must read the same."""
    path = folder / "s.mts"
    path.write_bytes(content)
    try:
        session, frames = read_session(path, KEY), read_audio(path, KEY, "output")
    except SessionFormatError:
        return True
    assert session == whole.session
    assert np.array_equal(frames, whole.frames)
    return False


def flipped(content: bytes, byte: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[byte] ^= 1 << bit
    return bytes(changed)


def test_a_flipped_bit_anywhere_is_said_or_changes_nothing(whole: Whole, tmp_path: Path) -> None:
    chance = random.Random(20260114)
    n_pages = len(whole.content) // PAGE_BYTES
    bytes_everywhere = [chance.randrange(len(whole.content)) for _ in range(FLIPS)]
    page_edges = [page * PAGE_BYTES + at for page in range(n_pages) for at in (0, PAGE_BYTES - 1)]
    found = [
        damaged(whole, tmp_path, flipped(whole.content, byte, chance.randrange(8)))
        for byte in bytes_everywhere + page_edges
    ]
    print(f"{sum(found)} of {len(found)} flips were said, the others changed nothing")
    assert sum(found) > 0.9 * len(found)


@pytest.mark.parametrize("byte", range(SALT_BYTES))
def test_a_flipped_bit_in_the_first_bytes_is_damage_and_no_other_key(whole: Whole, tmp_path: Path, byte: int) -> None:
    assert damaged(whole, tmp_path, flipped(whole.content, byte, 3))


@pytest.mark.parametrize("cut", [0, 5, SALT_BYTES, 100, PAGE_BYTES, 5 * PAGE_BYTES, -PAGE_BYTES, -1])
def test_a_file_that_was_cut_short_is_damaged(whole: Whole, tmp_path: Path, cut: int) -> None:
    assert damaged(whole, tmp_path, whole.content[:cut])


def test_two_pages_that_changed_places_are_damage(whole: Whole, tmp_path: Path) -> None:
    pages = [whole.content[at : at + PAGE_BYTES] for at in range(0, len(whole.content), PAGE_BYTES)]
    pages[2], pages[3] = pages[3], pages[2]
    assert damaged(whole, tmp_path, b"".join(pages))


def test_another_key_is_said_to_be_another_key(whole: Whole) -> None:
    for _ in range(50):
        with pytest.raises(SessionKeyError, match=r"s\.mts was sealed with another key"):
            read_session(whole.path, new_session_key())


def test_the_writer_says_it_too(whole: Whole) -> None:
    with pytest.raises(SessionKeyError):
        SessionWriter(whole.path, new_session_key(), header=None)
    assert whole.path.read_bytes() == whole.content


@pytest.mark.parametrize("content", [b"", b"MThd\0\0\0\6", b"a letter to nobody" * 1000, bytes(2 * PAGE_BYTES)])
def test_what_is_no_session_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(SessionFormatError, match=r"letter\.txt is not a session file"):
        read_session(path, KEY)


def test_a_plain_database_is_no_session_file(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE header (session_id)")
    database.close()
    with pytest.raises(SessionFormatError, match="is not a session file"):
        read_facts(path, KEY)


def test_a_missing_file_and_a_folder_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mts", tmp_path):
        with pytest.raises(SessionFormatError, match="cannot be read"):
            read_session(path, KEY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("PRAGMA user_version = 99", "format 99, which this program does not know"),
        ("PRAGMA application_id = 7", "is not a session file"),
        ("DELETE FROM header", "is damaged"),
        ("UPDATE players SET role = 'emperor'", "is damaged"),
        ("DROP TABLE contacts", "is damaged"),
    ],
)
def test_a_sealed_database_that_is_no_session_of_ours_is_said(tmp_path: Path, change: str, said: str) -> None:
    path = tmp_path / "s.mts"
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer._database.execute(change)
    writer.abandon()
    with pytest.raises(SessionFormatError, match=said):
        read_session(path, KEY)


def test_audio_that_is_no_flac_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "s.mts"
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put_audio(OUTPUT, 0, noise(100))
    writer._tick()
    writer._database.execute("UPDATE audio_blocks SET flac = x'00'")
    writer.abandon()
    with pytest.raises(SessionFormatError, match="is damaged"):
        read_audio(path, KEY, "output")


def test_reading_changes_nothing(whole: Whole) -> None:
    with open_to_read(whole.path, KEY) as database, pytest.raises(Exception, match="readonly"):
        database.execute("DELETE FROM contacts")


def test_the_first_bytes_tell_the_file_and_check_the_key() -> None:
    assert salt_of(KEY).startswith(SIGNATURE)
    assert len(salt_of(KEY)) == SALT_BYTES
    assert salt_of(KEY) != salt_of(new_session_key())


@dataclass(frozen=True)
class Killed:
    """A session as a kill leaves it: the file and its journal."""

    file: bytes
    journal: bytes
    n_notes: int

    def lay(self, folder: Path, journal: bytes) -> Path:
        path = folder / "killed.mts"
        path.write_bytes(self.file)
        journal_of(path).write_bytes(journal)
        return path


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Thirty ticks with a note each."""
    path = tmp_path_factory.mktemp("killed") / "running.mts"
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    for number in range(1, 31):
        for event in a_note(number, number / 10):
            writer.put(event)
        writer._tick()
    left = Killed(path.read_bytes(), journal_of(path).read_bytes(), 30)
    writer.abandon()
    return left


def test_a_whole_journal_has_nothing_that_would_be_left_out(killed: Killed, tmp_path: Path) -> None:
    assert ignored_commits(killed.journal) == 0
    assert len(read_session(killed.lay(tmp_path, killed.journal), KEY).notes(CLIENT)) == killed.n_notes


def test_a_bit_flipped_in_the_journal_is_said_or_loses_the_last_tick_at_most(killed: Killed, tmp_path: Path) -> None:
    chance, said = random.Random(1), 0
    everywhere = [chance.randrange(len(killed.journal)) for _ in range(150)]
    for byte in [*range(60), *everywhere]:
        path = killed.lay(tmp_path, flipped(killed.journal, byte, 2))
        try:
            assert len(read_session(path, KEY).notes(CLIENT)) >= killed.n_notes - 1
        except SessionFormatError:
            said += 1
            assert journal_of(path).read_bytes() == flipped(killed.journal, byte, 2), "a backup may mend it"
    assert said > 180


def test_a_journal_that_a_power_cut_tore_is_read_as_far_as_it_goes(killed: Killed, tmp_path: Path) -> None:
    path = killed.lay(tmp_path, killed.journal[: -PAGE_BYTES // 2])
    assert len(read_session(path, KEY).notes(CLIENT)) == killed.n_notes - 1


def test_frames_of_an_earlier_run_of_the_journal_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "s.mts"
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    for number in range(1, 40):
        if number == 30:
            writer._database.execute("PRAGMA wal_checkpoint(RESTART)")
        writer.put(a_note(number, number / 10)[0])
        writer._tick()
    assert ignored_commits(journal_of(path).read_bytes()) == 0
    writer.abandon()


@pytest.mark.parametrize("journal", [b"", bytes(31), bytes(32), bytes(5000), b"\xff" * 5000])
def test_what_is_no_journal_has_nothing_to_leave_out(journal: bytes) -> None:
    assert ignored_commits(journal) <= TORN_COMMITS
