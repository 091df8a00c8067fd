"""From a passphrase or a recovery key to everything in the record, and nothing without."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtsession.capture.keys import Sealer, folder_opener, folder_sealer, new_session_key, unwrap, wrap
from mtsession.config import DataFolder
from mtsession.errors import PassphraseError, RecordError, SessionKeyError
from mtsession.record import keys
from mtsession.record.keys import (
    MODERATE,
    KdfLimits,
    change_passphrase,
    create_record,
    has_record,
    passphrase_from_file,
    renew_recovery_key,
    reset_passphrase,
    unlock,
    unlock_with_recovery_key,
)
from mtsession.record.recovery import new_recovery_key
from mtsession.record.store import open_record

OTHER = "another set of plain words"


def test_the_same_keys_come_out_by_passphrase_and_by_recovery_key(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    recovery = create_record(folder, passphrase, limits=cheap)
    assert unlock(folder, passphrase) == unlock_with_recovery_key(folder, recovery.text)


def test_a_wrong_passphrase_is_one_clear_line(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    with pytest.raises(PassphraseError, match=r"does not open the record\. .*recovery key") as refused:
        unlock(folder, passphrase + "!")
    assert "\n" not in str(refused.value)


def test_a_passphrase_composed_otherwise_is_the_same(folder: DataFolder, cheap: KdfLimits) -> None:
    create_record(folder, "\u00e5 in several words", limits=cheap)
    assert unlock(folder, "a\u030a in several words") == unlock(folder, "\u00e5 in several words")


@pytest.mark.parametrize("short", ["", "eleven char", "   padded    "])
def test_a_short_passphrase_is_refused_with_the_reason(folder: DataFolder, short: str, cheap: KdfLimits) -> None:
    with pytest.raises(PassphraseError, match=r"shorter than 12 .* guessed"):
        create_record(folder, short, limits=cheap)
    assert not has_record(folder)


def test_another_records_recovery_key_opens_nothing(tmp_path: Path, passphrase: str, cheap: KdfLimits) -> None:
    mine, theirs = DataFolder(tmp_path / "mine"), DataFolder(tmp_path / "theirs")
    create_record(mine, passphrase, limits=cheap)
    foreign = create_record(theirs, passphrase, limits=cheap)
    with pytest.raises(PassphraseError, match="recovery key does not open"):
        unlock_with_recovery_key(mine, foreign.text)


def test_without_a_record_the_next_step_is_to_make_one(folder: DataFolder, passphrase: str) -> None:
    with pytest.raises(RecordError, match=r"no case record .* Make one"):
        unlock(folder, passphrase)


def test_a_changed_passphrase_ends_the_old_one_and_keeps_the_recovery_key(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    recovery = create_record(folder, passphrase, limits=cheap)
    before = unlock(folder, passphrase)
    change_passphrase(folder, passphrase, OTHER, limits=cheap)
    assert unlock(folder, OTHER) == before == unlock_with_recovery_key(folder, recovery.text)
    with pytest.raises(PassphraseError):
        unlock(folder, passphrase)


def test_who_lost_the_passphrase_sets_a_new_one_with_the_recovery_key(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    recovery = create_record(folder, passphrase, limits=cheap)
    before = unlock(folder, passphrase)
    reset_passphrase(folder, recovery.text, OTHER, limits=cheap)
    assert unlock(folder, OTHER) == before


def test_a_new_recovery_key_ends_the_one_before(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    first = create_record(folder, passphrase, limits=cheap)
    second = renew_recovery_key(folder, passphrase)
    assert unlock_with_recovery_key(folder, second.text) == unlock(folder, passphrase)
    with pytest.raises(PassphraseError):
        unlock_with_recovery_key(folder, first.text)


def test_sessions_from_before_the_record_open_with_it_and_no_longer_without(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    key = new_session_key()
    wrap(folder, "early", key, folder_sealer(folder))
    former = folder_opener(folder)
    assert former is not None
    create_record(folder, passphrase, limits=cheap)
    assert unwrap(folder, "early", unlock(folder, passphrase).opener) == key
    assert folder_opener(folder) is None
    with pytest.raises(SessionKeyError):
        unwrap(folder, "early", former)


def test_a_session_begins_without_the_passphrase_and_opens_with_it(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    create_record(folder, passphrase, limits=cheap)
    key = new_session_key()
    wrap(folder, "late", key, folder_sealer(folder))
    assert unwrap(folder, "late", unlock(folder, passphrase).opener) == key


def test_a_session_sealed_for_the_folder_while_the_record_was_made_still_opens(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    sealer_taken_before = folder_sealer(folder)
    create_record(folder, passphrase, limits=cheap)
    key = new_session_key()
    wrap(folder, "between", key, sealer_taken_before)
    assert unwrap(folder, "between", unlock(folder, passphrase).opener) == key


def test_a_foreign_public_key_is_refused_and_a_lost_one_put_back(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    create_record(folder, passphrase, limits=cheap)
    public = folder.record / "public.key"
    own = public.read_bytes()
    public.write_bytes(Sealer(bytes(range(32))).public)
    with pytest.raises(RecordError, match="sealed for somebody else"):
        unlock(folder, passphrase)
    public.unlink()
    unlock(folder, passphrase)
    assert public.read_bytes() == own
    assert len(own) == 32


def test_a_second_record_in_the_same_folder_is_refused(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    open_record(folder, passphrase).close()
    with pytest.raises(RecordError, match="a case record in this data folder already"):
        create_record(folder, passphrase, limits=cheap)


def test_a_record_that_another_process_made_a_moment_ago_is_not_overwritten(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    create_record(folder, passphrase, limits=cheap)
    before = (folder.record / "keys.json").read_bytes()
    with pytest.raises(RecordError, match="already"):
        keys._begin(folder, keys._new_key_file(bytes(32), passphrase, new_recovery_key(), limits=cheap))
    assert (folder.record / "keys.json").read_bytes() == before


def test_a_making_that_was_cut_short_goes_on_with_the_same_passphrase_only(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    create_record(folder, passphrase, limits=cheap)
    with pytest.raises(PassphraseError, match="does not open"):
        create_record(folder, OTHER, limits=cheap)
    recovery = create_record(folder, passphrase, limits=cheap)
    assert unlock_with_recovery_key(folder, recovery.text) == unlock(folder, passphrase)


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"format": 1, "salt": "!"}'])
def test_a_damaged_key_file_is_named(folder: DataFolder, passphrase: str, content: bytes) -> None:
    (folder.record / "keys.json").write_bytes(content)
    with pytest.raises(RecordError, match=r"keys\.json, is damaged"):
        unlock(folder, passphrase)


def test_a_flipped_bit_in_the_private_half_is_found(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    path = folder.record / "keys.json"
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if "private_half" in line)
    lines[at] = lines[at].replace(': "', ': "A') if ': "A' not in lines[at] else lines[at].replace(': "A', ': "B')
    path.write_text("\n".join(lines))
    with pytest.raises(RecordError, match="damaged"):
        unlock(folder, passphrase)


def test_limits_that_nobody_wrote_are_damage_and_no_crash(
    folder: DataFolder, passphrase: str, cheap: KdfLimits
) -> None:
    create_record(folder, passphrase, limits=cheap)
    path = folder.record / "keys.json"
    path.write_text(path.read_text().replace('"opslimit": 1', '"opslimit": 0'))
    with pytest.raises(RecordError, match="damaged"):
        unlock(folder, passphrase)


def test_a_key_file_of_a_later_program_is_left_alone(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    path = folder.record / "keys.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(RecordError, match="newer mtsession"):
        unlock(folder, passphrase)


def test_no_secret_shows_in_a_repr(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    assert repr(unlock(folder, passphrase)) == "Unlocked()"


def test_the_usual_cost_of_a_guess_is_libsodiums_moderate() -> None:
    assert KdfLimits(opslimit=3, memlimit_bytes=256 * 2**20) == MODERATE


def test_the_key_files_are_their_owners_only(folder: DataFolder, passphrase: str, cheap: KdfLimits) -> None:
    create_record(folder, passphrase, limits=cheap)
    assert (folder.record / "keys.json").stat().st_mode & 0o077 == 0


def test_the_first_line_of_a_passphrase_file_is_the_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("a line with spaces \nsomething else\n", encoding="utf-8")
    path.chmod(0o600)
    warnings: list[str] = []
    assert passphrase_from_file(path, warnings.append) == "a line with spaces "
    assert warnings == []


def test_a_passphrase_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("four plain words\n", encoding="utf-8")
    path.chmod(0o644)
    warnings: list[str] = []
    passphrase_from_file(path, warnings.append)
    assert len(warnings) == 1
    assert "can be read by others" in warnings[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"", "no passphrase"), (b" \n", "no passphrase"), (b"\xff", "UTF-8")],
)
def test_a_passphrase_file_without_one_is_named_with_the_reason(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "passphrase"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PassphraseError, match=said) as refused:
        passphrase_from_file(path, lambda _: None)
    assert "passphrase" in str(refused.value)
