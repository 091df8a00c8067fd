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
from mtsession.analysis.tempo import TempoCurve, tempo_curve
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
    measured = tempo_curve(stream(times_s), window)
    assert isinstance(measured, Measured)
    return measured.value


def n_stated(found: Measured[TempoCurve] | Void) -> int:
    return found.n if isinstance(found, Measured) else 0


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


@pytest.mark.parametrize("length_s", [12.0, 60.0])
@pytest.mark.parametrize("rate_per_s", [1.0, 2.0, 4.0])
def test_random_onsets_are_given_a_tempo_in_at_most_two_per_cent_of_windows(rate_per_s: float, length_s: float) -> None:
    """Poisson onsets | ≤ .02 stated | of 2,000 windows .004 at 1 a second, .004 at 2, 0 at 4; here of 300."""
    rng, stated, asked = default_rng(17), 0, 0
    while asked < 300:
        found = tempo_curve(stream(poisson_onsets(rng, rate_per_s, length_s)), Window(0.0, length_s))
        stated, asked = stated + n_stated(found), asked + int(length_s - 9)
    assert stated / asked <= 0.02


def test_random_onsets_beside_a_steady_partner_are_given_no_more() -> None:
    rng, stated, asked, window = default_rng(19), 0, 0, Window(0.0, 60.0)
    while asked < 600:
        partner = stream(steady_onsets(rng, rng.uniform(60.0, 160.0), 60.0, 0.02))
        found = tempo_curve(stream(poisson_onsets(rng, 1.0, 60.0)), window, [partner])
        stated, asked = stated + n_stated(found), asked + 51
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
    """Median beat interval as truth | ≥ .95 of ≥ .80 | keys 1.0 of .87, drums 1.0 of .85."""
    right, stated = right_and_stated(list(judged(*duo(data_folder, player), np.median)))
    assert right >= 0.95
    assert stated >= 0.80


def test_the_duos_drums_miss_the_mean_interval_only_around_the_beat_that_was_squeezed_in(data_folder: Path) -> None:
    """Mean beat interval as truth | ≥ .95 | .90: 8 of 78 windows.

    At 50.1–51.6 s the drums have three checked intervals (605, 559, 390 ms) where the keyboard has two (753, 730): one
    beat more in the window is 7 % in its mean. The onsets go on in the pulse of before and after, and with 8 such
    windows of 92, no share right of .95 at .80 stated is in reach but by leaving out just these.
    """
    found, beats_s = duo(data_folder, "drums")
    assert isinstance(found, TempoCurve)
    literal = list(judged(found, beats_s))
    centres_s = [centre_s for centre_s in found.times_s if np.sum(np.abs(beats_s - centre_s) < 5) > 2]
    wrong_s = [at for at, off in zip(centres_s, literal, strict=True) if off is not None and abs(off) > WITHIN_OCTAVES]
    assert len(wrong_s) <= 8
    assert all(at - 5 <= 51.227 and at + 5 > 51.617 for at in wrong_s)


def duo(data_folder: Path, player: str) -> tuple[TempoCurve | Void, Times]:
    folder = data_folder / "duo_keys_drums"
    times_s = notes_of(folder / f"{player}_live.mid")
    return curve(times_s, Window(float(times_s[0]), float(times_s[-1]))), notes_of(folder / f"{player}_beats.mid")


INSTRUMENTS = ("bass", "drums", "piano")

HALVES = {"chosen on": slice(0, None, 2), "reported on": slice(1, None, 2), "all": slice(None)}
"""Every second track by tempo chose the settings; earlier work had seen all of them."""


class Trios:
    """All judgements of a player's tempo, alone and with the other two given."""

    def __init__(self, folder: Path, by_tempo: list[str]) -> None:
        self.judgements: dict[tuple[str, bool], list[list[float | None]]] = {}
        for track in by_tempo:
            beats_s = annotated(folder, track, "mix")
            streams = {part: stream(annotated(folder, track, part)) for part in INSTRUMENTS}
            for part, own in streams.items():
                window = Window(float(own.times_s[0]), float(own.times_s[-1]))
                others = [other for name, other in streams.items() if name != part]
                for partners in ([], others):
                    found = tempo_curve(own, window, partners)
                    judged_s = list(judged(found.value, beats_s)) if isinstance(found, Measured) else []
                    silent: list[float | None] = [None] * int(window.length_s - 9)
                    self.judgements.setdefault((part, bool(partners)), []).append(judged_s or silent)

    def of(self, part: str, half: str, *, given: bool) -> list[float | None]:
        return [one for track in self.judgements[part, given][HALVES[half]] for one in track]


@pytest.fixture(scope="module")
def trios(data_folder: Path, known_answers: dict[str, Any]) -> Trios:
    known = known_answers["jazz_trios"]
    return Trios(data_folder, sorted(known, key=lambda track: known[track]["tempo_bpm_manual_beats"]))


