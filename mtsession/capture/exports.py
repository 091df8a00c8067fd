"""How does a session leave its sealed file, for other programs to read?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile

from mtsession.capture.atomic import claim
from mtsession.capture.flac import Frames
from mtsession.capture.reader import read_audio, read_session
from mtsession.capture.refusals import refusal
from mtsession.errors import DiskFullError
from mtsession.events import AudioOnset, Choice, Contact, ContactId, Event, Gap, Mark, Refused
from mtsession.midi.files import PlayedNote, PlayedTrack, write_tracks
from mtsession.session import Note, Session, Track

COLUMNS = ("onset_s", "duration_s", "seat", "kind", "pitch", "velocity", "contact_s", "accepted_s", "sounded_s")
NOT_AVAILABLE = "n/a"
"""What a table says where there is no value; never 0."""

RENDERED_RATE_HZ = 48_000
READ_AT_ONCE_S = 60.0

Row: TypeAlias = tuple[float, tuple[str, ...]]


def export(path: Path, key: bytes, kind: str, to: Path) -> tuple[Path, ...]:
    """Write a session as "smf", "flac" or "tsv" into a folder, which is made; the files written.

    They are not sealed, and readable by their owner only. Files of the same name are replaced. Raises
    SessionFormatError and SessionKeyError for the session file, DiskFullError for the folder.
    """
    session = read_session(path, key)
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tuple(_EXPORTS[kind](session, path, key, to))
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(DiskFullError, "cannot_export", name=to.name, reason=reason) from error


def tracks_of(session: Session) -> tuple[PlayedTrack, ...]:
    """A track a seat: each note from its contact on, for as long as it was played."""
    return tuple(
        PlayedTrack(player.seat, tuple(map(_played, session.notes(player.seat)))) for player in session.players
    )


def rows_of(session: Session) -> tuple[tuple[str, ...], ...]:
    """The table, by onset: notes, refused contacts, heard onsets, marks, choices and gaps."""
    notes = (_note_row(note) for player in session.players for note in session.notes(player.seat))
    contacts = {event.id: event for event in session.events if isinstance(event, Contact)}
    others = (row for event in session.events for row in _event_rows(event, contacts))
    return tuple(cells for _, cells in sorted([*notes, *others], key=lambda row: row[0]))


def _smf(session: Session, _path: Path, _key: bytes, to: Path) -> Iterator[Path]:
    file = _own(to / f"{session.id}.mid")
    write_tracks(file, tracks_of(session))
    yield file


def _tsv(session: Session, _path: Path, _key: bytes, to: Path) -> Iterator[Path]:
    file = _own(to / f"{session.id}.tsv")
    with file.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened, dialect="excel-tab", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows_of(session))
    yield file


def _flac(session: Session, path: Path, key: bytes, to: Path) -> Iterator[Path]:
    """The audio that was kept, a file a track; where none was, the session as it sounded, rendered."""
    for track in session.tracks:
        file = _own(to / f"{session.id}-{_plain(track.name)}.flac")
        _write_flac(file, track.sample_rate_hz, _kept(track, path, key))
        yield file
    if not session.tracks:
        from mtsession.audio.offline import render_session  # brings the compiled mixer, for this alone

        file = _own(to / f"{session.id}-rendered.flac")
        _write_flac(file, RENDERED_RATE_HZ, render_session(session))
        yield file


_EXPORTS: Mapping[str, Callable[[Session, Path, bytes, Path], Iterator[Path]]] = {
    "smf": _smf,
    "flac": _flac,
    "tsv": _tsv,
}

FORMATS = tuple(_EXPORTS)
"""What `export` can write: Standard MIDI File, audio, a table."""


def _own(file: Path) -> Path:
    """The file, new, empty and readable by its owner only before anything is written: what follows is not sealed."""
    file.unlink(missing_ok=True)
    claim(file)
    return file


def _kept(track: Track, path: Path, key: bytes) -> Iterator[Frames]:
    """A track's frames from the session's beginning on, a minute at a time: all files of a session begin together."""
    end_s = track.start_s + track.n_frames / track.sample_rate_hz
    if track.start_s > 0:
        silence = read_audio(path, key, track.name, track.start_s, track.start_s + 1 / track.sample_rate_hz) * 0
        yield np.repeat(silence, round(track.start_s * track.sample_rate_hz), axis=0)
    for start_s in np.arange(track.start_s, end_s, READ_AT_ONCE_S):
        yield read_audio(path, key, track.name, float(start_s), min(float(start_s) + READ_AT_ONCE_S, end_s))


def _write_flac(file: Path, sample_rate_hz: int, blocks: Iterable[Frames]) -> None:
    waiting = iter(blocks)
    first = next(waiting, np.zeros((0, 1), dtype=np.float32))
    with soundfile.SoundFile(
        file, "w", sample_rate_hz, channels=first.shape[1], format="FLAC", subtype="PCM_24"
    ) as opened:
        opened.write(first)
        for block in waiting:
            opened.write(block)


def _played(note: Note) -> PlayedNote:
    return PlayedNote(note.contact_s, note.contact_s + note.duration_s, note.pitch, note.velocity, note.percussion)


def _note_row(note: Note) -> Row:
    kind = "percussion" if note.percussion else "note"
    times = (note.contact_s, note.accepted_s, note.sounded_s)
    return note.contact_s, _cells(note.contact_s, note.duration_s, note.seat, kind, note.pitch, note.velocity, times)


def _event_rows(event: Event, contacts: Mapping[ContactId, Contact]) -> Iterator[Row]:
    match event:
        case Refused() if event.contact_id in contacts:
            contact = contacts[event.contact_id]
            yield (
                contact.time_s,
                _cells(
                    contact.time_s, None, contact.seat, "refused", contact.number, contact.velocity, (contact.time_s,)
                ),
            )
        case AudioOnset():
            yield event.time_s, _cells(event.time_s, None, event.seat, f"audio onset {event.listening}")
        case Mark():
            yield event.start_s, _cells(event.start_s, event.time_s - event.start_s, event.seat, "mark")
        case Choice():
            yield event.time_s, _cells(event.time_s, None, event.seat, f"choice {event.choice}")
        case Gap():
            yield event.start_s, _cells(event.start_s, event.end_s - event.start_s, None, "gap")
        case _:
            return


def _cells(
    onset_s: float,
    duration_s: float | None,
    seat: str | None,
    kind: str,
    pitch: int | None = None,
    velocity: int | None = None,
    times_s: tuple[float | None, ...] = (),
) -> tuple[str, ...]:
    times = (*times_s, None, None, None)[:3]
    whole = (NOT_AVAILABLE if number is None else str(number) for number in (pitch, velocity))
    return _seconds(onset_s), _seconds(duration_s), seat or NOT_AVAILABLE, kind, *whole, *map(_seconds, times)


def _seconds(time_s: float | None) -> str:
    return NOT_AVAILABLE if time_s is None else f"{time_s:.6f}"


def _plain(name: str) -> str:
    """A track's name as a part of a file's name."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)
