"""Asynchronies of two players' onsets."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.analysis.meetings import local_period_s
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.togetherness import Asynchrony, asynchrony, spread, unsigned
from mtsession.events import Seat
from mtsession.midi.files import merged, read_tracks
from mtsession.session import OnsetStream, onset_stream

A, B = Seat("client"), Seat("therapist")
WINDOW = Window(0.0, 120.0)


def between(first_s: Any, second_s: Any) -> Asynchrony:
    measured = asynchrony(onset_stream(A, first_s), onset_stream(B, second_s), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.n == measured.value.n_pairs
    return measured.value


BEATS = np.arange(1.0, 31.0)


def test_the_mean_is_positive_where_the_first_player_is_later() -> None:
    assert between(BEATS + 0.02, BEATS).mean_s == pytest.approx(0.02)
    assert between(BEATS - 0.02, BEATS).mean_s == pytest.approx(-0.02)


def test_onsets_farther_apart_than_120_ms_are_no_pair() -> None:
    offsets = np.where(np.arange(30) % 2, 0.119, 0.121)
    assert between(BEATS + offsets, BEATS).n_pairs == 15


def test_fast_playing_is_paired_within_a_quarter_of_its_period() -> None:
    fast = np.arange(0.0, 10.0, 0.2)
    assert between(fast + 0.049, fast).n_pairs == 50
    void = asynchrony(onset_stream(A, fast + 0.06), onset_stream(B, fast), WINDOW)
    assert void == Void(VoidReason.TOO_FEW_EVENTS, 0, WINDOW)


def test_only_mutual_nearest_onsets_are_paired() -> None:
    two_near_each = np.sort(np.concatenate((BEATS, BEATS + 0.1)))
    value = between(BEATS + 0.02, two_near_each)
    assert value.n_pairs == 30
    assert value.mean_s == pytest.approx(0.02)
    assert value.share_matched == pytest.approx(60 / 90)


def test_the_local_period_is_the_median_of_the_last_eight_intervals() -> None:
    times_s = np.concatenate((np.arange(0.0, 10.0), 9.0 + 0.5 * np.arange(1, 12)))
    periods = local_period_s(times_s)
    assert periods[:10].tolist() == [1.0] * 10
    assert periods[-1] == 0.5
    assert len(periods) == len(times_s)


def test_the_spread_does_not_shrink_with_more_pairs() -> None:
    few, many = spread(np.tile([-0.02, 0.02], 5), 1.0), spread(np.tile([-0.02, 0.02], 500), 1.0)
    assert few.rms_s == pytest.approx(0.02)
    assert many.rms_s == pytest.approx(0.02)


def test_one_player_who_never_played_is_void() -> None:
    assert asynchrony(onset_stream(A, BEATS), onset_stream(B, []), WINDOW) == Void(VoidReason.NEVER_PLAYED, 0, WINDOW)


def test_without_a_known_latency_the_spread_stays_and_the_sign_goes() -> None:
    measured = asynchrony(onset_stream(A, BEATS + 0.02), onset_stream(B, BEATS), WINDOW)
    assert isinstance(measured, Measured)
    value = unsigned(measured, VoidReason.LATENCY_UNKNOWN).value
    assert value.sd_s == measured.value.sd_s
    assert (value.mean_s, value.mean_absolute_s, value.rms_s) == (None, None, None)
    assert value.unsigned_because is VoidReason.LATENCY_UNKNOWN


def test_the_duos_beats_are_64_53_ms_apart_on_117_pairs(data_folder: Path) -> None:
    keys, drums = (beats(data_folder / "duo_keys_drums" / f"{player}_beats.mid") for player in ("keys", "drums"))
    value = between(keys.times_s, drums.times_s)
    assert value.n_pairs == 117
    assert value.rms_s == pytest.approx(0.06453, abs=5e-6)


def beats(path: Path) -> OnsetStream:
    times_s = np.array([note.start_s for note in merged(read_tracks(path)).notes])
    return onset_stream(A, times_s[(times_s > 7.0) & (times_s < 101.0)])


def test_mean_and_spread_of_real_tapping_agree_to_a_tenth_of_a_millisecond(
    data_folder: Path, known_answers: dict[str, Any]
) -> None:
    by_interval: dict[str, list[float]] = {}
    with (data_folder / "sync_tapping" / "tapping_data_baath_madison_2012.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            by_interval.setdefault(row["isi"], []).append(float(row["asynch"]) / 1000)
    expected = known_answers["sync_tapping: interval_ms -> [mean_ms, sd_ms, n]"]
    assert set(by_interval) == set(expected)
    for interval, (mean_ms, sd_ms, n) in expected.items():
        value = spread(np.array(by_interval[interval]), 1.0)
        assert value.n_pairs == n
        assert value.mean_s is not None
        assert 1000 * value.mean_s == pytest.approx(mean_ms, abs=0.1)
        assert 1000 * value.sd_s == pytest.approx(sd_ms, abs=0.1)


jittered = st.lists(st.floats(-0.1, 0.1), min_size=10, max_size=40)


@given(jittered)
def test_swapping_the_players_swaps_the_sign_and_nothing_else(offsets_s: list[float]) -> None:
    # intervals of 0.8 s and more: a quarter of either player's period is beyond 120 ms
    beats_s = np.arange(len(offsets_s)) * 1.0
    moved_s = beats_s + np.array(offsets_s)
    there, back = between(moved_s, beats_s), between(beats_s, moved_s)
    assert there.mean_s == pytest.approx(-back.mean_s)  # type: ignore[operator]
    assert there.n_pairs == back.n_pairs
    assert there.sd_s == pytest.approx(back.sd_s)


@given(jittered, st.sampled_from([16.0, 1024.0]))
def test_shifting_both_players_changes_nothing(offsets_s: list[float], shift_s: float) -> None:
    beats_s = np.arange(len(offsets_s)) * 1.0
    moved_s = beats_s + np.array(offsets_s)
    here, there = between(moved_s, beats_s), between(moved_s + shift_s, beats_s + shift_s)
    assert there.n_pairs == here.n_pairs
    assert there.mean_s == pytest.approx(here.mean_s, abs=1e-9)


@given(st.lists(st.floats(0, 60), max_size=30), st.lists(st.floats(0, 60), max_size=30))
def test_any_two_streams_give_a_spread_or_a_reason(first: list[float], second: list[float]) -> None:
    found = asynchrony(onset_stream(A, first), onset_stream(B, second), WINDOW)
    assert isinstance(found, Void) or found.value.sd_s >= 0.0