@pytest.mark.parametrize("half", ["reported on", "all"])
@pytest.mark.parametrize(
    ("part", "right_at_least", "stated_at_least"),
    [("bass", 0.96, 0.70), ("drums", 0.92, 0.65), ("piano", 0.75, 0.25)],
)
def test_jazz_players_are_strictly_right_where_a_tempo_of_their_own_is_stated(
    trios: Trios, part: str, right_at_least: float, stated_at_least: float, half: str
) -> None:
    """Right of stated | bass .96 of .70, drums .92 of .65, piano .75 of .25 | .986 of .894, 1.0 of .997, .983 of .667.

    On the half that chose no setting: bass .966 of .791, drums 1.0 of .993, piano .998 of .596.
    """
    right, stated = right_and_stated(trios.of(part, half, given=False))
    assert right >= right_at_least
    assert stated >= stated_at_least


@pytest.mark.parametrize("part", INSTRUMENTS)
def test_with_the_octave_forgiven_98_in_100_are_right(trios: Trios, part: str) -> None:
    """Octave forgiven | ≥ .98 | bass 1.0, drums 1.0, piano .983 (.972 and .998 by half)."""
    stated = [off - round(off) for off in trios.of(part, "all", given=False) if off is not None]
    assert np.mean(np.abs(stated) < WITHIN_OCTAVES) >= 0.98


@pytest.mark.parametrize("half", ["chosen on", "reported on"])
@pytest.mark.parametrize("part", INSTRUMENTS)
def test_with_the_partners_given_players_are_right_as_often_or_more_and_stated_as_often_or_more(
    trios: Trios, part: str, half: str
) -> None:
    """Right of stated, partners given | better than alone | bass .999 of .951, drums 1.0 of .997, piano .999 of .69."""
    right, stated = right_and_stated(trios.of(part, half, given=True))
    right_alone, stated_alone = right_and_stated(trios.of(part, half, given=False))
    assert right >= right_alone
    assert stated >= stated_alone
    assert right * stated > right_alone * stated_alone or right == 1.0


def annotated(data_folder: Path, track: str, part: str) -> Times:
    lines = (data_folder / "jazz_trios" / "annotations" / f"{track}_{part}.txt").read_text().splitlines()
    return np.sort([float(line.split("\t")[0]) for line in lines if line])


def test_too_few_onsets_too_short_a_window_and_no_onset_are_void_each_with_its_reason() -> None:
    minute = Window(0.0, 60.0)
    assert tempo_curve(stream([]), minute) == Void(VoidReason.NEVER_PLAYED, 0, minute)
    assert tempo_curve(stream([1.0, 2.0, 3.0]), minute) == Void(VoidReason.TOO_FEW_EVENTS, 3, minute)
    short = Window(0.0, 9.0)
    assert tempo_curve(stream(np.arange(0.0, 9.0, 0.5)), short) == Void(VoidReason.TOO_SHORT, 18, short)


def test_a_slow_beat_with_some_quavers_is_a_pulse_of_an_unsure_octave_until_a_partner_tells() -> None:
    rng, window = default_rng(6), Window(0.0, 60.0)
    half_notes_s = steady_onsets(rng, 64.0, 60.0, 0.01)
    own = stream(np.sort(np.concatenate((half_notes_s, half_notes_s[::3] + 60 / 128))))
    alone = tempo_curve(own, window)
    assert isinstance(alone, Void)
    assert alone.reason is VoidReason.OCTAVE_UNSURE
    partner = stream(half_notes_s[0] + 60 / 128 * np.arange(120, dtype=np.float64))
    given = tempo_curve(own, window, [partner])
    assert isinstance(given, Measured)
    assert given.value.median_bpm == pytest.approx(128.0, rel=0.01)


def test_ten_seconds_of_a_steady_pulse_are_enough_for_one_window() -> None:
    assert curve(steady_onsets(default_rng(5), 96.0, 10.0, 0.015), Window(0.0, 10.0)).share_stated == 1.0


def test_a_short_burst_in_a_silence_has_no_tempo() -> None:
    burst = 30.0 + 0.06 * np.arange(12, dtype=np.float64)
    assert isinstance(tempo_curve(stream(burst), Window(0.0, 60.0)), Void)


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
    found = tempo_curve(stream(times_s), Window(0.0, 40.0))
    if isinstance(found, Measured):
        assert len(found.value.bpm) == len(found.value.times_s) == 31
        assert all(bpm is None or 25.0 < bpm < 320.0 for bpm in found.value.bpm)


def test_tempi_an_octave_apart_match_and_tempi_a_tenth_apart_do_not() -> None:
    window = Window(0.0, 60.0)
    slow, twice, faster = (
        tempo_curve(stream(steady_onsets(default_rng(2), bpm, 60.0, 0.01)), window) for bpm in (70.0, 140.0, 77.0)
    )
    octave, tenth = tempo_match(slow, twice, window), tempo_match(slow, faster, window)
    assert isinstance(octave, Measured)
    assert isinstance(tenth, Measured)
    assert octave.value.share_matched == 1.0
    assert tenth.value.share_matched == 0.0
    assert tenth.value.median_log2_ratio == pytest.approx(-np.log2(1.1), abs=0.01)


def test_a_tempo_without_a_partners_is_matched_with_nothing() -> None:
    window = Window(0.0, 60.0)
    steady = tempo_curve(stream(steady_onsets(default_rng(2), 90.0, 60.0, 0.01)), window)
    nothing = tempo_curve(stream([]), window)
    assert tempo_match(steady, nothing, window) == Void(VoidReason.NEVER_PLAYED, 0, window)
