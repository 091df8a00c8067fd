"""Is the tempo of a real duo found faster, and rightly in as many windows, than by partitura; nPVI than by thebeat?

The peers are for comparison only. Where they are not installed beside the tests, name a folder that holds them:
`MTSESSION_PEERS=FOLDER python -m tests.bench tempo` (`uv pip install --target FOLDER partitura thebeat`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.intervals import npvi
from mtsession.analysis.relative_phase import relative_phase
from mtsession.analysis.result import Measured, Window
from mtsession.analysis.tempo import WINDOW_S, tempo_curve
from mtsession.analysis.togetherness import asynchrony
from mtsession.events import Seat
from mtsession.midi.files import PlayedTrack, merged, read_tracks
from mtsession.session import OnsetStream, onset_stream
from tests.bench.stage import SkippedError, duo
from tests.bench.table import Cell, Table

Times: TypeAlias = NDArray[np.float64]

PLAYERS = ("keys", "drums")
ROUNDS = 7
LONG_NOTES = 6000
WITHIN_OCTAVES = np.log2(1.06)

NOTE = [
    ("onset_sec", "f4"),
    ("duration_sec", "f4"),
    ("pitch", "i4"),
    ("velocity", "i4"),
    ("track", "i4"),
    ("channel", "i4"),
    ("id", "U16"),
]
"""partitura's note array of a performance."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One player: the notes, their onsets, the checked beats, and the starts of the windows that are judged."""

    track: PlayedTrack
    onsets: OnsetStream
    beats_s: Times
    window: Window

    @property
    def starts_s(self) -> Times:
        return self.window.start_s + np.arange(int(self.window.length_s - WINDOW_S) + 1, dtype=np.float64)


def run() -> Table:
    """Both players' tempo against partitura's, then nPVI and asynchronies against thebeat's."""
    folder = duo()
    partitura, thebeat = _peers()
    players = [_heard(folder, player) for player in PLAYERS]
    streams = tuple(heard.onsets for heard in players)
    rows = (
        *_tempo_rows(players, partitura),
        *_statistics_rows("duo", streams, thebeat),
        *_statistics_rows("40 min of 2 × 6,000 notes", _long_streams(), thebeat),
    )
    remarks = (
        f"ms: medians of {ROUNDS} rounds, in turns, after one that is not counted. Right: ±6 % of 60/mean checked beat",
        "interval, of the 10 s windows with beats, hop 1 s; ours are not right where nothing is stated. thebeat has",
        "phase differences in place of asynchronies: both ways, as a nearest pair needs both.",
    )
    return Table("Tempo, nPVI and asynchronies", ("", "ms", "peer ms", "×", "right", "peer right"), rows, remarks)


def _long_streams() -> tuple[OnsetStream, OnsetStream]:
    """Two players on one pulse with notes between, as many as a long session has."""
    rng = default_rng(1)
    one, other = (np.cumsum(rng.gamma(8.0, 0.05, LONG_NOTES)) for _ in PLAYERS)
    return onset_stream(Seat("client"), one), onset_stream(Seat("therapist"), other)


def _peers() -> tuple[Any, Any]:
    """partitura's meter module and thebeat."""
    if folder := os.environ.get("MTSESSION_PEERS"):
        sys.path.append(folder)
    # Beside pyfluidsynth, partitura fetches a sound font from the network when it is imported
    synthesiser = sys.modules.get("fluidsynth")
    sys.modules["fluidsynth"] = None  # type: ignore[assignment]
    try:
        return import_module("partitura.musicanalysis.meter"), import_module("thebeat")
    except ImportError as error:
        raise SkippedError(f"{error.name} is not installed: name a folder that holds it in MTSESSION_PEERS") from error
    finally:
        if synthesiser is None:
            del sys.modules["fluidsynth"]
        else:
            sys.modules["fluidsynth"] = synthesiser


def _heard(folder: Path, player: str) -> Heard:
    track = merged(read_tracks(folder / f"{player}_live.mid"))
    beats_s = np.array([note.start_s for note in merged(read_tracks(folder / f"{player}_beats.mid")).notes])
    onsets = onset_stream(Seat(player), np.array([note.start_s for note in track.notes]))
    return Heard(track, onsets, beats_s, Window(float(onsets.times_s[0]), float(onsets.times_s[-1])))


def _tempo_rows(players: list[Heard], partitura: Any) -> list[tuple[Cell, ...]]:
    arrays = [_note_array(heard.track) for heard in players]
    ours_ms, theirs_ms = timed_ms(
        lambda: [tempo_curve(heard.onsets, heard.window) for heard in players],
        lambda: [partitura.estimate_time(array) for array in arrays],
    )
    rows: list[tuple[Cell, ...]] = [("tempo of both players", ours_ms, theirs_ms, _times(ours_ms, theirs_ms), "", "")]
    for player, heard, array in zip(PLAYERS, players, arrays, strict=True):
        rows += _right_rows(player, heard, array, partitura)
    return rows


