"""Which notes does a Standard MIDI File hold, and how is one written?"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import mido

from mtsession.errors import MidiFileError
from mtsession.midi.decode import PERCUSSION_CHANNEL
from mtsession.wording import say

USUAL_TEMPO_US = 500_000
"""Microseconds a beat where a file says nothing: 120 BPM."""

TICKS_A_BEAT = 10_000
"""Written files: at the usual tempo a tick is 0.05 ms, so every time is kept to 0.025 ms."""

FILE_CHARSET = "utf-8"

MAGIC = b"MThd"

LARGEST_BYTES = 32 * 2**20
"""Hours of the densest playing are some 2 MB; all of a file is held in memory."""

LONGEST_S = 24 * 3600.0
"""A few bytes can ask for centuries, which the measures would lay out second by second."""


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """One note of a file, in seconds from its beginning."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int
    percussion: bool = False


@dataclass(frozen=True, slots=True)
class PlayedTrack:
    """What one player played: `notes` by start and pitch; `name` as the file has it, or empty."""

    name: str
    notes: tuple[PlayedNote, ...]

    @property
    def percussion(self) -> bool:
        """True where there is nothing but drums."""
        return bool(self.notes) and all(note.percussion for note in self.notes)


def read_tracks(path: Path) -> tuple[PlayedTrack, ...]:
    """The tracks of a file that hold notes; where only one does, its channels, one a player.

    Notes are paired as pretty_midi pairs them: a note-off ends every sounding note of its key that did not begin at the
    same tick; a note without an end is left out. Raises MidiFileError for a file that is no MIDI, empty, truncated,
    too large or long for a session, of independent songs (type 2), or without a note.
    """
    file = _load(path)
    seconds = _clock_of(file)
    parts = [_track(track, seconds) for track in file.tracks]
    played = [track for track in parts if track.notes]
    if not played:
        raise _file_error("file_without_notes", name=path.name)
    if max(note.end_s for track in played for note in track.notes) > LONGEST_S:
        raise _file_error("file_too_long", name=path.name)
    return tuple(played) if len(played) > 1 else _by_channel(file, seconds, played[0].name)


def merged(tracks: Sequence[PlayedTrack]) -> PlayedTrack:
    """All tracks of a file as the playing of one person."""
    names = [track.name for track in tracks if track.name]
    notes = sorted((note for track in tracks for note in track.notes), key=_order)
    return PlayedTrack(names[0] if names else "", tuple(notes))


def write_tracks(path: Path, tracks: Iterable[PlayedTrack]) -> None:
    """Write a type 1 file: one track of tempo, then a track each; drums on channel 10. Raises OSError.

    A key that is struck again before it was let go ends there, because MIDI cannot say otherwise; a note lasts a tick
    at least.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_A_BEAT, charset=FILE_CHARSET)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=USUAL_TEMPO_US)]))
    file.tracks.extend(_written(track) for track in tracks)
    file.save(path)


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Seconds of ticks: at `ticks` (ascending from 0) the tempo changes, `tick_s` is how long a tick is from there."""

    ticks: tuple[int, ...]
    tick_s: tuple[float, ...]
    start_s: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        stretches = zip(self.ticks[1:], self.ticks, self.tick_s, strict=False)
        spans_s = ((end - start) * tick_s for end, start, tick_s in stretches)
        object.__setattr__(self, "start_s", tuple(accumulate(spans_s, initial=0.0)))

    def at_s(self, tick: int) -> float:
        """The second of a tick."""
        part = bisect.bisect_right(self.ticks, tick) - 1
        return self.start_s[part] + (tick - self.ticks[part]) * self.tick_s[part]


def _load(path: Path) -> mido.MidiFile:
    try:
        with path.open("rb") as file:
            beginning, size_bytes = file.read(len(MAGIC)), path.stat().st_size
    except OSError as error:
        raise _file_error("file_unreadable", name=path.name, reason=error.strerror) from error
    if not beginning:
        raise _file_error("file_empty", name=path.name)
    if beginning != MAGIC:
        raise _file_error("file_not_midi", name=path.name)
    if size_bytes > LARGEST_BYTES:
        raise _file_error("file_too_large", name=path.name)
    return _parsed(path)


def _parsed(path: Path) -> mido.MidiFile:
    try:
        file = mido.MidiFile(path, charset="latin-1")
    except EOFError as error:
        raise _file_error("file_truncated", name=path.name) from error
    except (OSError, ValueError, LookupError, TypeError, mido.KeySignatureError) as error:
        raise _file_error("file_damaged", name=path.name) from error
    if file.type == 2:
        raise _file_error("file_of_songs", name=path.name)
    if file.ticks_per_beat == 0:
        raise _file_error("file_damaged", name=path.name)
    return file


