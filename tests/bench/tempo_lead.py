"""How often are unrelated players said to have moved toward each other's tempo, and how often is a follower found?

`python -m tests.bench.tempo_lead`: 400 sessions of each kind, some two minutes. The suite holds a shorter, seeded form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from mtsession.analysis.result import Measured, Window
from mtsession.analysis.tempo import tempo_curve
from mtsession.analysis.tempo_lead import Moved, TempoLead, tempo_lead
from mtsession.events import Seat
from mtsession.session import onset_stream
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets
from tests.bench.table import Cell, Table

Times: TypeAlias = NDArray[np.float64]

Make: TypeAlias = Callable[[Generator, float], tuple[Times, Times]]

SESSIONS = 400
LENGTHS_S = (60.0, 120.0)


def steady(rng: Generator, length_s: float, bpm: float, will: float) -> Times:
    """Each interval a little off, and the period with a will of its own, by so much a beat."""
    n = int(length_s * bpm / 60 * 1.5)
    periods_s = 60 / bpm * np.exp(np.cumsum(rng.normal(0.0, will, n)))
    return np.cumsum(periods_s + rng.normal(0.0, 0.02, n))


def coupled(rng: Generator, length_s: float, period: float, other_period: float) -> tuple[Times, Times]:
    """One intended tempo that wanders, and players who take so much of each asynchrony into their period."""
    intended_s = np.diff(steady(rng, length_s, 90.0, 0.008))
    keepers = (Timekeeper(0.3, each, 0.015, 0.005) for each in (period, other_period))
    return coupled_pulse(rng, intended_s, *keepers)


def following(rng: Generator, length_s: float, share: float) -> tuple[Times, Times]:
    """The second takes up that share of the difference to the first's interval of three beats ago."""
    leader_s = steady(rng, length_s, 90.0, 0.01)
    intervals_s, period_s = np.diff(leader_s), float(leader_s[1] - leader_s[0])
    played_s = []
    for index in range(len(intervals_s)):
        period_s += share * (float(intervals_s[index - 3]) - period_s) if index >= 3 else 0.0
        played_s.append(period_s + rng.normal(0.0, 0.02))
    return leader_s, leader_s[0] + np.cumsum(played_s)


KINDS: dict[str, Make] = {
    "unrelated: random": lambda rng, s: (poisson_onsets(rng, 2.0, s), poisson_onsets(rng, 2.0, s)),
    "unrelated: steady, equal tempo": lambda rng, s: (steady(rng, s, 90.0, 0.0), steady(rng, s, 90.0, 0.0)),
    "unrelated: steady, unequal tempo": lambda rng, s: (steady(rng, s, 90.0, 0.0), steady(rng, s, 97.0, 0.0)),
    "unrelated: wandering": lambda rng, s: (steady(rng, s, 90.0, 0.01), steady(rng, s, 90.0, 0.01)),
    "second follows by 0.1": lambda rng, s: following(rng, s, 0.1),
    "second follows by 0.3": lambda rng, s: following(rng, s, 0.3),
    "both correct alike": lambda rng, s: coupled(rng, s, 0.1, 0.1),
}


def run() -> Table:
    """Shares of the sessions in which something can be told."""
    rows = tuple(_row(kind, length_s) for length_s in LENGTHS_S for kind in KINDS)
    columns = ("", "s", "told", "outside the band", "second moved", "first moved", "both")
    return Table(f"Who moved toward whom, {SESSIONS} sessions each", columns, rows)


def _row(kind: str, length_s: float) -> tuple[Cell, ...]:
    rng = default_rng(21)
    found = [_lead(*KINDS[kind](rng, length_s), length_s) for _ in range(SESSIONS)]
    told = [one for one in found if one is not None]
    if not told:
        return kind, length_s, 0.0, None, None, None, None
    shares = [
        sum(one.value.moved is who for one in told) / len(told) for who in (Moved.SECOND, Moved.FIRST, Moved.BOTH)
    ]
    return kind, length_s, len(told) / SESSIONS, sum(_outside(one) for one in told) / len(told), *shares


def _lead(first_s: Times, second_s: Times, length_s: float) -> Measured[TempoLead] | None:
    window = Window(0.0, length_s)
    first, second = (
        tempo_curve(onset_stream(Seat(seat), times_s[times_s < length_s]), window)
        for seat, times_s in (("client", first_s), ("therapist", second_s))
    )
    found = tempo_lead(first, second, window)
    return found if isinstance(found, Measured) else None


def _outside(found: Measured[TempoLead]) -> bool:
    return found.band is not None and not found.band.low <= found.value.correlation <= found.band.high


if __name__ == "__main__":
    print(run().text())
