"""Chance bands: calibrated on unrelated players, passed by coupled ones, the same for the same playing."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from mtsession.analysis.result import Measured, Window
from mtsession.analysis.surrogates import chance_band, generator_for, shuffled_in_chunks, shuffled_intervals
from mtsession.analysis.timing import timing
from mtsession.analysis.togetherness import Asynchrony, asynchrony
from mtsession.events import Seat
from mtsession.session import onset_stream
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets, steady_onsets

MINUTE = Window(0.0, 60.0)

Times = NDArray[np.float64]


def walking(rng: Generator, bpm: float) -> Times:
    """A steady player without a metronome: each interval is a little off, and the error stays."""
    period_s = 60.0 / bpm
    times_s = rng.uniform(0.0, period_s) + np.cumsum(rng.normal(period_s, 0.03, int(62 / period_s)))
    return times_s[times_s < 60.0]


UNRELATED: dict[str, Callable[[Generator], tuple[Times, Times]]] = {
    "random": lambda rng: (poisson_onsets(rng, 2.0, 60.0), poisson_onsets(rng, 2.0, 60.0)),
    "steady, equal tempo": lambda rng: (walking(rng, 90.0), walking(rng, 90.0)),
    "steady, unequal tempo": lambda rng: (walking(rng, 90.0), walking(rng, 97.0)),
}


def together(first_s: Times, second_s: Times, window: Window = MINUTE) -> Measured[Asynchrony] | None:
    found = asynchrony(onset_stream(Seat("client"), first_s), onset_stream(Seat("therapist"), second_s), window)
    return found if isinstance(found, Measured) else None


def outside(measured: Measured[Asynchrony]) -> bool:
    assert measured.band is not None
    return not measured.band.low <= measured.value.share_matched <= measured.band.high


@pytest.mark.parametrize("kind", UNRELATED)
def test_at_most_seven_in_a_hundred_unrelated_minutes_lie_outside_the_band(kind: str) -> None:
    rng = default_rng(11)
    measured = [found for _ in range(400) if (found := together(*UNRELATED[kind](rng))) is not None]
    assert len(measured) > 300
    assert np.mean([outside(one) for one in measured]) <= 0.07


def test_at_least_eighteen_of_twenty_coupled_minutes_lie_above_the_band() -> None:
    rng, keeper = default_rng(12), Timekeeper(0.25, keeper_sd_s=0.03)
    found = [together(*coupled_pulse(rng, np.full(88, 60 / 90), keeper, keeper)) for _ in range(20)]
    above = [one.value.share_matched > one.band.high for one in found if one is not None and one.band is not None]
    assert sum(above) >= 18


def test_shuffled_streams_keep_start_end_and_intervals() -> None:
    times_s = np.array([1.0, 1.5, 2.5, 4.5])
    shuffled_s = shuffled_intervals(times_s, 50, default_rng(1))
    assert shuffled_s.shape == (50, 4)
    assert set(shuffled_s[:, 0]) == {1.0}
    assert shuffled_s[:, -1] == pytest.approx(np.full(50, 4.5))
    assert np.sort(np.diff(shuffled_s, axis=1), axis=1) == pytest.approx(np.tile([0.5, 1.0, 2.0], (50, 1)))
    assert len({tuple(row) for row in shuffled_s.tolist()}) > 1


def test_a_player_who_keeps_to_a_clock_is_shuffled_within_its_beat() -> None:
    clock_s = steady_onsets(default_rng(4), 90.0, 60.0, 0.02)
    shuffled_s = shuffled_intervals(clock_s, 50, default_rng(1))
    assert np.max(np.abs(shuffled_s - clock_s)) < 0.2
    assert (np.diff(shuffled_s, axis=1) >= 0).all()
    walking_s = shuffled_intervals(walking(default_rng(4), 90.0), 50, default_rng(1))
    assert np.max(np.abs(walking_s - walking_s[0])) > 0.3


def test_the_size_of_a_chunk_changes_no_surrogate() -> None:
    times_s = np.sort(default_rng(2).uniform(0.0, 60.0, 100))
    whole = shuffled_intervals(times_s, 20, default_rng(1))
    parts = list(shuffled_in_chunks(times_s, 20, default_rng(1), beside=60_000))
    assert len(parts) > 1
    assert np.concatenate(parts).tolist() == whole.tolist()


@pytest.mark.parametrize("times_s", [[], [2.0], [2.0, 3.0]])
def test_a_stream_without_two_intervals_is_its_own_surrogate(times_s: list[float]) -> None:
    assert shuffled_intervals(np.array(times_s), 3, default_rng(1)).tolist() == [times_s] * 3


def test_the_same_playing_gives_the_same_numbers_at_any_time_of_the_day() -> None:
    times_s = np.array([0.0, 0.5, 1.25])
    assert generator_for(times_s).uniform() == generator_for(times_s + 64.0).uniform()
    assert generator_for(times_s).uniform() != generator_for(times_s * 2).uniform()


def test_below_thirty_seconds_there_is_no_band() -> None:
    beat = np.arange(1.0, 25.0, 0.5)
    short, long = together(beat, beat, Window(0.0, 29.0)), together(beat, beat, Window(0.0, 31.0))
    assert short is not None
    assert long is not None
    assert short.band is None
    assert long.band is not None
    assert long.band.n_surrogates == 199


def test_of_199_surrogates_the_band_is_from_the_fifth_to_the_fifth_last() -> None:
    band = chance_band(np.arange(199.0), "test")
    assert (band.low, band.high) == pytest.approx((4.0, 194.0))


@pytest.mark.parametrize(("n_onsets", "length_s"), [(6_000, 2_400.0), (100_000, 40_000.0)])
def test_the_surrogates_of_two_players_take_less_than_100_mb_however_many_they_are(
    n_onsets: int, length_s: float
) -> None:
    """Traced at its peak; 8 players are 28 such pairs, one after the other."""
    rng = default_rng(1)
    first, second = (onset_stream(Seat(s), np.sort(rng.uniform(0, length_s, n_onsets))) for s in ("client", "peer"))
    tracemalloc.start()
    timing(first, second, Window(0.0, length_s), 19)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