def _clock_of(file: mido.MidiFile) -> TempoMap:
    if file.ticks_per_beat < 0:  # frames and parts of a frame (SMPTE): no tempo applies
        frames_per_s, parts = -(file.ticks_per_beat >> 8), file.ticks_per_beat & 0xFF
        return TempoMap((0,), (1.0 / (frames_per_s * max(parts, 1)),))
    tempi = {0: USUAL_TEMPO_US}
    for tick, message in sorted(_ticked(file.tracks), key=lambda entry: entry[0]):
        if message.type == "set_tempo":
            tempi[tick] = message.tempo
    return TempoMap(tuple(tempi), tuple(tempo * 1e-6 / file.ticks_per_beat for tempo in tempi.values()))


def _ticked(tracks: Iterable[Iterable[Any]]) -> Iterator[tuple[int, Any]]:
    """Each message with its tick from the beginning."""
    for track in tracks:
        tick = 0
        for message in track:
            tick += message.time
            yield tick, message


def _track(track: mido.MidiTrack, seconds: TempoMap, channels: Iterable[int] = range(16)) -> PlayedTrack:
    chosen = frozenset(channels)
    messages = [(tick, message) for tick, message in _ticked([track]) if _plays(message) and message.channel in chosen]
    return PlayedTrack(track.name, tuple(sorted(_paired(messages, seconds), key=_order)))


def _by_channel(file: mido.MidiFile, seconds: TempoMap, name: str) -> tuple[PlayedTrack, ...]:
    parts = [_track(track, seconds, (channel,)) for track in file.tracks for channel in range(16)]
    played = [part for part in parts if part.notes]
    return tuple(PlayedTrack(name, part.notes) for part in played)


def _plays(message: Any) -> bool:  # noqa: ANN401 (mido has no types)
    return message.type in ("note_on", "note_off")


def _paired(messages: Iterable[tuple[int, Any]], seconds: TempoMap) -> Iterator[PlayedNote]:
    """Pair note-ons with note-offs as pretty_midi's `_load_instruments` does, key by key."""
    sounding: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for tick, message in messages:
        key = (message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            sounding.setdefault(key, []).append((tick, message.velocity))
            continue
        begun = sounding.pop(key, [])
        ended = [(start, velocity) for start, velocity in begun if start != tick]
        if ended and len(ended) < len(begun):
            sounding[key] = [(start, velocity) for start, velocity in begun if start == tick]
        percussion = message.channel == PERCUSSION_CHANNEL - 1
        for start, velocity in ended:
            yield PlayedNote(seconds.at_s(start), seconds.at_s(tick), message.note, velocity, percussion)


def _order(note: PlayedNote) -> tuple[float, int, float]:
    return note.start_s, note.pitch, note.end_s


def _written(track: PlayedTrack) -> mido.MidiTrack:
    """Messages with delta times; at one tick note-offs come before note-ons."""
    messages = sorted(_messages(track.notes), key=lambda entry: (entry[0], entry[1].type != "note_off"))
    written = mido.MidiTrack([mido.MetaMessage("track_name", name=track.name)])
    before = 0
    for tick, message in messages:
        written.append(message.copy(time=tick - before))
        before = tick
    return written


def _messages(notes: Iterable[PlayedNote]) -> Iterator[tuple[int, mido.Message]]:
    next_start: dict[tuple[bool, int], int] = {}
    for note in sorted(notes, key=_order, reverse=True):
        key, start = (note.percussion, note.pitch), _tick(note.start_s)
        end = min(max(_tick(note.end_s), start + 1), next_start.get(key, _tick(note.end_s) + 1))
        next_start[key] = start
        message = partial(mido.Message, note=note.pitch, channel=PERCUSSION_CHANNEL - 1 if note.percussion else 0)
        if end > start:  # a second note of a key at one tick cannot be told from the first
            yield start, message("note_on", velocity=note.velocity)
            yield end, message("note_off", velocity=0)


def _tick(time_s: float) -> int:
    return round(time_s * 1e6 / USUAL_TEMPO_US * TICKS_A_BEAT)


def _file_error(key: str, **facts: object) -> MidiFileError:
    return MidiFileError(say(f"midi.{key}", **facts), say(f"midi.{key}_next"))
