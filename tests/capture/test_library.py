"""Sessions are listed, also those that cannot be opened, and found by what a person types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mtsession.capture.keys import folder_opener, folder_sealer, new_pair, new_session_key, wrap
from mtsession.capture.library import Access, find, new_session_id, open_session, session_ids, sessions
from mtsession.config import DataFolder
from mtsession.errors import SessionKeyError, SessionNotFoundError
from tests.capture.making import BEGAN, CLIENT, a_note, keep

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_an_id_is_the_start_in_utc_and_four_digits() -> None:
    assert new_session_id(BEGAN, "3fa2") == "20260114-093000-3fa2"
    in_another_zone = BEGAN.astimezone(timezone(timedelta(hours=5)))
    assert new_session_id(in_another_zone, "3fa2") == "20260114-093000-3fa2"


def test_two_sessions_of_one_second_have_different_ids() -> None:
    assert len({new_session_id(BEGAN) for _ in range(20)}) > 1


def test_sessions_are_listed_newest_first_with_what_is_known(folder: DataFolder) -> None:
    older = keep(folder, a_note(1, 0.0))
    newer = keep(folder, [*a_note(1, 0.0), *a_note(2, 1.0)], began=BEGAN + DAY)
    listed = sessions(folder, folder_opener(folder))
    assert [line.id for line in listed] == [newer, older]
    assert [line.n_notes for line in listed] == [2, 1]
    assert (listed[1].started_at, listed[1].duration_s, listed[1].simulated) == (BEGAN, 10.0, True)
    assert listed[1].players[0].seat == CLIENT


def test_without_an_opener_every_session_is_locked_and_listed_with_its_day(folder: DataFolder) -> None:
    session_id = keep(folder)
    (line,) = sessions(folder, None)
    assert (line.id, line.access, line.started_at) == (session_id, Access.LOCKED, BEGAN.replace(microsecond=0))
    assert (line.duration_s, line.n_notes, line.players) == (None, None, ())


def test_a_session_of_another_key_does_not_hide_the_others(folder: DataFolder) -> None:
    mine, other, orphan = (keep(folder, began=BEGAN + day * DAY) for day in range(3))
    folder.session_key(other).unlink()
    wrap(folder, other, new_session_key(), new_pair()[1].sealer())
    folder.session_key(orphan).unlink()
    assert {line.id: line.access for line in sessions(folder, folder_opener(folder))} == {
        mine: Access.READABLE,
        other: Access.LOCKED,
        orphan: Access.LOCKED,
    }


def test_a_damaged_session_does_not_hide_the_others(folder: DataFolder) -> None:
    whole, broken = keep(folder), keep(folder, began=BEGAN + DAY)
    path = folder.session_file(broken)
    path.write_bytes(path.read_bytes()[:5000])
    listed = sessions(folder, folder_opener(folder))
    assert [(line.id, line.access) for line in listed] == [(broken, Access.DAMAGED), (whole, Access.READABLE)]


def test_other_files_of_the_folder_are_no_sessions(folder: DataFolder) -> None:
    session_id = keep(folder)
    for name in ("notes.mts", ".20260114-093000-3fa2.mts.new", "20260114-093000-3fa2.mts-wal"):
        (folder.sessions / name).write_bytes(b"")
    assert session_ids(folder) == (session_id,)


def test_an_empty_or_missing_folder_has_no_sessions(folder: DataFolder) -> None:
    assert sessions(folder, None) == ()
    with pytest.raises(SessionNotFoundError, match="no session in the data folder yet"):
        find(folder, "last")


def test_a_session_is_found_by_last_by_its_id_and_by_the_beginning_of_it(folder: DataFolder) -> None:
    older, newer = keep(folder, token="3fa2"), keep(folder, began=BEGAN + DAY)
    assert find(folder, "last") == newer
    assert find(folder, older) == older
    assert find(folder, "20260114") == older


def test_a_beginning_of_several_ids_names_them(folder: DataFolder) -> None:
    first, second = keep(folder, token="0001"), keep(folder, token="0002")
    with pytest.raises(SessionNotFoundError, match=f"several sessions: {second}, {first}"):
        find(folder, "20260114")


@pytest.mark.parametrize("which", ["", "tomorrow", "../20260114-093000-3fa2", "20260114-093000-3fa2.mts"])
def test_what_is_no_session_is_not_found(folder: DataFolder, which: str) -> None:
    keep(folder, token="3fa2")
    with pytest.raises(SessionNotFoundError, match="There is no session"):
        find(folder, which)


def test_a_session_is_opened_by_who_may(folder: DataFolder) -> None:
    session_id = keep(folder, a_note(1, 0.0))
    opener = folder_opener(folder)
    assert opener is not None
    assert len(open_session(folder, session_id, opener).notes(CLIENT)) == 1
    with pytest.raises(SessionKeyError):
        open_session(folder, session_id, new_pair()[1])


def test_the_start_of_an_id_is_utc(folder: DataFolder) -> None:
    keep(folder, began=datetime(2026, 7, 1, 23, 59, 59, tzinfo=UTC))
    (line,) = sessions(folder, None)
    assert line.started_at == datetime(2026, 7, 1, 23, 59, 59, tzinfo=UTC)


def test_sealing_for_the_folder_needs_no_passphrase(folder: DataFolder) -> None:
    assert len(folder_sealer(folder).public) == 32
