"""How often do measures of unrelated players lie outside of their bands, and how often are coupled players found?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import default_rng

from mtsession.analysis.following import Verdict
from mtsession.analysis.result import Measured, Window
from mtsession.analysis.timing import Timing, timing
from mtsession.session import onset_stream
from mtsession.simulate.coupling import group_pulses, pair
from tests.analysis.banded import BANDED, Banded
from tests.analysis.unrelated import KINDS, SEATS, Players, unrelated
from tests.bench.table import Cell, Table

SESSIONS, SEED = 400, 3
"""Unrelated sessions of each kind, one window of 60 s each."""

COUPLED = 100

AT_MOST = 0.07
"""Of those that state anything; the true rate is 0.05."""

ALPHAS, LENGTHS_S = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (30, 60, 120)

PERIOD_S = 0.6


def rates(measure: Banded, sessions: list[Players]) -> tuple[int, int]:
    """How many of the sessions lay outside, and of how many that stated anything."""
    found = [outside for players in sessions if (outside := measure.outside(players)) is not None]
    return sum(found), len(found)


def run() -> Table:
    """The proof of every banded measure on every kind of unrelated players."""
    rng = default_rng(SEED)
    crowds = {kind: unrelated(kind, rng, SESSIONS) for kind in KINDS}
    return Table(
        f"Outside of the chance band: {SESSIONS} unrelated sessions of 60 s each (true rate 5 %, bound {AT_MOST:.0%})",
        ("measure", "surrogate", *KINDS),
        tuple(_row(measure, crowds) for measure in BANDED),
        ("a cell: share outside of those that stated anything (how many did); — where none did",),
    )


def _row(measure: Banded, crowds: dict[str, list[Players]]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for sessions in crowds.values():
        outside, stated = rates(measure, sessions)
        cells.append(f"{outside / stated:.1%} ({stated})" if stated else "—")
    named = {name for sessions in crowds.values() for players in sessions[:20] for name in measure.surrogates(players)}
    return measure.name, " | ".join(sorted(named)) or "—", *cells


def coupled(alpha_first: float, alpha_second: float, length_s: float, sessions: int, seed: int) -> list[Timing]:
    """What is measured of simulated pairs who take off those shares of their asynchronies."""
    intended_s = np.full(int(length_s / PERIOD_S) + 2, PERIOD_S)
    played_s = group_pulses(default_rng(seed), intended_s, pair(alpha_first, alpha_second, 0.015, 0.008), sessions)
    window = Window(0.0, float(length_s))
    streams = [[onset_stream(seat, t[t < length_s]) for seat, t in zip(SEATS, both, strict=False)] for both in played_s]
    return [timing(first, second, window) for first, second in streams]


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of coupled sessions in which a measure said so."""

    phase_above: float
    matched_above: float
    second_follows: float
    anybody_follows: float


def found(several: list[Timing]) -> Found:
    """Of relative phase and matched onsets, how many lay above their bands; of following, how many verdicts."""
    verdicts = [t.following.value.verdict if isinstance(t.following, Measured) else None for t in several]
    following = {Verdict.FIRST_FOLLOWS, Verdict.SECOND_FOLLOWS, Verdict.MUTUAL}
    return Found(
        _share(isinstance(t.relative_phase, Measured) and above(t.relative_phase, "mean_resultant") for t in several),
        _share(isinstance(t.asynchrony, Measured) and above(t.asynchrony, "share_matched") for t in several),
        _share(verdict is Verdict.SECOND_FOLLOWS for verdict in verdicts),
        _share(verdict in following for verdict in verdicts),
    )


def _share(said: Iterable[bool]) -> float:
    return float(np.mean(list(said)))


def above(measured: Measured[Any], name: str) -> bool:
    """Whether the value of that name lies above the band."""
    return measured.band is not None and getattr(measured.value, name) > measured.band.high


def run_power() -> Table:
    """Coupled players, by strength and length: one follows the other, and both follow each other."""
    return Table(
        f"Coupled players found above their bands, of {COUPLED} (a beat of {PERIOD_S} s; noise 15 ms clock, 8 ms hand)",
        ("alpha", "s", "one way: phase", "matched", "right verdict", "both ways: phase", "matched", "followed at all"),
        tuple(_power_row(alpha, length_s) for alpha in ALPHAS for length_s in LENGTHS_S),
    )


def _power_row(alpha: float, length_s: int) -> tuple[Cell, ...]:
    one_way = found(coupled(0.0, alpha, length_s, COUPLED, 1))
    both = found(coupled(alpha, alpha, length_s, COUPLED, 2))
    alone = (one_way.phase_above, one_way.matched_above, one_way.second_follows)
    mutual = (both.phase_above, both.matched_above, both.anybody_follows)
    return alpha, length_s, *(f"{share:.0%}" for share in alone + mutual)


if __name__ == "__main__":
    print(run().text())
    print(run_power().text())
