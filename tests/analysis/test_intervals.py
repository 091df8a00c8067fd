"""Contrast, mean tempo and slope of intervals: against their definitions and the published beats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mtsession.analysis.intervals import (
    Intervals,
    intervals,
    least_squares_slope,
    mean_bpm,
    npvi,
    slope_bpm_per_s,
)
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.events import Seat
from mtsession.midi.files import merged, read_tracks
from mtsession.session import onset_stream

Times = NDArray[np.float64]

MINUTE = Window(0.0, 60.0)
lengths_s = st.lists(st.floats(0.06, 5.0), min_size=9, max_size=40)


def times_of(between_s: list[float], start_s: float = 0.0) -> Times:
    return start_s + np.concatenate(([0.0], np.cumsum(between_s)))


def measured(times_s: Times) -> Intervals:
    found = intervals(onset_stream(Seat("client"), times_s), MINUTE)
    assert isinstance(found, Measured)
    return found.value


def beats_of(data_folder: Path, track: str) -> Times:
    lines = (data_folder / "jazz_trios" / "annotations" / f"{track}_mix.txt").read_text().splitlines()
    return np.array([float(line.split("\t")[0]) for line in lines if line])


def test_mean_tempo_and_slope_of_the_jazz_beats_are_the_known_ones_to_a_thousandth(
    data_folder: Path, known_answers: dict[str, Any]
) -> None:
    for track, known in known_answers["jazz_trios"].items():
        beats_s = beats_of(data_folder, track)
        assert mean_bpm(beats_s) == pytest.approx(known["tempo_bpm_manual_beats"], abs=1e-3)
        assert slope_bpm_per_s(beats_s) == pytest.approx(known["tempo_slope_bpm_per_s_manual_beats"], abs=1e-3)


def test_the_duos_slope_by_its_authors_model_is_the_published_one_to_a_millionth(
    data_folder: Path, known_answers: dict[str, Any]
) -> None:
    """Mean interval in each whole second since the player's first beat, 60/that, mean of both, line of best fit."""
    folder = data_folder / "duo_keys_drums"
    by_second = [bpm_by_second(kept_beats(folder / f"{player}_beats.mid")) for player in ("keys", "drums")]
    seconds = sorted(set(by_second[0]) | set(by_second[1]))
    both = [np.mean([bpm[second] for bpm in by_second if second in bpm]) for second in seconds]
    slope = least_squares_slope(np.array(seconds, dtype=np.float64), np.array(both))
    assert slope == pytest.approx(known_answers["duo_keys_drums"]["keys"]["tempo_slope_bpm_per_s"], abs=1e-6)


def kept_beats(path: Path) -> Times:
    beats_s = np.array([note.start_s for note in merged(read_tracks(path)).notes])
    return beats_s[(beats_s > 7.0) & (beats_s < 101.0)]


def bpm_by_second(beats_s: Times) -> dict[int, float]:
    seconds = np.floor(beats_s[1:] - beats_s[0]).astype(int)
    between_s = np.diff(beats_s)
    return {int(second): float(60.0 / np.mean(between_s[seconds == second])) for second in np.unique(seconds)}


def test_even_playing_has_no_contrast_and_long_short_has_its_own() -> None:
    assert measured(np.arange(20, dtype=np.float64) * 0.5).npvi == pytest.approx(0.0, abs=1e-9)
    assert measured(times_of([0.4, 0.2] * 6)).npvi == pytest.approx(100 * 2 * 0.2 / 0.6)
    assert measured(times_of([0.4, 0.2] * 6)).median_s == pytest.approx(0.3)


@given(lengths_s)
def test_contrast_lies_between_0_and_200(between_s: list[float]) -> None:
    assert 0.0 <= npvi(np.array(between_s)) < 200.0


@settings(max_examples=40)
@given(lengths_s, st.sampled_from([-64.0, 8.0, 4096.0]), st.sampled_from([0.5, 2.0, 4.0]))
def test_a_shift_changes_nothing_and_scaling_time_scales_tempo(between_s: list[float], shift: float, by: float) -> None:
    times_s = times_of(between_s)
    assert npvi(np.diff(times_s + shift)) == pytest.approx(npvi(np.diff(times_s)), abs=1e-6)
    assert npvi(np.diff(times_s * by)) == pytest.approx(npvi(np.diff(times_s)))
    assert mean_bpm(times_s + shift) == pytest.approx(mean_bpm(times_s))
    assert mean_bpm(times_s * by) == pytest.approx(mean_bpm(times_s) / by)
    # BPM per second: time stands below twice
    assert slope_bpm_per_s(times_s * by) == pytest.approx(slope_bpm_per_s(times_s) / by**2, abs=1e-9)


@given(lengths_s)
def test_played_backwards_the_contrast_is_the_same(between_s: list[float]) -> None:
    assert npvi(np.array(between_s[::-1])) == pytest.approx(npvi(np.array(between_s)))


def test_a_pulse_that_gets_faster_has_a_slope_upwards() -> None:
    beats_s = times_of([0.6, 0.59, 0.58, 0.57])
    assert slope_bpm_per_s(beats_s) > 0
    assert slope_bpm_per_s(times_of([0.57, 0.58, 0.59, 0.6])) < 0


@pytest.mark.parametrize(("times_s", "reason"), [([], "never_played"), ([1.0], "too_few_events")])
def test_none_and_one_note_are_void_with_their_reason(times_s: list[float], reason: str) -> None:
    found = intervals(onset_stream(Seat("client"), times_s), MINUTE)
    assert found == Void(VoidReason(reason), 0, MINUTE)


def test_identical_onsets_are_one_onset() -> None:
    assert isinstance(intervals(onset_stream(Seat("client"), [2.0] * 20), MINUTE), Void)


@pytest.mark.parametrize("bad_s", [[], [0.5], [0.5, 0.0], [0.5, -0.1], [0.5, float("nan")]])
def test_npvi_of_what_are_no_two_intervals_is_an_error(bad_s: list[float]) -> None:
    with pytest.raises(ValueError, match="two intervals"):
        npvi(np.array(bad_s))


@pytest.mark.parametrize("bad_s", [[], [1.0], [1.0, 1.0], [2.0, 1.0], [1.0, float("nan")]])
def test_a_tempo_of_what_are_no_beats_is_an_error(bad_s: list[float]) -> None:
    with pytest.raises(ValueError, match="one after the other"):
        mean_bpm(np.array(bad_s))
    with pytest.raises(ValueError, match="one after the other"):
        slope_bpm_per_s(np.array(bad_s))


def test_a_hundred_thousand_notes_are_no_trouble() -> None:
    assert measured(np.arange(100_000, dtype=np.float64) * 0.25).npvi == pytest.approx(0.0, abs=1e-6)
