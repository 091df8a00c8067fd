"""Does `mtsession import` keep every note of a real performance, at its time, and measure its tempo?"""

from __future__ import annotations

from pathlib import Path

import pretty_midi
import pytest

from mtsession.events import Seat
from mtsession.session import Session
from tests.e2e.kept import analysed, newest, of_seat
from tests.e2e.room import Room

WITHIN_S = 0.0001
FILES = {"client": "drums_live.mid", "therapist": "keys_live.mid"}
BEATS_BPM = {"client": 83.7, "therapist": 83.1}
"""Of the hand-checked beats (issue 2)."""


@pytest.fixture
def imported(room: Room, duo: Path) -> Session:
    """The duo as a session: the drummer as client, the pianist as therapist."""
    program = room.run("import", *(str(duo / name) for name in FILES.values()))
    assert program.process.returncode == 0, program.err
    return newest(room.data)


def read_by_pretty_midi(path: Path) -> list[tuple[float, int, int, float]]:
    """Start, pitch, velocity, end of every note, in order of start."""
    notes = [note for part in pretty_midi.PrettyMIDI(str(path)).instruments for note in part.notes]
    return sorted((note.start, note.pitch, note.velocity, note.end) for note in notes)


@pytest.mark.parametrize("seat", FILES)
def test_every_note_that_pretty_midi_reads_is_there_at_its_time(imported: Session, duo: Path, seat: str) -> None:
    expected = read_by_pretty_midi(duo / FILES[seat])
    notes = sorted((n.contact_s, n.pitch, n.velocity, n.end_s) for n in imported.notes(Seat(seat)))
    assert [note[1:3] for note in notes] == [note[1:3] for note in expected]
    for kept, read in zip(notes, expected, strict=True):
        assert kept[0] == pytest.approx(read[0], abs=WITHIN_S)
        assert kept[3] == pytest.approx(read[3], abs=WITHIN_S)


def test_the_tempi_are_those_of_the_hand_checked_beats(imported: Session, room: Room) -> None:
    measures = analysed(room)
    assert measures["session_id"] == imported.id
    for seat, bpm in BEATS_BPM.items():
        assert of_seat(measures, seat)["tempo"]["value"]["median_bpm"] == pytest.approx(bpm, rel=0.02)
