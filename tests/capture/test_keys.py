"""Session keys: sealed for whoever may open them, kept whole, wrapped anew when a record is made."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.capture.keys import (
    KEY_BYTES,
    Opener,
    Sealer,
    folder_opener,
    folder_sealer,
    forget_folder_key,
    new_pair,
    new_session_key,
    publish_record_key,
    unwrap,
    wrap,
    wrap_anew,
)
from mtsession.config import DataFolder
from mtsession.errors import SessionFormatError, SessionKeyError

FIRST, SECOND = "20260114-093000-3fa2", "20260115-093000-0001"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data").make()


def own_opener(folder: DataFolder) -> Opener:
    opener = folder_opener(folder)
    assert opener is not None
    return opener


def test_what_was_sealed_is_opened_by_its_own_opener_only() -> None:
    (_, mine), (_, yours), key = new_pair(), new_pair(), new_session_key()
    sealed = mine.sealer().seal(key)
    assert mine.open(sealed) == key
    with pytest.raises(SessionKeyError):
        yours.open(sealed)


def test_a_key_sealed_twice_does_not_look_the_same() -> None:
    sealer = new_pair()[1].sealer()
    assert sealer.seal(bytes(KEY_BYTES)) != sealer.seal(bytes(KEY_BYTES))


@given(st.integers(0, 8 * (KEY_BYTES + 48) - 1))
def test_a_box_with_any_bit_flipped_does_not_open(bit: int) -> None:
    _, opener = new_pair()
    sealed = bytearray(opener.sealer().seal(new_session_key()))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SessionKeyError):
        opener.open(bytes(sealed))


@pytest.mark.parametrize("box", [b"", b"short", bytes(80)])
def test_what_is_no_box_does_not_open(box: bytes) -> None:
    with pytest.raises(SessionKeyError):
        new_pair()[1].open(box)


def test_a_box_that_holds_no_key_does_not_open() -> None:
    _, opener = new_pair()
    with pytest.raises(SessionKeyError):
        opener.open(opener.sealer().seal(b"seven b"))


def test_a_private_half_is_not_shown() -> None:
    private, opener = new_pair()
    assert private.hex() not in repr(opener)
    assert not hasattr(opener, "__dict__")


def test_a_session_begins_without_a_passphrase(folder: DataFolder) -> None:
    key = new_session_key()
    wrap(folder, FIRST, key, folder_sealer(folder))
    assert unwrap(folder, FIRST, own_opener(folder)) == key


def test_the_folders_pair_is_made_once(folder: DataFolder) -> None:
    assert folder_opener(folder) is None
    assert folder_sealer(folder) == folder_sealer(folder)


def test_two_who_make_the_folders_pair_at_once_get_the_same(folder: DataFolder) -> None:
    sealers: list[Sealer] = []
    together = threading.Barrier(8)

    def make() -> None:
        together.wait()
        sealers.append(folder_sealer(folder))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {sealer.public for sealer in sealers} == {own_opener(folder).sealer().public}


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new")
    folder_sealer(folder)
    assert folder.sessions.is_dir()


def test_only_the_owner_can_read_keys_and_nothing_lies_beside_them(folder: DataFolder) -> None:
    wrap(folder, FIRST, new_session_key(), folder_sealer(folder))
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"private.key", f"{FIRST}.key"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_missing_key_file_is_named(folder: DataFolder) -> None:
    with pytest.raises(SessionKeyError, match=f"wrapped key of session {FIRST} is missing"):
        unwrap(folder, FIRST, new_pair()[1])


def test_after_a_record_is_made_the_record_opens_every_session_and_the_folder_none(folder: DataFolder) -> None:
    first, second, (_, record) = new_session_key(), new_session_key(), new_pair()
    wrap(folder, FIRST, first, folder_sealer(folder))
    publish_record_key(folder, record.sealer())
    wrap(folder, SECOND, second, folder_sealer(folder))

    assert wrap_anew(folder, own_opener(folder), record.sealer()) == (FIRST,)
    forget_folder_key(folder)

    assert (unwrap(folder, FIRST, record), unwrap(folder, SECOND, record)) == (first, second)
    assert folder_opener(folder) is None
    assert list(folder.keys.iterdir()) == []


def test_wrapping_anew_can_be_run_again_after_it_was_cut_short(folder: DataFolder) -> None:
    _, record = new_pair()
    keys = {session: new_session_key() for session in (FIRST, SECOND)}
    for session, key in keys.items():
        wrap(folder, session, key, folder_sealer(folder))
    folder.session_key(FIRST).write_bytes(record.sealer().seal(keys[FIRST]))  # as far as the first run came
    assert wrap_anew(folder, own_opener(folder), record.sealer()) == (SECOND,)
    assert {session: unwrap(folder, session, record) for session in keys} == keys


def test_the_folders_key_stays_while_a_session_needs_it(folder: DataFolder) -> None:
    wrap(folder, FIRST, new_session_key(), folder_sealer(folder))
    with pytest.raises(SessionKeyError, match=r"1 session can be opened .* only\. Wrap its key"):
        forget_folder_key(folder)
    wrap(folder, SECOND, new_session_key(), folder_sealer(folder))
    with pytest.raises(SessionKeyError, match=r"2 sessions can be opened .* only\. Wrap their keys"):
        forget_folder_key(folder)
    assert folder_opener(folder) is not None


def test_forgetting_a_key_that_is_not_there_does_nothing(folder: DataFolder) -> None:
    forget_folder_key(folder)
    assert folder_opener(folder) is None


def test_a_second_session_of_the_same_id_does_not_take_the_firsts_key_away(folder: DataFolder) -> None:
    opener, key = new_pair()[1], new_session_key()
    wrap(folder, FIRST, key, opener.sealer())
    with pytest.raises(SessionFormatError, match=FIRST):
        wrap(folder, FIRST, new_session_key(), opener.sealer())
    assert unwrap(folder, FIRST, opener) == key
