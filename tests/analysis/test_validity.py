"""The void table: what each assist takes away, and what stays."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from mtsession.analysis.in_force import conditions_of, settings_on
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, SessionMeasures, measure
from mtsession.analysis.validity import RESTS_ON, void_reason
from mtsession.events import SetupChange
from mtsession.session import Player, Role, Session, Setup
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of

ASSISTS = {
    "scale palette": (VoidReason.SCALE_PALETTE, set()),
    "chord-follow": (VoidReason.CHORD_FOLLOW, set()),
    "quantise": (VoidReason.QUANTISED, {"asynchrony", "tempo_match", "tempo"}),
    "play-along beat": (VoidReason.QUANTISED, {"asynchrony", "tempo_match", "tempo"}),
    "arpeggio": (VoidReason.AUTO_REPEAT, {"density"}),
    "fixed velocity": (VoidReason.FIXED_VELOCITY, {"level"}),
}


def session(**setup: object) -> Session:
    played = demo_performance(1).session()
    return replace(played, setup=replace(played.setup, **setup))  # type: ignore[arg-type]


def voids(measures: SessionMeasures) -> dict[str, VoidReason]:
    found: dict[str, VoidReason] = {}
    parts: list[Any] = [*measures.players, *measures.pairs, measures.group]
    for one in parts:
        for field in fields(one):
            outcome = getattr(one, field.name)
            if isinstance(outcome, Void):
                found[field.name] = outcome.reason
    return found


def test_every_measure_of_a_player_and_a_pair_says_what_it_rests_on() -> None:
    named = {field.name for kind in (PlayerMeasures, PairMeasures) for field in fields(kind)}
    assert set(RESTS_ON) == named - {"seat", "role", "first", "second"}
    assert {field.name for field in fields(GroupMeasures)}


def test_without_assists_nothing_is_void() -> None:
    assert voids(measure(session())) == {}


@pytest.mark.parametrize("assist", ASSISTS)
def test_an_assist_voids_what_the_care_rules_say_and_leaves_the_rest(assist: str) -> None:
    reason, taken = ASSISTS[assist]
    assert voids(measure(session(assists={assist: "on"}))) == dict.fromkeys(taken, reason)


def test_an_assist_that_is_off_takes_nothing() -> None:
    assert voids(measure(session(assists={"quantise": "off"}))) == {}


def test_an_assist_that_came_on_in_mid_session_voids_from_then_on() -> None:
    played = session()
    change = SetupChange(45.0, None, "fixed velocity", "on")
    changed = replace(played, events=(*played.events, change))
    whole, before = measure(changed), measure(changed, Window(0.0, 45.0))
    assert voids(whole) == {}
    assert whole.player(CLIENT).level == before.player(CLIENT).level
    assert voids(measure(changed, Window(45.0, 90.0)))["level"] is VoidReason.FIXED_VELOCITY


def test_an_access_setting_of_one_seat_is_that_seats_and_its_pairs_alone() -> None:
    played = session()
    scanning = replace(played.player(CLIENT), access={"scanning": "1.2 s"})
    measures = measure(replace(played, players=(scanning, played.player(THERAPIST))))
    assert measures.player(CLIENT).turns == Void(VoidReason.SCANNING, 10, measures.window)
    assert isinstance(measures.player(THERAPIST).turns, Measured)
    assert isinstance(measures.pairs[0].exchanges, Void)
    assert isinstance(measures.player(CLIENT).density, Measured)


def test_a_shared_device_leaves_only_the_group() -> None:
    played = session()
    shared = tuple(replace(player, access={"shared device": "yes"}) for player in played.players)
    measures = measure(replace(played, players=shared))
    assert {*voids(measures)} == {*RESTS_ON, "players_at_once"}
    assert isinstance(measures.group.density, Measured)


def test_with_hands_supported_joint_activity_stays_and_timing_goes() -> None:
    taken = {name for name in RESTS_ON if void_reason(name, frozenset({"hand-over-hand"}))}
    assert {"asynchrony", "tempo", "turns", "transfers_from_second"} <= taken
    assert not taken & {"participation", "joint_passages", "shares", "density"}


@pytest.mark.parametrize("latency_s", [None, 0.081])
def test_an_unknown_or_long_latency_takes_the_sign_of_an_asynchrony(latency_s: float | None) -> None:
    measures = measure(session(latency_s={CLIENT: latency_s, THERAPIST: 0.0}))
    asynchrony = measures.pairs[0].asynchrony
    assert isinstance(asynchrony, Measured)
    assert asynchrony.value.mean_s is None
    assert asynchrony.value.sd_s > 0
    assert asynchrony.value.unsigned_because is VoidReason.LATENCY_UNKNOWN


def test_a_calibrated_latency_moves_the_onsets_and_keeps_the_sign() -> None:
    plain = measure(session()).pairs[0].asynchrony
    late = measure(session(latency_s={CLIENT: 0.03, THERAPIST: 0.0})).pairs[0].asynchrony
    assert isinstance(plain, Measured)
    assert isinstance(late, Measured)
    assert plain.value.mean_s is not None
    assert late.value.mean_s is not None
    assert late.value.mean_s == pytest.approx(plain.value.mean_s - 0.03, abs=0.005)


def test_responses_faster_than_300_ms_are_not_told_without_a_known_latency() -> None:
    players = tuple(Player(seat, Role(seat), "keyboard", "open-keys") for seat in (CLIENT, THERAPIST))
    hits = [(players[k % 2].seat, Hit(2.0 * k, 1.8, 60, 64)) for k in range(40)]
    played = session_of(players, script_of(hits), 82.0, session_id="made")
    unknown = Setup("open-keys", "C", latency_s={CLIENT: None, THERAPIST: 0.0})
    told = measure(played).pairs[0].transfers_from_first
    assert isinstance(told, Measured)
    assert told.value.median_s == pytest.approx(0.2)
    assert measure(replace(played, setup=unknown)).pairs[0].transfers_from_first == Void(
        VoidReason.LATENCY_UNKNOWN, told.n, told.window
    )


def test_settings_of_another_seat_do_not_count() -> None:
    played = session()
    other = replace(played.player(THERAPIST), access={"scanning": "on"})
    mixed = replace(played, players=(played.player(CLIENT), other))
    assert settings_on(conditions_of(mixed), (CLIENT,), Window(0.0, 90.0)) == frozenset()
