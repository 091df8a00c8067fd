"""Tempo where there is a pulse, silence where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.tempo import TempoCurve, tempo
from mtsession.analysis.tempo_match import tempo_match
from mtsession.events import Seat
from mtsession.midi.files import merged, read_tracks
from mtsession.session import OnsetStream, onset_stream
from mtsession.simulate.timing import poisson_onsets, steady_onsets, with_dropped, with_extra

SEAT = Seat("client")
WITHIN_OCTAVES = np.log2(1.06)

Times = NDArray[np.float64]


def stream(times_s: Times | list[float]) -> OnsetStream:
    return onset_stream(SEAT, times_s)


def curve(times_s: Times, window: Window) -> TempoCurve:
    measured = tempo(stream(times_s), window)
    assert isinstance(measured, Measured)
    return measured.value


def notes_of(path: Path) -> Times:
    return np.array([note.start_s for note in merged(read_tracks(path)).notes])


def judged(
    found: TempoCurve | Void, beats_s: Times, middle: Callable[[Times], Any] = np.mean
) -> Iterator[float | None]:
    """For each window with beats: octaves from the beats' own tempo, None where no tempo is stated."""
    if isinstance(found, Void):
        return
    for centre_s, bpm in zip(found.times_s, found.bpm, strict=True):
        beats = beats_s[(beats_s >= centre_s - 5) & (beats_s < centre_s + 5)]
        if len(beats) > 2:
            yield None if bpm is None else float(np.log2(bpm * middle(np.diff(beats)) / 60.0))


def right_and_stated(judgements: list[float | None]) -> tuple[float, float]:
    stated = [octaves for octaves in judgements if octaves is not None]
    return float(np.mean(np.abs(stated) < WITHIN_OCTAVES)), len(stated) / len(judgements)


@pytest.mark.parametrize("rate_per_s", [1.0, 2.0, 4.0])
def test_random_onsets_are_given_a_tempo_in_at_most_two_per_cent_of_windows(rate_per_s: float) -> None:
    rng, stated, asked = default_rng(17), 0, 0
    for _ in range(20):
        found = tempo(stream(poisson_onsets(rng, rate_per_s, 120.0)), Window(0.0, 120.0))
        stated, asked = stated + found.n, asked + 111
    assert stated / asked <= 0.02


@pytest.mark.parametrize("bpm", [50, 63, 75, 92, 110, 132, 160, 184])
def test_one_hit_on_each_beat_is_the_beat(bpm: int) -> None:
    times_s = steady_onsets(default_rng(bpm), bpm, 60.0, jitter_sd_s=0.02)
    found = curve(times_s, Window(0.0, 60.0))
    assert found.median_bpm == pytest.approx(bpm, rel=0.01)
    assert found.share_stated > 0.95


def test_dropped_and_extra_hits_do_not_hide_a_pulse() -> None:
    rng = default_rng(3)
    times_s = with_extra(rng, with_dropped(rng, steady_onsets(rng, 100.0, 90.0, 0.015), 0.15), 0.15)
    found = curve(times_s, Window(0.0, 90.0))
    assert found.median_bpm == pytest.approx(100.0, rel=0.01)
    assert found.share_stated > 0.9


def test_a_change_of_tempo_is_followed() -> None:
    rng = default_rng(4)
    times_s = np.concatenate((steady_onsets(rng, 80.0, 40.0, 0.01), 40.0 + steady_onsets(rng, 108.0, 40.0, 0.01)))
    found = curve(times_s, Window(0.0, 80.0))
    by_time = dict(zip(found.times_s, found.bpm, strict=True))
    assert by_time[20.0] == pytest.approx(80.0, rel=0.02)
    assert by_time[60.0] == pytest.approx(108.0, rel=0.02)


@pytest.mark.parametrize(("player", "bpm"), [("keys", 83.1), ("drums", 83.7)])
def test_the_duo_is_heard_at_its_hand_checked_tempo(data_folder: Path, player: str, bpm: float) -> None:
    times_s = notes_of(data_folder / "duo_keys_drums" / f"{player}_live.mid")
    assert curve(times_s, Window(0.0, float(times_s[-1]))).median_bpm == pytest.approx(bpm, rel=0.02)


@pytest.mark.parametrize("player", ["keys", "drums"])
def test_the_duo_is_right_in_95_of_100_windows_stated_and_80_of_100_are(data_folder: Path, player: str) -> None:
    folder = data_folder / "duo_keys_drums"
    times_s, beats_s = notes_of(folder / f"{player}_live.mid"), notes_of(folder / f"{player}_beats.mid")
    found = curve(times_s, Window(float(times_s[0]), float(times_s[-1])))
    # The drums' checked beats hold one too many near 51 s: the median interval is not moved by it, the mean is
    right, stated = right_and_stated(list(judged(found, beats_s, np.median)))
    assert right >= 0.95
    assert stated >= 0.80


