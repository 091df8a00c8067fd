"""A session leaves its sealed file as MIDI, audio or a table, with times and values as they were."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtsession.capture.exports import COLUMNS, FORMATS, export
from mtsession.capture.flac import FULL_SCALE
from mtsession.capture.writer import SessionWriter
from mtsession.errors import DiskFullError, SessionKeyError
from mtsession.events import (
    AudioOnset,
    Choice,
    Contact,
    ContactId,
    Event,
    Gap,
    Mark,
    NoteOff,
    NoteOn,
    Pass,
    Refused,
    Sounded,
)
from mtsession.midi.files import read_tracks
from mtsession.session import Track
from tests.capture.making import CLIENT, KEY, NEVER, OUTPUT, RATE_HZ, THERAPIST, a_note, header, noise, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.mts"


def table(path: Path, to: Path) -> list[dict[str, str]]:
    (file,) = export(path, KEY, "tsv", to)
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, dialect="excel-tab"))


def test_midi_has_a_track_a_seat_with_times_to_a_tenth_of_a_millisecond(path: Path, tmp_path: Path) -> None:
    odd_s = [0.12345 + number * 0.7391 for number in range(20)]
    notes = [event for n, at_s in enumerate(odd_s, 1) for event in a_note(n, at_s, length_s=0.3337)]
    write(path, [*notes, *a_note(99, 1.0, seat=THERAPIST)], duration_s=30.0)
    (file,) = export(path, KEY, "smf", tmp_path / "out")
    client, therapist = read_tracks(file)
    assert (client.name, therapist.name, len(therapist.notes)) == ("client", "therapist", 1)
    assert [note.start_s for note in client.notes] == pytest.approx(odd_s, abs=1e-4)
    assert [note.end_s - note.start_s for note in client.notes] == pytest.approx([0.3337] * 20, abs=1e-4)


def test_midi_keeps_drums_as_drums(path: Path, tmp_path: Path) -> None:
    hit: list[Event] = [
        Contact(ContactId(1), 0.0, CLIENT, "pads", 38, 90, percussion=True),
        NoteOn(ContactId(1), 0.0, CLIENT, 38, 90, "drum kit", percussion=True),
    ]
    write(path, hit)
    (file,) = export(path, KEY, "smf", tmp_path)
    (track,) = read_tracks(file)
    assert track.percussion
    assert track.notes[0].end_s == pytest.approx(0.25, abs=1e-4)


def test_the_table_has_the_three_times_of_every_note(path: Path, tmp_path: Path) -> None:
    write(path, a_note(1, 1.0, pitch=62))
    (row,) = table(path, tmp_path)
    assert tuple(row) == COLUMNS
    assert row == {
        "onset_s": "1.000000",
        "duration_s": "0.500000",
        "seat": "client",
        "kind": "note",
        "pitch": "62",
        "velocity": "64",
        "contact_s": "1.000000",
        "accepted_s": "1.001000",
        "sounded_s": "1.005000",
    }


def test_what_is_not_there_is_not_available_and_never_0(path: Path, tmp_path: Path) -> None:
    silent: list[Event] = [
        Contact(ContactId(1), 0.0, CLIENT, "pads", 0, 1),
        NoteOn(ContactId(1), 0.0, CLIENT, 0, 1, "felt piano"),
        NoteOff(ContactId(1), 0.5, CLIENT, 0),
    ]
    write(path, [*silent, Mark(5.0, THERAPIST, 2.0), Choice(6.0, CLIENT, "again"), Gap(7.0, 8.0, "engine restarted")])
    note, mark, choice, gap = table(path, tmp_path)
    assert (note["sounded_s"], note["pitch"], note["contact_s"]) == ("n/a", "0", "0.000000")
    assert (mark["onset_s"], mark["duration_s"], mark["kind"], mark["pitch"]) == ("2.000000", "3.000000", "mark", "n/a")
    assert (choice["kind"], choice["duration_s"], choice["contact_s"]) == ("choice again", "n/a", "n/a")
    assert (gap["seat"], gap["duration_s"]) == ("n/a", "1.000000")


def test_refused_contacts_and_heard_onsets_are_in_the_table_in_order_of_time(path: Path, tmp_path: Path) -> None:
    events: list[Event] = [
        *a_note(1, 3.0),
        Contact(ContactId(2), 2.0, CLIENT, "pads", 5, 30),
        Refused(ContactId(2), 2.1, "hold to play"),
        AudioOnset(1.0, THERAPIST, 0.5, Pass.LIVE),
        Refused(ContactId(77), 2.2, "a contact that was before a gap"),
    ]
    write(path, events)
    rows = table(path, tmp_path)
    assert [row["kind"] for row in rows] == ["audio onset live", "refused", "note"]
    assert (rows[1]["contact_s"], rows[1]["accepted_s"], rows[1]["velocity"]) == ("2.000000", "n/a", "30")


def test_a_text_cannot_break_out_of_its_cell(path: Path, tmp_path: Path) -> None:
    write(path, [Choice(1.0, CLIENT, "a\tb\nc")])
    (row,) = table(path, tmp_path)
    assert row["kind"] == "choice a\tb\nc"


def test_kept_audio_is_a_file_a_track_that_begins_with_the_session(path: Path, tmp_path: Path) -> None:
    played = noise(70 * RATE_HZ // 100, channels=1)
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put_audio(Track("microphone client", CLIENT, RATE_HZ, 0.25, 0, 0.005), 0, played)
    writer.put_audio(OUTPUT, 0, noise(100))
    writer.close(1.0)
    files = export(path, KEY, "flac", tmp_path / "out")
    assert sorted(file.name for file in files) == [
        "20260114-093000-3fa2-microphone-client.flac",
        "20260114-093000-3fa2-output.flac",
    ]
    microphone = next(file for file in files if "microphone" in file.name)
    frames, rate_hz = soundfile.read(microphone, dtype="float32", always_2d=True)
    start = RATE_HZ // 4
    assert (rate_hz, len(frames)) == (RATE_HZ, start + len(played))
    assert np.abs(frames[:start]).max() == 0
    assert np.abs(frames[start:] - played).max() <= 0.51 / FULL_SCALE


def test_audio_longer_than_what_is_read_at_once_comes_out_whole(path: Path, tmp_path: Path) -> None:
    low_rate = replace(OUTPUT, sample_rate_hz=8_000)
    played = noise(130 * 8_000, channels=1)
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put_audio(low_rate, 0, played)
    writer.close(130.0)
    (file,) = export(path, KEY, "flac", tmp_path)
    frames, _ = soundfile.read(file, dtype="float32", always_2d=True)
    assert frames.shape == played.shape
    assert np.abs(frames - played).max() <= 0.51 / FULL_SCALE


def test_a_session_without_kept_audio_is_rendered(path: Path, tmp_path: Path) -> None:
    silent = [event for event in a_note(1, 0.5) if not isinstance(event, Sounded)]
    write(path, silent, duration_s=2.0)
    (file,) = export(path, KEY, "flac", tmp_path)
    frames, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    assert rate_hz == 48_000
    assert np.abs(frames[: round(0.4 * rate_hz)]).max() < 1e-4
    assert np.abs(frames[round(0.5 * rate_hz) : rate_hz]).max() > 1e-3


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_that_cannot_be_made_is_said(path: Path, tmp_path: Path, kind: str) -> None:
    write(path, a_note(1, 0.5), frames=noise(10))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskFullError, match="export to out cannot be written: Not a directory"):
        export(path, KEY, kind, tmp_path / "file" / "out")


def test_the_key_is_needed(path: Path, tmp_path: Path) -> None:
    write(path, [])
    with pytest.raises(SessionKeyError):
        export(path, bytes(32), "tsv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_exporting_twice_replaces_the_files(path: Path, tmp_path: Path) -> None:
    write(path, a_note(1, 0.5))
    for kind in ("smf", "tsv"):
        assert export(path, KEY, kind, tmp_path / "out") == export(path, KEY, kind, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a person's own folders from others")
@pytest.mark.parametrize("kind", FORMATS)
def test_what_leaves_the_sealed_file_can_be_read_by_its_owner_only(path: Path, tmp_path: Path, kind: str) -> None:
    write(path, a_note(1, 1.0))
    to = tmp_path / "out"
    for _ in range(2):
        files = export(path, KEY, kind, to)
        assert files
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        for file in files:
            file.chmod(0o644)
    assert to.stat().st_mode & 0o777 == 0o700
