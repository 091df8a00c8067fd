"""How does a performance in MIDI files become a session?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from mtsession.capture.backlog import Backlog
from mtsession.capture.database import discard
from mtsession.capture.keys import folder_sealer, new_session_key, wrap
from mtsession.capture.library import new_session_id
from mtsession.capture.refusals import refusal
from mtsession.capture.schema import SessionHeader
from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from mtsession.errors import DiskFullError, SettingError
from mtsession.events import Contact, ContactId, Event, Lift, NoteOff, NoteOn, Seat
from mtsession.midi.files import PlayedNote, PlayedTrack, merged, read_tracks
from mtsession.session import Player, Role, Setup

PALETTE = "open-keys"
KEY = "C"
"""The palette and key that change nothing."""

PITCHED_SOUND, PERCUSSION_SOUND = "felt piano", "drum kit"


def import_midi(paths: Sequence[Path], folder: DataFolder, *, started_at: datetime | None = None) -> str:
    """Make a session of one file a player, or of one file with a track a player; its id.

    The first player is the client, the second the therapist, then come peers. Times are the files' own, from 0; nothing
    sounded. Latency is 0. `started_at` is now where nothing is said. Raises MidiFileError, DiskFullError; SettingError
    for a file given twice, for two who play the same to the microsecond would be measured as perfectly together.
    """
    _refuse_twice(paths)
    played = _one_a_player(paths)
    seats = seats_for(len(played))
    began = started_at or datetime.now(UTC)
    session_id, key = new_session_id(began), new_session_key()
    players = tuple(_player(seat, role, track) for (seat, role), (_, track) in zip(seats, played, strict=True))
    header = SessionHeader(session_id, began, players, _setup(seats))
    events = _events([(seat, source, track) for (seat, _), (source, track) in zip(seats, played, strict=True)])
    folder.make()
    wrap(folder, session_id, key, folder_sealer(folder))
    _write(folder, header, key, events)
    return session_id


def seats_for(count: int) -> tuple[tuple[Seat, Role], ...]:
    """As many as there are players: "client", "therapist", then "client-2", "client-3" … as peers."""
    first = ((Seat("client"), Role.CLIENT), (Seat("therapist"), Role.THERAPIST))
    peers = ((Seat(f"client-{number}"), Role.PEER) for number in range(2, count))
    return tuple(chain(first[:count], peers))


def _refuse_twice(paths: Sequence[Path]) -> None:
    for index, path in enumerate(paths):
        if path.resolve() in [earlier.resolve() for earlier in paths[:index]]:
            raise refusal(SettingError, "file_twice", name=path.name)


def _one_a_player(paths: Sequence[Path]) -> list[tuple[str, PlayedTrack]]:
    """Each player's source and notes; of a path only the file's own name is kept."""
    if len(paths) == 1:
        return [(f"file:{paths[0].name}", track) for track in read_tracks(paths[0])]
    return [(f"file:{path.name}", merged(read_tracks(path))) for path in paths]


def _player(seat: Seat, role: Role, track: PlayedTrack) -> Player:
    return Player(seat, role, "drums" if track.percussion else "keyboard", PALETTE)


def _setup(seats: Iterable[tuple[Seat, Role]]) -> Setup:
    return Setup(PALETTE, KEY, latency_s={seat: 0.0 for seat, _ in seats})


def _events(players: Iterable[tuple[Seat, str, PlayedTrack]]) -> list[Event]:
    """Contacts numbered in the order of their times over all players, each with its note and its ends."""
    notes = [(note, seat, source) for seat, source, track in players for note in track.notes]
    notes.sort(key=lambda entry: entry[0].start_s)
    return [
        event
        for number, (note, seat, source) in enumerate(notes, start=1)
        for event in _of_note(ContactId(number), note, seat, source)
    ]


def _of_note(contact_id: ContactId, note: PlayedNote, seat: Seat, source: str) -> tuple[Event, ...]:
    sound = PERCUSSION_SOUND if note.percussion else PITCHED_SOUND
    return (
        Contact(contact_id, note.start_s, seat, source, note.pitch, note.velocity, note.percussion),
        NoteOn(contact_id, note.start_s, seat, note.pitch, note.velocity, sound, note.percussion),
        Lift(contact_id, note.end_s, seat),
        NoteOff(contact_id, note.end_s, seat, note.pitch),
    )


def _write(folder: DataFolder, header: SessionHeader, key: bytes, events: list[Event]) -> None:
    """The whole session, or nothing of it."""
    path = folder.session_file(header.session_id)
    try:
        writer = SessionWriter(path, key, header=header, backlog=Backlog(max_rows=sys.maxsize))
        for event in events:
            writer.put(event)
        _close_or_abandon(writer, max((event.time_s for event in events if isinstance(event, NoteOff)), default=0.0))
    except DiskFullError:
        discard(path)
        folder.session_key(header.session_id).unlink(missing_ok=True)
        raise


def _close_or_abandon(writer: SessionWriter, duration_s: float) -> None:
    try:
        writer.close(duration_s)
    except DiskFullError:
        writer.abandon()
        raise