@pytest.mark.parametrize(
    ("instrument", "right_at_least", "stated_at_least"),
    [("bass", 0.79, 0.95), ("drums", 0.99, 0.95), ("piano", 0.90, 0.60)],
)
def test_jazz_players_have_their_tempo_on_the_tracks_that_chose_no_setting(
    data_folder: Path, known_answers: dict[str, Any], instrument: str, right_at_least: float, stated_at_least: float
) -> None:
    by_tempo = sorted(
        known_answers["jazz_trios"], key=lambda t: known_answers["jazz_trios"][t]["tempo_bpm_manual_beats"]
    )
    judgements: list[float | None] = []
    for track in by_tempo[1::2]:
        times_s, beats_s = (annotated(data_folder, track, part) for part in (instrument, "mix"))
        found = curve(times_s, Window(float(times_s[0]), float(times_s[-1])))
        judgements += judged(found, beats_s)
    right, stated = right_and_stated(judgements)
    assert right >= right_at_least
    assert stated >= stated_at_least


def annotated(data_folder: Path, track: str, part: str) -> Times:
    lines = (data_folder / "jazz_trios" / "annotations" / f"{track}_{part}.txt").read_text().splitlines()
    return np.sort([float(line.split("\t")[0]) for line in lines if line])


def test_too_few_onsets_too_short_a_window_and_no_onset_are_void_each_with_its_reason() -> None:
    minute = Window(0.0, 60.0)
    assert tempo(stream([]), minute) == Void(VoidReason.NEVER_PLAYED, 0, minute)
    assert tempo(stream([1.0, 2.0, 3.0]), minute) == Void(VoidReason.TOO_FEW_EVENTS, 3, minute)
    short = Window(0.0, 9.0)
    assert tempo(stream(np.arange(0.0, 9.0, 0.5)), short) == Void(VoidReason.TOO_SHORT, 18, short)


def test_a_short_burst_in_a_silence_has_no_tempo() -> None:
    burst = 30.0 + 0.06 * np.arange(12, dtype=np.float64)
    assert isinstance(tempo(stream(burst), Window(0.0, 60.0)), Void)


@settings(max_examples=15, deadline=None)
@given(st.floats(60.0, 160.0), st.floats(0.8, 1.25))
def test_scaling_time_scales_the_tempo(bpm: float, factor: float) -> None:
    times_s = steady_onsets(default_rng(1), bpm, 60.0, 0.01)
    here = curve(times_s, Window(0.0, 60.0)).median_bpm
    scaled = curve(times_s * factor, Window(0.0, 60.0 * factor)).median_bpm
    assert scaled * factor == pytest.approx(here, rel=0.01)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([8.0, 64.0, 4096.0]))
def test_shifting_all_times_changes_no_tempo(seed: int, shift_s: float) -> None:
    times_s = with_dropped(default_rng(seed), steady_onsets(default_rng(seed), 96.0, 40.0, 0.02), 0.1)
    here = curve(times_s, Window(0.0, 40.0))
    there = curve(times_s + shift_s, Window(shift_s, 40.0 + shift_s))
    assert [bpm is None for bpm in there.bpm] == [bpm is None for bpm in here.bpm]
    assert there.median_bpm == pytest.approx(here.median_bpm, rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.0, 40.0), max_size=80))
def test_any_onsets_at_all_give_a_tempo_or_a_reason(times_s: list[float]) -> None:
    found = tempo(stream(times_s), Window(0.0, 40.0))
    if isinstance(found, Measured):
        assert len(found.value.bpm) == len(found.value.times_s) == 31
        assert all(bpm is None or 25.0 < bpm < 320.0 for bpm in found.value.bpm)


def test_tempi_an_octave_apart_match_and_tempi_a_tenth_apart_do_not() -> None:
    window = Window(0.0, 60.0)
    slow, twice, faster = (
        tempo(stream(steady_onsets(default_rng(2), bpm, 60.0, 0.01)), window) for bpm in (70.0, 140.0, 77.0)
    )
    octave, tenth = tempo_match(slow, twice, window), tempo_match(slow, faster, window)
    assert isinstance(octave, Measured)
    assert isinstance(tenth, Measured)
    assert octave.value.share_matched == 1.0
    assert tenth.value.share_matched == 0.0
    assert tenth.value.median_log2_ratio == pytest.approx(-np.log2(1.1), abs=0.01)


def test_a_tempo_without_a_partners_is_matched_with_nothing() -> None:
    window = Window(0.0, 60.0)
    steady = tempo(stream(steady_onsets(default_rng(2), 90.0, 60.0, 0.01)), window)
    nothing = tempo(stream([]), window)
    assert tempo_match(steady, nothing, window) == Void(VoidReason.NO_STEADY_PULSE, 0, window)
