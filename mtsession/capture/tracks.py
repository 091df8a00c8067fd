"""Where does audio that was put belong in the session file, and in which blocks is it kept?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mtsession.capture.backlog import Statement
from mtsession.capture.flac import Frames, to_flac
from mtsession.session import Track

if TYPE_CHECKING:
    from sqlite3 import Connection  # sqlcipher3's has the same interface and no types

BLOCK_S = 1.0
"""No stored block is longer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Frames (n, channels) of a track, as they were put."""

    track: Track
    first_frame: int
    frames: Frames


class StoredTracks:
    """Knows where frame 0 of each stored track is, so that a track that goes on is placed by time."""

    def __init__(self, database: Connection) -> None:
        rows = database.execute("SELECT name, sample_rate_hz, channels, start_s FROM tracks").fetchall()
        self._start_s = {(name, rate_hz, channels): start_s for name, rate_hz, channels, start_s in rows}

    def statements(self, block: Heard) -> tuple[Statement, ...]:
        """What keeps a block, and its track where it is new."""
        channels, rate_hz = block.frames.shape[1], block.track.sample_rate_hz
        name, known = self._name(block.track, channels)
        first_known_s = self._start_s.get((name, rate_hz, channels), block.track.start_s)
        shift_frames = round((block.track.start_s - first_known_s) * rate_hz)
        kept = _block_statement(name, block, block.first_frame + shift_frames)
        if known:
            return (kept,)
        self._start_s[name, rate_hz, channels] = block.track.start_s
        return _track_statement(replace(block.track, name=name), channels), kept

    def _name(self, track: Track, channels: int) -> tuple[str, bool]:
        """The stored name, and whether it is known; another device's rate is another track with a longer name."""
        plain = (track.name, track.sample_rate_hz, channels)
        if plain in self._start_s:
            return track.name, True
        if all(name != track.name for name, _, _ in self._start_s):
            return track.name, False
        longer = f"{track.name} {track.sample_rate_hz} Hz {channels}"
        return longer, (longer, track.sample_rate_hz, channels) in self._start_s


def blocks(heard: Iterable[Heard]) -> Iterator[Heard]:
    """Join what follows on, track by track, and cut it to at most a second."""
    by_track = sorted(heard, key=lambda item: (item.track.name, item.track.start_s, item.first_frame))
    joined: Heard | None = None
    for item in by_track:
        if joined is not None and _follows(joined, item):
            joined = replace(joined, frames=np.concatenate((joined.frames, item.frames)))
            continue
        yield from _cut(joined)
        joined = item
    yield from _cut(joined)


def _follows(earlier: Heard, later: Heard) -> bool:
    return (
        earlier.track == later.track
        and earlier.first_frame + len(earlier.frames) == later.first_frame
        and earlier.frames.shape[1] == later.frames.shape[1]
    )


def _cut(block: Heard | None) -> Iterator[Heard]:
    if block is None:
        return
    step = round(BLOCK_S * block.track.sample_rate_hz)
    for start in range(0, len(block.frames), step):
        yield Heard(block.track, block.first_frame + start, block.frames[start : start + step])


def _track_statement(track: Track, channels: int) -> Statement:
    row = (track.name, track.seat, track.sample_rate_hz, track.start_s, track.latency_s, channels)
    return Statement("INSERT OR IGNORE INTO tracks VALUES (?, ?, ?, ?, ?, ?)", row, track.start_s, track.start_s)


def _block_statement(name: str, block: Heard, first_frame: int) -> Statement:
    stream = to_flac(block.frames, block.track.sample_rate_hz)
    n_frames = len(block.frames)
    start_s = block.track.start_s + block.first_frame / block.track.sample_rate_hz
    end_s = start_s + n_frames / block.track.sample_rate_hz
    row = (name, first_frame, n_frames, stream)
    sql = "INSERT OR REPLACE INTO audio_blocks VALUES (?, ?, ?, ?)"
    return Statement(sql, row, start_s, end_s, audio_bytes=len(stream))
