"""The case record, opened, read and added to."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from mtsession.config import DataFolder
from mtsession.errors import RecordError
from mtsession.events import ConsentTo, Seat
from mtsession.record import keys
from mtsession.record.audit import Action, verify
from mtsession.record.notes.note import NoteState, OwnText, SessionNote, Signer, sha256_of, signed_content
from mtsession.record.store import Consent, Record, open_record, open_unlocked

CLIENT, THERAPIST = Seat("client"), Seat("therapist")


def test_what_is_in_the_file_shows_nothing_without_the_key(record: Record, folder: DataFolder) -> None:
    record.close()
    content = (folder.record / "record.db").read_bytes()
    assert not content.startswith(b"SQLite format 3")
    assert b"K-07" not in content
    assert b"CREATE TABLE" not in content


def test_a_draft_is_read_back_as_it_was_saved(record: Record, make_note: Callable[..., SessionNote]) -> None:
    saved = record.save_draft(make_note())
    assert saved == replace(make_note(), id=saved.id)
    assert saved.id is not None
    assert record.note(saved.id) == saved
    assert record.notes("s-1") == (saved,)
    assert record.unsigned() == (saved,)


def test_saving_a_draft_again_replaces_it(record: Record, make_note: Callable[..., SessionNote]) -> None:
    saved = record.save_draft(make_note())
    edited = replace(saved.with_ticks(["pause"]).with_text("pause", "11 s without playing."), own=OwnText(plan="Drums"))
    record.save_draft(edited)
    assert record.notes("s-1") == (edited,)


def test_a_start_in_another_zone_is_the_same_moment(record: Record, make_note: Callable[..., SessionNote]) -> None:
    summer = datetime(2026, 7, 1, 11, 0, tzinfo=timezone(timedelta(hours=1)))
    record.save_draft(make_note(started_at=summer))
    (read,) = record.notes("s-1")
    assert read.started_at == summer
    assert read.started_at.tzinfo is UTC


def test_a_start_without_a_zone_is_refused(record: Record, make_note: Callable[..., SessionNote]) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        record.save_draft(make_note(started_at=datetime(2026, 7, 1, 11, 0)))  # noqa: DTZ001
    assert record.notes("s-1") == ()


def test_only_what_was_ticked_enters_the_signed_note(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    assert [sentence.key for sentence in signed.sentences] == ["played"]
    assert record.note(saved.id) == signed
    assert record.unsigned() == ()
    assert record.signed() == (signed,)


def test_the_signature_holds_signer_time_and_the_hash_of_the_content(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    assert signed.state is NoteState.SIGNED
    assert signed.signature is not None
    assert signed.signature.signer == signer
    assert signed.signature.sha256 == sha256_of(signed_content(signed, signer, signed.signature.signed_at))
    assert signed.signature.chain_head == record.audit()[-1].hash


@pytest.mark.parametrize("signer", [Signer("", "AS1"), Signer("A Name", " ")])
def test_a_signature_needs_name_and_registration_number(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    with pytest.raises(RecordError, match="name and a registration number"):
        record.sign(saved.id, signer)
    assert record.note(saved.id) == saved


def test_a_note_with_nothing_ticked_and_nothing_written_cannot_be_signed(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    empty = record.save_draft(replace(make_note().with_ticks([]), own=OwnText(observed=" \n")))
    assert empty.id is not None
    with pytest.raises(RecordError, match="Nothing is ticked"):
        record.sign(empty.id, signer)


def test_own_words_alone_can_be_signed(record: Record, make_note: Callable[..., SessionNote], signer: Signer) -> None:
    saved = record.save_draft(make_note().with_ticks([]))
    assert saved.id is not None
    assert record.sign(saved.id, signer).sentences == ()


def test_a_signed_note_is_neither_saved_nor_signed_nor_discarded_again(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    for change in (
        lambda: record.save_draft(saved),
        lambda: record.sign(signed.id or "", signer),
        lambda: record.discard_draft(signed.id or ""),
    ):
        with pytest.raises(RecordError, match="signed note cannot be changed"):
            change()
    assert record.note(saved.id) == signed


def test_amendments_are_added_in_order_and_leave_the_note_as_it_was_signed(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    record.amend(saved.id, "It was the second door.", signer, reason="Wrong door")
    amended = record.amend(saved.id, "And it was open.", signer, reason="Left out")
    assert record.note(saved.id) == amended
    assert [(one.text, one.reason) for one in amended.amendments] == [
        ("It was the second door.", "Wrong door"),
        ("And it was open.", "Left out"),
    ]
    assert replace(amended, amendments=()) == signed


@pytest.mark.parametrize(("text", "reason"), [("", "a reason"), ("words", " ")])
def test_an_amendment_needs_words_and_a_reason(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer, text: str, reason: str
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    record.sign(saved.id, signer)
    with pytest.raises(RecordError, match="its words and a reason"):
        record.amend(saved.id, text, signer, reason=reason)


def test_a_draft_is_changed_and_not_amended(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    with pytest.raises(RecordError, match="not signed yet"):
        record.amend(saved.id, "words", signer, reason="a reason")


def test_a_discarded_draft_is_gone(record: Record, make_note: Callable[..., SessionNote]) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    record.discard_draft(saved.id)
    assert record.notes("s-1") == ()
    with pytest.raises(RecordError, match="no such note"):
        record.note(saved.id)


def test_clients_are_listed_by_code_with_colours_of_their_own(record: Record) -> None:
    record.add_client("A-02")
    codes_and_colours = [(client.code, client.colour) for client in record.clients()]
    assert codes_and_colours == [("A-02", "sky blue"), ("K-07", "orange")]


@pytest.mark.parametrize("code", ["K-07", "k-07", " K-07 "])
def test_a_code_stands_for_one_client_only(record: Record, code: str) -> None:
    with pytest.raises(RecordError, match="already"):
        record.add_client(code)


@pytest.mark.parametrize("code", ["", "  ", "K\n07", "x" * 41])
def test_a_code_that_cannot_be_printed_in_a_line_is_refused(record: Record, code: str) -> None:
    with pytest.raises(RecordError, match="1 to 40"):
        record.add_client(code)


def test_a_closed_client_is_kept(record: Record) -> None:
    record.close_client("K-07")
    (client,) = record.clients()
    assert client.closed_at is not None


def test_a_session_belongs_to_several_clients_by_seat_and_can_be_moved(record: Record) -> None:
    record.add_client("A-02")
    record.attach("s-1", {Seat("client"): "K-07", Seat("client-2"): "A-02"})
    record.attach("s-1", {Seat("client"): "A-02"})
    assert record.session_clients("s-1") == {"client": "A-02", "client-2": "A-02"}
    moved = [entry for entry in record.audit() if entry.action == Action.ATTACHED]
    assert [bool(entry.detail["before"]) for entry in moved] == [False, False, True]


def test_attaching_the_same_client_again_is_no_change(record: Record) -> None:
    record.attach("s-1", {CLIENT: "K-07"})
    before = record.audit()
    record.attach("s-1", {CLIENT: "K-07"})
    assert record.audit() == before


def test_attaching_to_an_unknown_client_changes_nothing(record: Record) -> None:
    with pytest.raises(RecordError, match="no client Z-99"):
        record.attach("s-1", {CLIENT: "K-07", THERAPIST: "Z-99"})
    assert record.session_clients("s-1") == {}


def test_a_draft_names_whoever_sits_there_now_and_a_signed_note_who_sat_there_then(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    record.add_client("A-02")
    record.attach("s-1", {CLIENT: "K-07"})
    saved = record.save_draft(make_note())
    assert saved.id is not None
    assert saved.clients == {CLIENT: "K-07"}
    record.sign(saved.id, signer)
    record.attach("s-1", {CLIENT: "A-02"})
    assert record.note(saved.id).clients == {CLIENT: "K-07"}
    assert record.save_draft(make_note()).clients == {CLIENT: "A-02"}


def test_a_later_draft_of_a_session_that_was_cut_leaves_the_signed_note_as_it_is(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    record.save_draft(make_note(duration_s=600.0))
    assert record.note(saved.id) == signed
    assert verify(record).intact


def test_a_clients_notes_are_those_of_their_sessions(record: Record, make_note: Callable[..., SessionNote]) -> None:
    record.attach("s-1", {CLIENT: "K-07"})
    mine = record.save_draft(make_note("s-1"))
    record.save_draft(make_note("s-2"))
    assert record.client_notes("K-07") == (mine,)


def test_a_name_is_read_back_and_who_asked_is_accounted_for(record: Record) -> None:
    assert record.client_name("K-07") is None
    record.set_client_name("K-07", "Zoë Example")
    record.set_client_name("K-07", "Zoë Other")
    assert record.client_name("K-07") == "Zoë Other"
    assert [entry.action for entry in record.audit()][-4:] == [
        Action.READ_NAME,
        Action.NAMED_CLIENT,
        Action.NAMED_CLIENT,
        Action.READ_NAME,
    ]


def test_no_code_and_no_name_is_in_any_path(
    record: Record, folder: DataFolder, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    record.set_client_name("K-07", "Zoe Example")
    record.attach("s-1", {CLIENT: "K-07"})
    saved = record.save_draft(make_note())
    assert saved.id is not None
    record.sign(saved.id, signer)
    paths = [str(path.relative_to(folder.root)) for path in folder.root.rglob("*")]
    assert "record/record.db" in [path.replace("\\", "/") for path in paths]
    assert not [path for path in paths if "K-07" in path or "Zoe" in path or "Example" in path]


def test_consent_is_a_register_of_which_the_last_entry_holds(record: Record) -> None:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    given = Consent(ConsentTo.AUDIO, given=True, given_by="the client", at=at)
    withdrawn = Consent(ConsentTo.AUDIO, given=False, given_by="the client", at=at + timedelta(hours=1))
    record.enter_consent("K-07", withdrawn)
    record.enter_consent("K-07", given)
    assert record.consents("K-07") == (given, withdrawn)


def test_a_record_is_read_by_another_opening_while_it_is_open(
    record: Record, folder: DataFolder, passphrase: str, make_note: Callable[..., SessionNote]
) -> None:
    with open_record(folder, passphrase) as other:
        saved = other.save_draft(make_note())
        assert record.notes("s-1") == (saved,)


def test_many_threads_write_and_read_at_once(record: Record, make_note: Callable[..., SessionNote]) -> None:
    together = threading.Barrier(8)

    def work(number: int) -> None:
        together.wait()
        for turn in range(4):
            record.save_draft(make_note(f"s-{number}-{turn}"))
            record.unsigned()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(record.unsigned()) == 32
    assert verify(record).intact


def test_a_lost_database_is_not_taken_for_a_new_one(record: Record, folder: DataFolder, passphrase: str) -> None:
    record.close()
    (folder.record / "record.db").unlink()
    with pytest.raises(RecordError, match="missing"):
        open_record(folder, passphrase)


def test_a_database_of_other_keys_is_refused_and_left_alone(
    record: Record, folder: DataFolder, tmp_path: Path, passphrase: str, cheap: keys.KdfLimits
) -> None:
    record.close()
    other = DataFolder(tmp_path / "other")
    keys.create_record(other, passphrase, limits=cheap)
    content = (folder.record / "record.db").read_bytes()
    (other.record / "record.db").write_bytes(content)
    with pytest.raises(RecordError, match="damaged or belongs to other keys"):
        open_record(other, passphrase)
    assert (other.record / "record.db").read_bytes() == content


def test_the_record_goes_by_the_clock_it_is_given(
    folder: DataFolder, passphrase: str, cheap: keys.KdfLimits, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    keys.create_record(folder, passphrase, limits=cheap)
    now = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
    with open_unlocked(folder, keys.unlock(folder, passphrase), now=lambda: now) as record:
        saved = record.save_draft(make_note())
        assert saved.id is not None
        signature = record.sign(saved.id, signer).signature
        assert signature is not None
        assert signature.signed_at == now


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(
    record: Record, folder: DataFolder, passphrase: str
) -> None:
    record.close()
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from mtsession.config import DataFolder\n"
        "from mtsession.record.store import open_record\n"
        "record = open_record(DataFolder(Path(sys.argv[1])), sys.argv[2])\n"
        "record.add_client('A-02')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([sys.executable, "-c", script, folder.root, passphrase], cwd=root, check=False)
    assert killed.returncode == -9
    with open_record(folder, passphrase) as again:
        assert [client.code for client in again.clients()] == ["A-02", "K-07"]
        assert verify(again).intact


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a person's own folders from others")
def test_nobody_but_the_owner_reads_the_files_of_the_record(record: Record, folder: DataFolder) -> None:
    record.add_client("K-08")

    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.record.iterdir()}
    assert {"record.db", "record.db-wal", "keys.json"} <= set(modes)
    assert set(modes.values()) == {0o600}
