"""Density, key velocity and passages together."""

from __future__ import annotations

import numpy as np
import pytest

from mtsession.analysis.density import density
from mtsession.analysis.joint import joint_passages
from mtsession.analysis.loudness import level
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.events import Seat

MINUTE = Window(0.0, 60.0)


def player(starts_s: list[float], velocities: list[float] | None = None, seat: str = "client") -> Played:
    starts = np.array(starts_s, dtype=np.float64)
    return from_arrays(
        Seat(seat), starts, starts + 0.1, velocities=None if velocities is None else np.array(velocities)
    )


def test_density_counts_every_note_of_a_chord() -> None:
    measured = density([player([10.0, 10.01, 10.02] * 4)], MINUTE)
    assert isinstance(measured, Measured)
    assert measured.value.peak_per_s == 12 / 5
    assert measured.value.mean_per_s == 12 / 60


def test_density_is_over_five_seconds_every_second_at_the_middle_of_each() -> None:
    measured = density([player([0.5 + k for k in range(60)])], MINUTE)
    assert isinstance(measured, Measured)
    assert measured.value.times_s == tuple(2.5 + k for k in range(56))
    assert set(measured.value.per_s) == {1.0}


def test_the_density_of_a_group_is_everybodys_notes() -> None:
    measured = density([player([1.0] * 4), player([2.0] * 5, seat="therapist")], MINUTE)
    assert isinstance(measured, Measured)
    assert measured.n == 9


def test_fewer_than_eight_notes_or_five_seconds_have_no_density() -> None:
    assert density([player([1.0] * 7)], MINUTE) == Void(VoidReason.TOO_FEW_EVENTS, 7, MINUTE)
    short = Window(0.0, 4.0)
    assert density([player([1.0] * 8)], short) == Void(VoidReason.TOO_SHORT, 8, short)


def test_velocity_is_told_by_median_and_quartiles_and_has_gaps_where_nothing_was_played() -> None:
    measured = level(player([1.0 + k for k in range(9)], [10.0 * k for k in range(1, 10)]), MINUTE)
    assert isinstance(measured, Measured)
    value = measured.value
    assert (value.lower_quartile_velocity, value.median_velocity, value.upper_quartile_velocity) == (30, 50, 70)
    assert value.mean_velocity[0] == pytest.approx(30.0)
    assert value.mean_velocity[-1] is None


def test_too_short_a_window_has_no_velocity_curve() -> None:
    short = Window(0.0, 5.0)
    assert level(player([1.0] * 9, [64.0] * 9), short) == Void(VoidReason.TOO_SHORT, 9, short)


def test_hits_that_a_microphone_heard_have_no_velocity() -> None:
    assert level(player([float(k) for k in range(9)]), MINUTE) == Void(VoidReason.TOO_FEW_EVENTS, 0, MINUTE)


def test_a_passage_together_lasts_five_seconds_or_more() -> None:
    first, second = player([9.0, 11.0, 13.0, 40.0]), player([10.0, 12.0, 13.5, 41.0], seat="therapist")
    measured = joint_passages(first, second, MINUTE)
    assert isinstance(measured, Measured)
    assert measured.value.passages == (Window(10.0, 15.0),)
    assert measured.value.longest == Window(10.0, 15.0)


def test_no_passage_together_is_an_answer_and_has_no_longest() -> None:
    measured = joint_passages(player([10.0]), player([30.0], seat="therapist"), MINUTE)
    assert isinstance(measured, Measured)
    assert (measured.n, measured.value.longest_s, measured.value.longest) == (0, None, None)
