"""How much do the settings of the tempo matter? Each × 0.7 and × 1.4: right, right with the octave forgiven, stated.

`python -m tests.bench.tempo_settings`, some minutes: both halves of the jazz trios apart, and random onsets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis import pulse, pulse_path, tempo
from mtsession.analysis.result import Measured, Window
from mtsession.analysis.tempo import WINDOW_S, tempo_curve
from mtsession.events import Seat
from mtsession.session import OnsetStream, onset_stream
from mtsession.simulate.timing import poisson_onsets
from tests.bench.stage import REPOSITORY, SkippedError
from tests.bench.table import Cell, Table

Times: TypeAlias = NDArray[np.float64]

PARTS = ("bass", "drums", "piano")
HALVES = ("A", "B")
FACTORS = (0.7, 1.4)
WITHIN_OCTAVES = np.log2(1.06)

SETTINGS: dict[str, ModuleType] = {
    "GATE": tempo,
    "CLEAR": tempo,
    "DOUBLE_PREFERRED_HZ": tempo,
    "FILLED": tempo,
    "CHANGE": pulse_path,
    "DRIFT": pulse_path,
    "UNUSUAL": pulse,
    "CROWDED": pulse,
    "ONSETS_PER_BEAT": pulse,
    "SAME_LEVEL": pulse,
}


def run() -> Table:
    """As the settings are, then with each of them changed."""
    tracks = _by_tempo(_trios())
    rows = [_row("as they are", tracks)]
    for name, module in SETTINGS.items():
        for factor in FACTORS:
            with changed(module, name, factor):
                rows.append(_row(f"{name} × {factor}", tracks))
    columns = ("", *(f"{part} {half}" for part in PARTS for half in HALVES), "random")
    remarks = (
        "right / octave forgiven / stated, in 10 s windows, hop 1 s; A: every second track by tempo, B: the others.",
        "random: the largest share stated of Poisson onsets at 1, 2, 4 a second.",
    )
    return Table("Settings of the tempo", columns, tuple(rows), remarks)


@contextmanager
def changed(module: ModuleType, name: str, factor: float) -> Iterator[None]:
    """A setting times a factor, for a while."""
    before = getattr(module, name)
    setattr(module, name, before * factor)
    try:
        yield
    finally:
        setattr(module, name, before)


def _trios() -> Path:
    data = Path(os.environ.get("MTSESSION_DATA", REPOSITORY.parent / "shared" / "data")) / "jazz_trios" / "annotations"
    if not data.is_dir():
        raise SkippedError("the annotations are not here: set MTSESSION_DATA")
    return data


def _by_tempo(folder: Path) -> list[dict[str, Times]]:
    """The onsets of each part and the beats ("mix") of each track."""
    names = sorted(path.name.removesuffix("_mix.txt") for path in folder.glob("*_mix.txt"))
    tracks = [{part: _times_s(folder / f"{name}_{part}.txt") for part in (*PARTS, "mix")} for name in names]
    return sorted(tracks, key=lambda track: float(-np.mean(np.diff(track["mix"]))))


def _times_s(path: Path) -> Times:
    return np.sort([float(line.split("\t")[0]) for line in path.read_text(encoding="utf-8").splitlines() if line])


def _row(name: str, tracks: list[dict[str, Times]]) -> tuple[Cell, ...]:
    halves = [tracks[0::2], tracks[1::2]]
    shares = [_shares(np.concatenate([_judged(track, part) for track in half])) for part in PARTS for half in halves]
    return name, *shares, max(_random_stated(rate_per_s) for rate_per_s in (1.0, 2.0, 4.0))


def _shares(octaves: Times) -> str:
    stated = octaves[np.isfinite(octaves)]
    rights: list[Callable[[Times], Times]] = [np.abs, lambda off: np.abs(off - np.round(off))]
    right, forgiven = (float(np.mean(how(stated) < WITHIN_OCTAVES)) for how in rights)
    return f"{right:.3f} / {forgiven:.3f} / {len(stated) / len(octaves):.2f}"


def _judged(track: dict[str, Times], part: str) -> Times:
    """Octaves from the beats' tempo in each window that has two intervals of them; NaN where none is stated."""
    onsets = onset_stream(Seat(part), track[part])
    window = Window(float(onsets.times_s[0]), float(onsets.times_s[-1]))
    bpm, beats_s = _bpm(onsets, window), track["mix"]
    begins = window.start_s + np.arange(len(bpm), dtype=np.float64)
    inside = [beats_s[(beats_s >= begin) & (beats_s < begin + WINDOW_S)] for begin in begins]
    return np.array([np.log2(at * np.mean(np.diff(b)) / 60) for at, b in zip(bpm, inside, strict=True) if len(b) > 2])


def _bpm(onsets: OnsetStream, window: Window) -> Times:
    found = tempo_curve(onsets, window)
    if isinstance(found, Measured):
        return np.array(found.value.bpm, dtype=np.float64)
    return np.full(int(window.length_s - WINDOW_S) + 1, np.nan)


def _random_stated(rate_per_s: float) -> float:
    rng, window = default_rng(3), Window(0.0, 60.0)
    every = [_bpm(onset_stream(Seat("client"), poisson_onsets(rng, rate_per_s, 60.0)), window) for _ in range(30)]
    return float(np.mean(np.isfinite(every)))


if __name__ == "__main__":
    print(run().text())
