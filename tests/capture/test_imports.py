"""A performance in MIDI files becomes a session: every note, on the right seat, on the session clock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pretty_midi
import pytest

from mtsession.capture.imports import import_midi, seats_for
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.errors import DiskFullError, MidiFileError, SettingError
from mtsession.events import Contact, Seat
from mtsession.midi.files import PlayedNote, PlayedTrack, write_tracks
from mtsession.session import Role, Session
from tests.capture.making import BEGAN, CLIENT, THERAPIST, key_of

DATA = Path(os.environ.get("MTSESSION_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
DUO = DATA / "duo_keys_drums"
TENTH_OF_A_MS = 1e-4


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def imported(folder: DataFolder, *paths: Path) -> Session:
    session_id = import_midi(paths, folder, started_at=BEGAN)
    return read_session(folder.session_file(session_id), key_of(folder, session_id))


def midi_file(path: Path, *tracks: PlayedTrack) -> Path:
    write_tracks(path, tracks)
    return path


def keys(*pitches: int, at_s: float = 0.0) -> PlayedTrack:
    notes = (PlayedNote(at_s + number, at_s + number + 0.5, pitch, 64) for number, pitch in enumerate(pitches))
    return PlayedTrack("keys", tuple(notes))


def drums(*pitches: int) -> PlayedTrack:
    return PlayedTrack("drums", tuple(PlayedNote(n + 0.25, n + 0.5, p, 90, True) for n, p in enumerate(pitches)))


@pytest.mark.skipif(not DUO.is_dir(), reason="the performances are not here: set MTSESSION_DATA")
def test_a_real_duo_has_every_note_and_time_that_pretty_midi_reads(folder: DataFolder) -> None:
    session = imported(folder, DUO / "keys_live.mid", DUO / "drums_live.mid")
    for seat, name, n_notes in ((CLIENT, "keys_live", 611), (THERAPIST, "drums_live", 583)):
        read = pretty_midi.PrettyMIDI(str(DUO / f"{name}.mid")).instruments
        theirs = sorted((n.start, n.pitch, n.end, n.velocity) for i in read for n in i.notes)
        ours = sorted((n.contact_s, n.pitch, n.end_s, n.velocity) for n in session.notes(seat))
        assert len(ours) == n_notes
        assert [note[1::2] for note in ours] == [note[1::2] for note in theirs]
        for a, b in zip(ours, theirs, strict=True):
            assert (a[0], a[2]) == pytest.approx((b[0], b[2]), abs=TENTH_OF_A_MS)


def test_a_file_a_player_first_the_client_then_the_therapist(folder: DataFolder, tmp_path: Path) -> None:
    session = imported(
        folder,
        midi_file(tmp_path / "a.mid", keys(60, 62), drums(38)),
        midi_file(tmp_path / "b.mid", drums(38, 40)),
        midi_file(tmp_path / "c.mid", keys(64)),
    )
    assert [(p.seat, p.role, p.instrument) for p in session.players] == [
        ("client", Role.CLIENT, "keyboard"),
        ("therapist", Role.THERAPIST, "drums"),
        ("client-2", Role.PEER, "keyboard"),
    ]
    assert [len(session.notes(player.seat)) for player in session.players] == [3, 2, 1]


def test_a_track_a_player_of_one_file(folder: DataFolder, tmp_path: Path) -> None:
    session = imported(folder, midi_file(tmp_path / "both.mid", keys(60, 62), drums(38)))
    assert [[note.pitch for note in session.notes(seat)] for seat in (CLIENT, THERAPIST)] == [[60, 62], [38]]


def test_nothing_sounded_and_nothing_is_late(folder: DataFolder, tmp_path: Path) -> None:
    session = imported(
        folder, midi_file(tmp_path / "a.mid", keys(60, at_s=1.0)), midi_file(tmp_path / "b.mid", drums(38))
    )
    (note,) = session.notes(CLIENT)
    assert (note.contact_s, note.accepted_s, note.sounded_s) == (1.0, 1.0, None)
    assert session.setup.latency_s == {CLIENT: 0.0, THERAPIST: 0.0}
    assert not session.setup.simulated
    assert (note.sound, session.notes(THERAPIST)[0].sound) == ("felt piano", "drum kit")


def test_contacts_are_numbered_in_the_order_of_time_over_all_players(folder: DataFolder, tmp_path: Path) -> None:
    session = imported(
        folder, midi_file(tmp_path / "a.mid", keys(60, 62)), midi_file(tmp_path / "b.mid", drums(38, 40))
    )
    contacts = [event for event in session.events if isinstance(event, Contact)]
    assert [contact.id for contact in contacts] == [1, 2, 3, 4]
    assert [contact.seat for contact in contacts] == [CLIENT, THERAPIST, CLIENT, THERAPIST]


def test_of_a_path_only_the_files_own_name_is_kept(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "somebody").mkdir()
    session = imported(folder, midi_file(tmp_path / "somebody" / "a.mid", keys(60)))
    assert {event.source for event in session.events if isinstance(event, Contact)} == {"file:a.mid"}


def test_the_session_lasts_until_the_last_note_ends(folder: DataFolder, tmp_path: Path) -> None:
    session = imported(folder, midi_file(tmp_path / "a.mid", keys(60, at_s=2.0)))
    assert session.duration_s == pytest.approx(2.5, abs=TENTH_OF_A_MS)
    assert session.started_at == BEGAN


def test_a_session_begins_now_where_nothing_else_is_said(folder: DataFolder, tmp_path: Path) -> None:
    session_id = import_midi([midi_file(tmp_path / "a.mid", keys(60))], folder)
    began = read_session(folder.session_file(session_id), key_of(folder, session_id)).started_at
    assert abs((datetime.now(UTC) - began).total_seconds()) < 60


def test_a_bad_file_makes_no_session(folder: DataFolder, tmp_path: Path) -> None:
    good = midi_file(tmp_path / "good.mid", keys(60))
    (tmp_path / "bad.mid").write_bytes(b"not midi")
    with pytest.raises(MidiFileError, match=r"bad\.mid"):
        import_midi([good, tmp_path / "bad.mid"], folder)
    assert not folder.sessions.exists() or not list(folder.sessions.iterdir())


def test_seats_of_a_group() -> None:
    assert [(seat, role.value) for seat, role in seats_for(4)] == [
        (Seat("client"), "client"),
        (Seat("therapist"), "therapist"),
        (Seat("client-2"), "peer"),
        (Seat("client-3"), "peer"),
    ]
    assert [seat for seat, _ in seats_for(1)] == ["client"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB."""
    disk = tmp_path / "small"
    disk.mkdir()
    ran = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True, check=False)
    if ran.returncode:
        pytest.skip("a file system of 1 MB can be mounted by root only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.e2e
def test_an_import_that_finds_no_space_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    folder = DataFolder(small_disk / "data").make()
    source = midi_file(tmp_path / "a.mid", keys(*([60] * 2000)))
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 250_000))
    with pytest.raises(DiskFullError):
        import_midi([source], folder)
    assert list(folder.sessions.iterdir()) == []


def test_one_file_does_not_play_for_two(folder: DataFolder, tmp_path: Path) -> None:
    path = midi_file(tmp_path / "client.mid", PlayedTrack("", (PlayedNote(0.0, 1.0, 60, 70),)))
    with pytest.raises(SettingError, match=r"client\.mid was given twice"):
        import_midi([path, tmp_path / "." / "client.mid"], folder)
    assert not folder.sessions.exists()
