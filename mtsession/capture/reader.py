"""What does a session file hold?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from mtsession.capture.database import open_to_read
from mtsession.capture.flac import Frames, from_flac
from mtsession.capture.refusals import refusal
from mtsession.capture.schema import EVENT_TABLES, SessionHeader, from_microseconds, time_of_s
from mtsession.errors import SessionFormatError
from mtsession.events import ContactId, Event, Seat
from mtsession.session import Player, Role, Session, Setup, Track

if TYPE_CHECKING:
    from sqlite3 import Connection  # sqlcipher3's has the same interface and no types


def read_session(path: Path, key: bytes, kinds: Collection[type[Any]] = EVENT_TABLES) -> Session:
    """Everything but the audio's samples. A session that was never closed lasts until the last it holds.

    `kinds` are the types of the events that are wanted: who needs few of them waits less.

    Raises SessionKeyError for another session's key, SessionFormatError for a damaged file or one that is no session.
    """
    with _reading(path, key) as database:
        header = _header(database)
        events = _events(database, kinds)
        tracks = _tracks(database)
        duration_s = _duration_s(database)
        _check_every_page(database, path)
    return Session(header.session_id, header.started_at, duration_s, header.players, events, tracks, header.setup)


def read_audio(path: Path, key: bytes, track: str, start_s: float = 0.0, end_s: float | None = None) -> Frames:
    """A track's frames (n, channels) between two session times; where nothing was captured there is silence.

    `end_s` None is the end of the track. Raises KeyError for a track that the session has not, else as `read_session`.
    """
    with _reading(path, key) as database:
        facts = {found.name: found for found in _tracks(database)}[track]
        (channels,) = database.execute("SELECT channels FROM tracks WHERE name = ?", (track,)).fetchone()
        first, end = _frame_window(facts, start_s, end_s)
        rows = database.execute(
            "SELECT first_frame, flac FROM audio_blocks"
            " WHERE track = ? AND first_frame < ? AND first_frame + n_frames > ? ORDER BY first_frame",
            (track, end, first),
        )
        frames = np.zeros((end - first, channels), dtype=np.float32)
        for first_frame, stream in rows:
            _lay(frames, from_flac(stream), first_frame - first)
    return frames


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a list shows of a session."""

    header: SessionHeader
    duration_s: float
    n_notes: int


def read_facts(path: Path, key: bytes) -> SessionFacts:
    """The header, the duration and how many notes: quick, for lists. Raises as `read_session`."""
    with _reading(path, key) as database:
        return SessionFacts(_header(database), _duration_s(database), _whole(database, "SELECT count(*) FROM notes"))


def last_contact_id(path: Path, key: bytes) -> ContactId:
    """The highest contact number in use, 0 where there is none: an engine started anew counts on from it."""
    with _reading(path, key) as database:
        return ContactId(_whole(database, "SELECT max(id) FROM contacts"))


def last_epoch(path: Path, key: bytes) -> int:
    """The highest audio epoch, 0 where there was none (epochs count from 1)."""
    with _reading(path, key) as database:
        return _whole(database, "SELECT max(epoch) FROM audio_epochs")


@contextmanager
def _reading(path: Path, key: bytes) -> Iterator[Connection]:
    """Values that no program of ours wrote are damage too."""
    try:
        with open_to_read(path, key) as database:
            yield database
    except (ValueError, TypeError, soundfile.LibsndfileError) as error:
        raise refusal(SessionFormatError, "damaged", name=path.name) from error


def _check_every_page(database: Connection, path: Path) -> None:
    """Find damage also where reading the events did not look: in indexes, audio and free pages.

    Only once a session was closed: the check reads past the locks, and a running one is being written.
    """
    (closed_s,) = _only_row(database, "SELECT duration_s FROM header")
    if closed_s is not None and database.execute("PRAGMA cipher_integrity_check").fetchone():
        raise refusal(SessionFormatError, "damaged", name=path.name)


def _header(database: Connection) -> SessionHeader:
    session_id, started_at_us = _only_row(database, "SELECT session_id, started_at_us FROM header")
    return SessionHeader(session_id, from_microseconds(started_at_us), _players(database), _setup(database))


def _duration_s(database: Connection) -> float:
    """As it was closed with; of a session that never was, the last moment that it tells of."""
    (duration_s,) = _only_row(database, "SELECT duration_s FROM header")
    if duration_s is not None:
        return float(duration_s)
    ends = (_only_row(database, table.select_end)[0] for table in EVENT_TABLES.values())
    return max(
        [end_s for end_s in ends if end_s is not None] + [_end_s(track) for track in _tracks(database)], default=0.0
    )


def _players(database: Connection) -> tuple[Player, ...]:
    access: dict[str, dict[str, str]] = {}
    for seat, setting, value in database.execute("SELECT seat, setting, value FROM player_access ORDER BY rowid"):
        access.setdefault(seat, {})[setting] = value
    rows = database.execute("SELECT seat, role, instrument, palette FROM players ORDER BY position")
    return tuple(
        Player(Seat(seat), Role(role), instrument, palette, access.get(seat, {}))
        for seat, role, instrument, palette in rows
    )


def _setup(database: Connection) -> Setup:
    palette, key, simulated = _only_row(database, "SELECT palette, key, simulated FROM setup")
    assists = dict(database.execute("SELECT assist, value FROM setup_assists ORDER BY rowid").fetchall())
    latency_s = dict(database.execute("SELECT seat, latency_s FROM setup_latencies ORDER BY rowid").fetchall())
    return Setup(palette, key, assists, latency_s, bool(simulated))


def _events(database: Connection, kinds: Collection[type[Any]]) -> tuple[Event, ...]:
    """By the times at which they began, and by their order in the file where those are the same."""
    order: list[int] = []
    found: list[Event] = []
    for table in (table for kind, table in EVENT_TABLES.items() if kind in kinds):
        rows = database.execute(table.select).fetchall()
        order += [row[0] for row in rows]
        found += table.events([row[1:] for row in rows])
    times_s = np.array([time_of_s(event) for event in found], dtype=np.float64)
    return tuple(found[index] for index in np.lexsort((np.array(order), times_s)).tolist())


def _tracks(database: Connection) -> tuple[Track, ...]:
    rows = database.execute(
        "SELECT name, seat, sample_rate_hz, start_s,"
        " (SELECT coalesce(max(first_frame + n_frames), 0) FROM audio_blocks WHERE track = name), latency_s"
        " FROM tracks ORDER BY tracks.rowid"
    )
    return tuple(Track(*row) for row in rows)


def _end_s(track: Track) -> float:
    return track.start_s + track.n_frames / track.sample_rate_hz


def _frame_window(track: Track, start_s: float, end_s: float | None) -> tuple[int, int]:
    first = max(0, round((start_s - track.start_s) * track.sample_rate_hz))
    if end_s is None:
        return first, max(first, track.n_frames)
    return first, max(first, round((end_s - track.start_s) * track.sample_rate_hz))


def _lay(onto: Frames, block: Frames, at_frame: int) -> None:
    """Copy the part of a block that lies in the window."""
    start, end = max(at_frame, 0), min(at_frame + len(block), len(onto))
    onto[start:end] = block[start - at_frame : end - at_frame]


def _whole(database: Connection, sql: str) -> int:
    (number,) = _only_row(database, sql)
    return int(number or 0)


def _only_row(database: Connection, sql: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = database.execute(sql).fetchone()
    if row is None:
        raise ValueError("a session file without its header")
    return row