def _right_rows(player: str, heard: Heard, array: NDArray[Any], partitura: Any) -> list[tuple[Cell, ...]]:
    found = partitura.estimate_time(array)
    beats_s, stated_bpm = np.asarray(found["beats"], dtype=np.float64), _stated_bpm(heard)
    theirs = {
        "its one tempo": np.full(len(heard.starts_s), float(found["tempo"])),
        "its tempo of each window": np.array([_window_bpm(array, start_s, partitura) for start_s in heard.starts_s]),
        "its beats": np.array([_bpm(beats_s, start_s) for start_s in heard.starts_s]),
    }
    ours, n, said = _right(heard, stated_bpm), len(_truths(heard)), np.isfinite(stated_bpm)
    rows: list[tuple[Cell, ...]] = [
        (f"  {player}, {n} windows, {how}", "", "", "", ours, _right(heard, bpm)) for how, bpm in theirs.items()
    ]
    stated = np.where(said, theirs["its beats"], np.nan)
    n_stated = len([number for number in _truths(heard) if said[number]])
    return [*rows, (f"  {player}, the {n_stated} stated, its beats", "", "", "", ours, _right(heard, stated))]


def _note_array(track: PlayedTrack) -> NDArray[Any]:
    notes = [
        (note.start_s, note.end_s - note.start_s, note.pitch, note.velocity, 0, 0, f"n{number}")
        for number, note in enumerate(track.notes)
    ]
    return np.array(notes, dtype=NOTE)


def _stated_bpm(heard: Heard) -> Times:
    found = tempo_curve(heard.onsets, heard.window)
    if not isinstance(found, Measured):
        return np.full(len(heard.starts_s), np.nan)
    return np.array(found.value.bpm, dtype=np.float64)


def _window_bpm(array: NDArray[Any], start_s: float, partitura: Any) -> float:
    inside = array[(array["onset_sec"] >= start_s) & (array["onset_sec"] < start_s + WINDOW_S)].copy()
    inside["onset_sec"] -= start_s
    return float(partitura.estimate_time(inside)["tempo"]) if len(inside) > 1 else np.nan


def _right(heard: Heard, bpm: Times) -> int:
    off = np.log2(bpm[list(_truths(heard))] / list(_truths(heard).values()))
    return int(np.sum(np.abs(off) < WITHIN_OCTAVES))


def _truths(heard: Heard) -> dict[int, float]:
    """By the window's number, where it has two checked beat intervals or more."""
    truths = {number: _bpm(heard.beats_s, start_s) for number, start_s in enumerate(heard.starts_s)}
    return {number: bpm for number, bpm in truths.items() if np.isfinite(bpm)}


def _bpm(beats_s: Times, start_s: float) -> float:
    inside = beats_s[(beats_s >= start_s) & (beats_s < start_s + WINDOW_S)]
    return float(60.0 / np.mean(np.diff(inside))) if len(inside) > 2 else np.nan


def _statistics_rows(of: str, streams: tuple[OnsetStream, ...], thebeat: Any) -> list[tuple[Cell, ...]]:
    first, second = streams
    whole = Window(0.0, float(max(first.times_s[-1], second.times_s[-1])))
    one, other = (thebeat.Sequence.from_onsets(1000.0 * stream.times_s) for stream in streams)
    statistics = thebeat.stats

    def phases() -> None:
        statistics.get_phase_differences(one, other, reference_ioi="containing")
        statistics.get_phase_differences(other, one, reference_ioi="containing")

    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "nPVI of both": (
            lambda: [npvi(stream.intervals_s) for stream in streams],
            lambda: [statistics.get_npvi(sequence) for sequence in (one, other)],
        ),
        "asynchronies": (lambda: asynchrony(first, second, whole, 0), phases),
        "relative phases": (lambda: relative_phase(first, second, whole, 0), phases),
    }
    rows: list[tuple[Cell, ...]] = []
    for name, (ours, theirs) in pairs.items():
        ours_ms, theirs_ms = timed_ms(ours, theirs)
        rows.append((f"{name}, {of}", ours_ms, theirs_ms, _times(ours_ms, theirs_ms), "", ""))
    return rows


def _times(ours_ms: float, theirs_ms: float) -> int:
    return round(theirs_ms / ours_ms)


def timed_ms(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians of several rounds, one after the other in each, after one that is not counted."""
    taken = np.array([[_ms(ours), _ms(theirs)] for _ in range(ROUNDS + 1)])[1:]
    ours_ms, theirs_ms = np.median(taken, axis=0).tolist()
    return ours_ms, theirs_ms


def _ms(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return 1000.0 * (time.perf_counter() - began_s)


if __name__ == "__main__":
    print(run().text())
