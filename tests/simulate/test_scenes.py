"""Scenes: each plays what its parameters say, and its truth tells what was played."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from numpy.random import default_rng

from mtsession.events import Contact, Lift
from mtsession.simulate.free import FreePlayer
from mtsession.simulate.hands import Hands
from mtsession.simulate.performance import Performance, Truth
from mtsession.simulate.samples import (
    CLIENT,
    FOLLOWING,
    FREE_AND_PULSELESS,
    QUIET_CLIENT,
    SAMPLES,
    TAKING_TURNS,
    THERAPIST,
)
from mtsession.simulate.turn_taking import GapLaw, Imitation, TurnTaker


def onsets_s(performance: Performance, seat: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([e.time_s for e in performance.script if isinstance(e, Contact) and e.seat == seat])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_scene_is_the_same_for_the_same_seed_and_another_for_another(name: str) -> None:
    scene = SAMPLES[name].scene
    assert scene.perform(3) == scene.perform(3)
    assert scene.perform(3).script != scene.perform(4).script


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(5))
def test_all_is_played_in_order_within_the_length_and_can_be_written_down(name: str, seed: int) -> None:
    performance = SAMPLES[name].scene.perform(seed)
    times_s = [event.time_s for event in performance.script]
    assert times_s == sorted(times_s)
    assert times_s[0] > 0.0
    assert times_s[-1] == pytest.approx(performance.truth.length_s)
    assert all(1 <= e.velocity <= 127 and 0 <= e.number <= 127 for e in performance.script if isinstance(e, Contact))
    truth = performance.truth
    assert msgspec.json.decode(msgspec.json.encode(truth), type=Truth) == truth


def test_a_shift_below_nought_lets_answers_overlap() -> None:
    eager = GapLaw(0.4, 0.2, shift_s=-0.8)
    scene = replace(TAKING_TURNS, second=replace(TAKING_TURNS.second, gap=eager))
    gaps_s = [t.gap_s for t in scene.perform(1).truth.transfers if t.taker == CLIENT]
    assert max(gaps_s) < 0.0
    assert np.median(gaps_s) == pytest.approx(-0.4 + scene.second.hands.delay_s, abs=0.1)


def test_gaps_have_the_median_of_their_law() -> None:
    scene = replace(TAKING_TURNS, turns=800)
    transfers = scene.perform(2).truth.transfers
    for taker in (scene.first, scene.second):
        gaps_s = [transfer.gap_s for transfer in transfers if transfer.taker == taker.seat]
        assert np.median(gaps_s) == pytest.approx(taker.gap.median_s + taker.hands.delay_s, abs=0.03)


def test_every_echo_without_distortion_is_the_turn_before_it() -> None:
    scene = replace(
        TAKING_TURNS,
        first=replace(TAKING_TURNS.first, imitation=Imitation(1.0)),
        second=replace(TAKING_TURNS.second, imitation=Imitation(1.0), hands=Hands()),
    )
    performance = scene.perform(3)
    assert len(performance.truth.imitations) == scene.turns - 1
    assert all((e.intervals_changed, e.steps_changed) == (0, 0) for e in performance.truth.imitations)
    notes = [e for e in performance.script if isinstance(e, Contact)]
    assert (
        len({tuple(e.number for e in notes if t.start_s <= e.time_s <= t.end_s) for t in performance.truth.turns}) == 1
    )


def test_distortion_changes_its_share_of_intervals_and_steps() -> None:
    distorted = Imitation(1.0, rhythm_distortion=0.3, contour_distortion=0.5)
    scene = replace(TAKING_TURNS, turns=300, second=replace(TAKING_TURNS.second, imitation=distorted))
    echoes = [e for e in scene.perform(4).truth.imitations if e.seat == CLIENT]
    lengths = [turn.n_notes for turn in scene.perform(4).truth.turns if turn.seat == CLIENT]
    assert len(echoes) == 150
    assert sum(e.intervals_changed for e in echoes) / sum(n - 1 for n in lengths) == pytest.approx(0.3, abs=0.06)
    assert sum(e.steps_changed for e in echoes) / sum(n - 1 for n in lengths) == pytest.approx(0.5, abs=0.06)


def test_who_never_echoes_has_none_in_the_truth() -> None:
    alone = TurnTaker(CLIENT, TAKING_TURNS.second.role, GapLaw(0.5))
    scene = replace(TAKING_TURNS, second=alone)
    assert {echo.seat for echo in scene.perform(5).truth.imitations} == {THERAPIST}


def test_a_followers_loudness_is_the_leaders_its_lag_later_and_its_gain_as_far() -> None:
    following = FOLLOWING.loudness
    assert following is not None
    performance = replace(FOLLOWING, beats=1200).perform(6)
    notes = [e for e in performance.script if isinstance(e, Contact)]
    client, therapist = (
        np.array([(e.time_s, e.velocity) for e in notes if e.seat == s]).T for s in (CLIENT, THERAPIST)
    )
    assert np.std(client[1]) / np.std(therapist[1]) == pytest.approx(following.gain, abs=0.1)
    lags_s = np.arange(-2.0, 2.05, 0.1)
    alike = [np.corrcoef(client[1], np.interp(client[0] - lag_s, *therapist))[0, 1] for lag_s in lags_s]
    assert lags_s[int(np.argmax(alike))] == pytest.approx(following.lag_s, abs=0.15)
    assert performance.truth.loudness[0].lag_s == following.lag_s


def test_free_playing_has_its_rate_and_no_note_is_closer_than_asked() -> None:
    scene = replace(FREE_AND_PULSELESS, length_s=2000.0)
    performance = scene.perform(7)
    for player in scene.players:
        times_s = onsets_s(performance, player.seat)
        assert len(times_s) / 2000.0 == pytest.approx(player.rate_per_s, rel=0.06)
        assert np.diff(times_s).min() >= player.apart_s - 1e-9


def test_a_quiet_client_pauses_between_all_groups_and_no_pause_is_shorter_than_asked() -> None:
    performance = QUIET_CLIENT.perform(8)
    pauses = performance.truth.pauses
    assert len(pauses) >= QUIET_CLIENT.groups
    between = pauses[1 : QUIET_CLIENT.groups]
    assert min(pause.end_s - pause.start_s for pause in between) > QUIET_CLIENT.shortest_pause_s - QUIET_CLIENT.held_s
    assert all(earlier.end_s < later.start_s for earlier, later in pairwise(pauses))
    times_s = onsets_s(performance, CLIENT)
    assert not any(pause.start_s < time_s < pause.end_s for pause in pauses for time_s in times_s)


def test_every_touch_is_lifted_once() -> None:
    script = SAMPLES["group-of-four"].performance().script
    contacts = [event.id for event in script if isinstance(event, Contact)]
    assert sorted(event.contact_id for event in script if isinstance(event, Lift)) == contacts


def test_a_free_player_leaves_room_for_the_last_note() -> None:
    player = FreePlayer(CLIENT, TAKING_TURNS.second.role, rate_per_s=3.0, held_s=0.5)
    assert max(hit.time_s + hit.duration_s for hit in player.hits(default_rng(9), 30.0)) <= 30.0
