"""Curves of one player's playing: each against a playing whose answer is known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.analysis.clarity import MAJOR, MINOR, PROFILES, pulse_clarity, tonal_clarity
from mtsession.analysis.features import Feature, Features, Taken, articulations, features
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.events import Seat

MINUTE = Window(0.0, 60.0)

C_MAJOR, C_MINOR = (0, 2, 4, 5, 7, 9, 11, 12), (0, 2, 3, 5, 7, 8, 11, 12)


def player(starts_s: Any, held_s: Any = 0.2, pitches: Any = 60.0, velocities: Any = 64.0) -> Played:
    starts = np.asarray(starts_s, dtype=np.float64)
    full = [np.broadcast_to(np.asarray(one, dtype=np.float64), starts.shape) for one in (held_s, pitches, velocities)]
    return from_arrays(Seat("client"), starts, starts + full[0], pitches=full[1], velocities=full[2])


def measured(played: Played, window: Window = MINUTE, taken: dict[Feature, Taken] | None = None) -> Features:
    found = features(played, window, taken)
    assert isinstance(found, Measured)
    return found.value


def test_a_scale_played_evenly_has_the_features_it_was_given() -> None:
    beat = np.arange(0.0, 60.0, 0.5)
    value = measured(player(beat, 0.25, 60 + np.arange(120) % 2 * 12, np.where(np.arange(120) % 2, 80, 60)))
    assert value.median == pytest.approx(
        {
            Feature.DENSITY: 2.0,
            Feature.PITCH: 66.0,
            Feature.PITCH_SD: 12 * np.sqrt(0.25 * 12 / 11),
            Feature.VELOCITY: 70.0,
            Feature.VELOCITY_SD: 20 * np.sqrt(0.25 * 12 / 11),
            Feature.ARTICULATION: 0.5,
            Feature.PULSE: 1.0,
            Feature.KEY: value.median[Feature.KEY],
        }
    )
    assert value.times_s[:2] == (3.0, 4.0)
    assert {len(curve) for curve in value.curves.values()} == {55}
    assert set(value.n_windows.values()) == {55}


def test_a_window_in_which_nothing_was_played_has_a_density_of_nought_and_gaps() -> None:
    value = measured(player([*np.arange(0.0, 10.0, 0.5), 50.0]))
    at = value.times_s.index(30.0)
    assert value.curves[Feature.DENSITY][at] == 0.0
    assert {value.curves[feature][at] for feature in value.curves if feature is not Feature.DENSITY} == {None}


def test_articulation_is_duration_over_interval_pauses_and_the_last_note_left_out() -> None:
    times_s, ratios = articulations(player([0.0, 1.0, 2.0, 8.0], [0.5, 1.0, 5.0, 1.0]))
    assert times_s.tolist() == [0.0, 1.0]
    assert ratios.tolist() == [0.5, 1.0]


def test_the_longest_note_of_a_chord_tells_how_it_was_held_up_to_two_intervals() -> None:
    _, ratios = articulations(player([0.0, 0.01, 1.0, 2.0], [0.2, 0.7, 30.0, 1.0]))
    assert ratios.tolist() == [0.7, 2.0]


def test_hits_without_a_pitch_have_neither_articulation_nor_key() -> None:
    value = measured(player(np.arange(0.0, 60.0, 0.5), pitches=np.nan))
    assert not {Feature.PITCH, Feature.PITCH_SD, Feature.ARTICULATION, Feature.KEY} & set(value.curves)
    assert value.median[Feature.PULSE] == pytest.approx(1.0)
    assert value.void == {}


def test_the_profiles_are_those_of_krumhansl_and_kessler() -> None:
    assert (MAJOR.sum(), MINOR.sum()) == pytest.approx((41.79, 44.51))
    assert (int(MAJOR.argmax()), int(MAJOR.argmin()), int(MINOR.argmin())) == (0, 1, 6)
    assert PROFILES[7, 7] == MAJOR[0]
    assert PROFILES[12 + 9, 0] == MINOR[3]


@pytest.mark.parametrize(("scale", "at_least"), [(C_MAJOR, 0.85), (C_MINOR, 0.7)])
@pytest.mark.parametrize("key", range(12))
def test_a_scale_in_any_key_is_tonally_clear_and_all_twelve_notes_are_not(
    scale: tuple[int, ...], at_least: float, key: int
) -> None:
    times_s, start_s = np.linspace(0.0, 5.0, 16), np.zeros(1)
    in_key = tonal_clarity(times_s, np.array(scale * 2) + 48.0 + key, start_s, 6.0)
    chromatic = tonal_clarity(times_s, np.arange(16, dtype=np.float64) + key, start_s, 6.0)
    assert in_key[0] > at_least > chromatic[0] + 0.15
    assert np.isnan(tonal_clarity(times_s[:12], np.arange(12, dtype=np.float64), start_s, 6.0)[0])


def test_a_pulse_is_clear_random_onsets_are_unclear_and_jitter_lies_between() -> None:
    """Median clarity of 200 windows: steady 1.00, hits off by an SD of 40 ms .5 to .9, random onsets below .1."""
    rng, start_s, beat = default_rng(1), np.zeros(1), np.arange(0.2, 6.0, 0.5)
    jittered = [np.sort(beat + rng.normal(0, 0.04, 12)) for _ in range(200)]
    random = [np.sort(rng.uniform(0, 6, 12)) for _ in range(200)]
    steady, unsteady, unclear = (
        float(np.nanmedian([pulse_clarity(times_s, start_s, 6.0)[0] for times_s in several]))
        for several in ([beat], jittered, random)
    )
    assert steady == pytest.approx(1.0)
    assert 0.5 < unsteady < 0.9
    assert unclear < 0.1


def test_fewer_than_eight_onsets_have_no_clarity() -> None:
    assert np.isnan(pulse_clarity(np.linspace(0, 3, 7), np.zeros(1), 6.0)[0])
    assert np.isnan(tonal_clarity(np.linspace(0, 3, 7), np.linspace(60, 66, 7), np.zeros(1), 6.0)[0])


def test_an_assist_takes_a_curve_where_it_was_on_and_leaves_the_rest() -> None:
    played = player(np.arange(0.0, 60.0, 0.5))
    half = {Feature.VELOCITY: Taken(VoidReason.FIXED_VELOCITY, (Window(30.0, 90.0),))}
    value = measured(played, taken=half)
    told = [at_s for at_s, one in zip(value.times_s, value.curves[Feature.VELOCITY], strict=True) if one is not None]
    assert (min(told), max(told)) == (3.0, 27.0)
    assert value.void == {}
    assert value.n_windows[Feature.PITCH] == 55


def test_a_curve_that_is_taken_all_along_is_void_with_its_reason() -> None:
    all_along = {Feature.KEY: Taken(VoidReason.SCALE_PALETTE, (Window(-np.inf, np.inf),))}
    value = measured(player(np.arange(0.0, 60.0, 0.5)), taken=all_along)
    assert value.void == {Feature.KEY: VoidReason.SCALE_PALETTE}
    assert Feature.KEY not in value.curves
    assert Feature.KEY not in value.median


def test_too_little_is_void_with_the_reason() -> None:
    assert features(player([]), MINUTE) == Void(VoidReason.NEVER_PLAYED, 0, MINUTE)
    assert features(player([1.0]), MINUTE) == Void(VoidReason.TOO_FEW_EVENTS, 1, MINUTE)
    short = Window(0.0, 5.0)
    assert features(player([1.0] * 8), short) == Void(VoidReason.TOO_SHORT, 8, short)


def test_notes_at_one_moment_have_no_interval_and_no_pulse() -> None:
    value = measured(player([5.0] * 20))
    assert not {Feature.ARTICULATION, Feature.PULSE} & set(value.curves)
    assert max(one or 0.0 for one in value.curves[Feature.DENSITY]) == 20 / 6


def test_a_hundred_thousand_notes_are_measured() -> None:
    rng = default_rng(2)
    found = features(player(np.sort(rng.uniform(0, 2400, 100_000)), pitches=rng.integers(0, 128, 100_000)),
                     Window(0.0, 2400.0))  # fmt: skip
    assert isinstance(found, Measured)
    assert found.n == 100_000


notes = st.lists(
    st.tuples(st.floats(0.0, 59.0), st.integers(0, 127), st.integers(1, 127), st.floats(0.0, 5.0)),
    min_size=8,
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(notes, st.integers(-600, 600))
def test_shifting_all_times_changes_no_curve(made: list[tuple[float, int, int, float]], shift: int) -> None:
    starts, pitches, velocities, held = (np.array(one) for one in zip(*made, strict=True))
    starts = np.round(starts * 64) / 64 + 1 / 128
    here = measured(player(starts, held, pitches, velocities))
    there = measured(player(starts + shift, held, pitches, velocities), Window(float(shift), shift + 60.0))
    assert here.curves.keys() == there.curves.keys()
    for feature, curve in here.curves.items():
        for one, other in zip(curve, there.curves[feature], strict=True):
            assert one == other or one == pytest.approx(other, rel=1e-4, abs=1e-3), feature


@settings(max_examples=40, deadline=None)
@given(notes)
def test_every_curve_stays_within_its_bounds(made: list[tuple[float, int, int, float]]) -> None:
    starts, pitches, velocities, held = (np.array(one) for one in zip(*made, strict=True))
    value = measured(player(starts, held, pitches, velocities))
    bounds = {
        Feature.DENSITY: (0, 10), Feature.PITCH: (0, 127), Feature.PITCH_SD: (0, 90), Feature.VELOCITY: (1, 127),
        Feature.VELOCITY_SD: (0, 90), Feature.ARTICULATION: (0, 2), Feature.PULSE: (0, 1), Feature.KEY: (-1, 1),
    }  # fmt: skip
    for feature, curve in value.curves.items():
        low, high = bounds[feature]
        assert all(one is None or low - 1e-6 <= one <= high + 1e-6 for one in curve), feature


@settings(max_examples=25, deadline=None)
@given(st.integers(-24, 24), st.integers(0, 1000))
def test_transposing_moves_the_pitch_and_nothing_else(semitones: int, seed: int) -> None:
    rng = default_rng(seed)
    starts, pitches = np.sort(rng.uniform(0, 60, 80)), rng.integers(40, 80, 80)
    here, there = (measured(player(starts, pitches=pitches + up)) for up in (0, semitones))
    moved = {feature: (here.median[feature], there.median[feature]) for feature in here.median}
    assert moved[Feature.PITCH][1] == pytest.approx(moved[Feature.PITCH][0] + semitones)
    assert all(b == pytest.approx(a, abs=1e-9) for feature, (a, b) in moved.items() if feature is not Feature.PITCH)


def test_ascending_windows_share_their_notes() -> None:
    """Hop 1 s of 6 s windows: neighbours differ by at most what one second holds."""
    density = measured(player(np.arange(0.0, 60.0, 0.25))).curves[Feature.DENSITY]
    assert max(abs((b or 0.0) - (a or 0.0)) for a, b in pairwise(density)) <= 8 / 6
