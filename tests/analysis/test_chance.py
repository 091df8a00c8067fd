"""Every measure with a chance band, on players who know nothing of each other; and coupled players are found.

The short, seeded form of `tests/bench/chance.py`, which asks 400 sessions of each kind and holds them to 7 %: of 20
sessions outside at a true rate of 5 %, four or fewer lie outside in 99 of 100 such tests.
"""

from __future__ import annotations

import pytest
from numpy.random import default_rng

from mtsession.analysis.result import Measured
from tests.analysis.banded import BANDED, Banded
from tests.analysis.unrelated import KINDS, Players, unrelated
from tests.bench.chance import coupled, found

SESSIONS, AT_MOST = 20, 4

MEASURES = {measure.name: measure for measure in BANDED}

SLOW = {"who follows whom, group of four": 4, "matching of curves": 4}
"""These take a tenth of a second a session: so few show no more than that they can be asked."""


@pytest.fixture(scope="module")
def crowds() -> dict[str, list[Players]]:
    rng = default_rng(7)
    return {kind: unrelated(kind, rng, SESSIONS) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MEASURES)
def test_unrelated_players_lie_outside_the_band_no_more_often_than_chance(
    name: str, kind: str, crowds: dict[str, list[Players]]
) -> None:
    sessions = crowds[kind][: SLOW.get(name, SESSIONS)]
    outside = [bool(MEASURES[name].outside(players)) for players in sessions]
    assert sum(outside) <= AT_MOST


@pytest.mark.parametrize("measure", BANDED, ids=lambda measure: measure.name)
def test_every_banded_measure_names_its_surrogate_where_it_states_anything(
    measure: Banded, crowds: dict[str, list[Players]]
) -> None:
    named = {name for sessions in crowds.values() for players in sessions[:3] for name in measure.surrogates(players)}
    assert named
    assert all("shuffled" in name or "order" in name for name in named)


@pytest.mark.parametrize(("alpha", "length_s", "share"), [(0.3, 30, 0.25), (0.3, 60, 0.7), (0.3, 120, 0.95)])
def test_coupled_players_are_found_more_often_the_longer_they_play(alpha: float, length_s: int, share: float) -> None:
    timings = coupled(alpha, alpha, length_s, 30, 1)
    assert all(isinstance(timing.relative_phase, Measured) for timing in timings)
    assert found(timings).phase_above >= share


def test_the_follower_is_named_in_two_minutes_of_strong_coupling() -> None:
    assert found(coupled(0.0, 0.5, 120, 20, 1)).second_follows >= 0.8
    assert found(coupled(0.0, 0.0, 120, 20, 1)).anybody_follows <= 0.15
