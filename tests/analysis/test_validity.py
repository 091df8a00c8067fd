"""The void table (care rules, §2): what each assist takes away, what stays, and what is left of a part of a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.analysis.curves import Curve
from mtsession.analysis.features import Feature
from mtsession.analysis.imitation import Aspect
from mtsession.analysis.in_force import (
    LATENCY_UNKNOWN,
    MEANT_BY,
    Condition,
    conditions_of,
    latency_at_s,
    name_in_table,
    settings_on,
)
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.rows import Row
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, SessionMeasures, measure
from mtsession.analysis.validity import (
    FEATURES_REST_ON,
    GROUP_RESTS_ON,
    IMITATION_RESTS_ON,
    LEAST_S,
    MATCHING_RESTS_ON,
    RESTS_ON,
    SIGNED,
    TAKES_AWAY,
    Basis,
    stretch_for,
    valid_windows,
    void_parts,
    void_reason,
)
from mtsession.analysis.words import in_words
from mtsession.events import Contact, Mark, NoteOn, Seat, SetupChange
from mtsession.session import Player, Role, Session, Setup
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of

BOTH = (CLIENT, THERAPIST)

WHOLE = Window(0.0, 90.0)

TABLE_REASONS = {reason for reason, _ in TAKES_AWAY.values()}

TRANSFERS = {"floor_transfers", "transfers_from_first", "transfers_from_second"}

TURN_TAKING = {"turns", "exchanges"} | TRANSFERS


def session(**setup: Any) -> Session:
    played = demo_performance(1).session()
    return replace(played, setup=replace(played.setup, **setup))


def with_access(**access: str) -> Session:
    """The client plays with that access."""
    played = session()
    client = replace(played.player(CLIENT), access={name.replace("_", " "): value for name, value in access.items()})
    return replace(played, players=(client, played.player(THERAPIST)))


def with_events(*events: Any, of: Session | None = None) -> Session:
    played = of or session()
    return replace(played, events=(*played.events, *events))


def without_contacts(played: Session) -> Session:
    """As if only the accepted notes had been kept."""
    return replace(played, events=tuple(e for e in played.events if not isinstance(e, Contact)))


def outcomes(measures: SessionMeasures, *, group: bool = False) -> Mapping[str, Measured[Any] | Void]:
    """Of the client and the pair, by the field's name; or of the group."""
    parts: list[Any] = [measures.group] if group else [measures.player(CLIENT), *measures.pairs]
    named = ((f.name, getattr(part, f.name)) for part in parts for f in fields(part))
    return {name: found for name, found in named if isinstance(found, Measured | Void)}


def voids(measures: SessionMeasures, *, group: bool = False) -> dict[str, VoidReason]:
    """What an assist took, and why; not what the playing itself has too little for."""
    found = outcomes(measures, group=group)
    void = {name: outcome.reason for name, outcome in found.items() if isinstance(outcome, Void)}
    return {name: reason for name, reason in void.items() if reason in TABLE_REASONS}


@dataclass(frozen=True)
class TableRow:
    """A row of care rules §2: with `made`, these measures are void for that reason and those stay."""

    made: Session
    reason: VoidReason
    void: set[str]
    valid: set[str]
    bases: set[Basis] = field(default_factory=set)


ALL_TIMING = {"participation", "pauses", "density", "tempo", "asynchrony", "tempo_match"} | TURN_TAKING

TABLE = {
    "scale palette": TableRow(
        session(assists={"scale palette": "dawn"}), VoidReason.SCALE_PALETTE,
        void=set(), valid=ALL_TIMING | {"level"}, bases={Basis.PITCH},
    ),
    "chord-follow": TableRow(
        session(assists={"chord-follow": "on"}), VoidReason.CHORD_FOLLOW,
        void=set(), valid=ALL_TIMING | {"level"}, bases={Basis.PITCH, Basis.CONTOUR},
    ),
    "quantise": TableRow(
        session(assists={"quantise": "1/8"}), VoidReason.QUANTISED,
        void={"asynchrony", "tempo", "tempo_match"},
        valid={"density", "pauses", "participation", "level"} | TURN_TAKING,
        bases={Basis.SYNCHRONY, Basis.PULSE},
    ),
    "play-along beat": TableRow(
        session(assists={"play-along beat": "on"}), VoidReason.QUANTISED,
        void={"asynchrony", "tempo", "tempo_match"},
        valid={"density", "pauses", "participation", "level"} | TURN_TAKING,
        bases={Basis.SYNCHRONY, Basis.PULSE},
    ),
    **{
        f"{repeat}, with contacts": TableRow(
            session(assists={repeat: "on"}), VoidReason.AUTO_REPEAT,
            void={"density"},
            valid={"tempo", "asynchrony", "tempo_match", "participation", "pauses", "level"} | TURN_TAKING,
            bases={Basis.COUNT},
        )
        for repeat in ("arpeggio", "auto-repeat", "loop")
    },
    **{
        f"{repeat}, without contacts": TableRow(
            without_contacts(session(assists={repeat: "on"})), VoidReason.AUTO_REPEAT,
            void={"density", "tempo", "asynchrony", "tempo_match"} | TURN_TAKING,
            valid={"participation", "pauses", "shares", "level"},
        )
        for repeat in ("arpeggio", "auto-repeat", "loop")
    },
    "fixed velocity": TableRow(
        session(assists={"fixed velocity": "80"}), VoidReason.FIXED_VELOCITY,
        void={"level"}, valid=ALL_TIMING, bases={Basis.LOUDNESS},
    ),
    "scanning": TableRow(
        with_access(scan_step="1.2 s"), VoidReason.SCANNING,
        void={"asynchrony", "tempo", "tempo_match"} | TURN_TAKING,
        valid={"density", "participation", "pauses", "shares", "joint_passages", "level"},
        bases={Basis.RESPONSE, Basis.SYNCHRONY, Basis.TURNS, Basis.PULSE},
    ),
    **{
        f"{waits}, with contacts": TableRow(
            with_access(**{waits: "250 ms"}), VoidReason.ACCEPTANCE_TIME,
            void=set(), valid=ALL_TIMING | {"level", "first_after_silence"},
        )
        for waits in ("dwell", "hold_to_play", "switch_acceptance")
    },
    **{
        f"{waits}, without contacts": TableRow(
            without_contacts(with_access(**{waits: "250 ms"})), VoidReason.ACCEPTANCE_TIME,
            void=TRANSFERS | {"first_after_silence"},
            valid={"turns", "tempo", "tempo_match", "asynchrony", "density", "pauses", "level", "exchanges"},
        )
        for waits in ("dwell", "hold_to_play", "switch_acceptance")
    },
    "hand-over-hand": TableRow(
        with_access(support="hand-over-hand"), VoidReason.HAND_OVER_HAND,
        void={"tempo", "asynchrony", "tempo_match", "first_after_silence"} | TURN_TAKING,
        valid={"participation", "shares", "joint_passages", "density", "level"}, bases={Basis.TIMING},
    ),
    "shared device": TableRow(
        with_access(shared_device="yes"), VoidReason.SHARED_DEVICE,
        void=ALL_TIMING | {"shares", "balance", "joint_passages", "first_after_silence", "level"},
        valid=set(), bases={Basis.WHO},
    ),
}  # fmt: skip


def test_every_measure_says_what_it_rests_on() -> None:
    named = {f.name for kind in (PlayerMeasures, PairMeasures) for f in fields(kind)}
    assert named - {"seat", "role", "first", "second"} <= set(RESTS_ON)
    assert {f.name for f in fields(GroupMeasures)} <= {*GROUP_RESTS_ON, "pauses"}


def test_without_assists_nothing_is_void() -> None:
    assert voids(measure(session(), n_surrogates=0)) == {}
    assert voids(measure(session(), n_surrogates=0), group=True) == {}


@pytest.mark.parametrize("row", TABLE)
def test_a_row_of_the_table_voids_its_first_column_and_leaves_its_second(row: str) -> None:
    case = TABLE[row]
    found = outcomes(measure(case.made, n_surrogates=0))
    assert {name: found[name] for name in case.void} == {
        name: Void(case.reason, found[name].n, WHOLE) for name in case.void
    }
    assert [name for name in case.valid if isinstance(found[name], Void)] == []


@pytest.mark.parametrize("row", [row for row in TABLE if TABLE[row].bases])
def test_a_row_takes_these_bases_and_no_other_whatever_measures_are_added(row: str) -> None:
    reason, bases = TAKES_AWAY[row.partition(",")[0]]
    assert (reason, set(bases)) == (TABLE[row].reason, TABLE[row].bases)


SYNCHRONY = {"asynchrony", "asynchrony_trend", "relative_phase", "following", "tempo_match", "tempo_lead"}

ANSWERS = TURN_TAKING | {"imitation", "matching", "first_after_silence"}

WHOLE_MEASURES: Mapping[str, set[str]] = {
    "scale palette": set(),
    "chord-follow": set(),
    "quantise": SYNCHRONY | {"tempo"},
    "play-along beat": SYNCHRONY | {"tempo"},
    "arpeggio": {"density"},
    "auto-repeat": {"density"},
    "loop": {"density"},
    "arpeggio without contacts": SYNCHRONY | ANSWERS | {"density", "tempo"},
    "auto-repeat without contacts": SYNCHRONY | ANSWERS | {"density", "tempo"},
    "loop without contacts": SYNCHRONY | ANSWERS | {"density", "tempo"},
    "fixed velocity": {"level"},
    "scanning": SYNCHRONY | ANSWERS | {"tempo"},
    "acceptance time without contacts": TRANSFERS | {"matching", "first_after_silence"},
    "hand-over-hand": SYNCHRONY | ANSWERS | {"tempo"},
    "shared device": set(RESTS_ON),
}
"""The first column for every measure of a player or a pair; what is not named is the second column."""

PARTS: Mapping[str, set[StrEnum]] = {
    "scale palette": {Feature.KEY, Aspect.CONTOUR},
    "chord-follow": {Feature.KEY, Feature.PITCH, Feature.PITCH_SD, Aspect.CONTOUR, Curve.REGISTER},
    "quantise": {Feature.PULSE, Aspect.RHYTHM},
    "play-along beat": {Feature.PULSE, Aspect.RHYTHM},
    "arpeggio": {Feature.DENSITY, Feature.ARTICULATION, Curve.DENSITY},
    "auto-repeat": {Feature.DENSITY, Feature.ARTICULATION, Curve.DENSITY},
    "loop": {Feature.DENSITY, Feature.ARTICULATION, Curve.DENSITY},
    "fixed velocity": {Feature.VELOCITY, Feature.VELOCITY_SD, Curve.LOUDNESS},
    "scanning": {Feature.PULSE, Aspect.RHYTHM},
    "hand-over-hand": {Feature.PULSE, Feature.ARTICULATION},
}
"""What goes of a measure of several parts, of which the others stay."""


@pytest.mark.parametrize("setting", TAKES_AWAY)
def test_a_setting_voids_these_measures_and_leaves_all_others(setting: str) -> None:
    assert {measure for measure in RESTS_ON if void_reason(measure, {setting})} == WHOLE_MEASURES[setting]


@pytest.mark.parametrize("setting", PARTS)
def test_a_setting_voids_these_parts_of_a_measure_and_leaves_its_others(setting: str) -> None:
    on = (Condition(setting, CLIENT, -np.inf, np.inf),)
    void: set[StrEnum] = {*void_parts(FEATURES_REST_ON, on, BOTH, WHOLE)}
    void |= {*void_parts(MATCHING_RESTS_ON, on, BOTH, WHOLE), *void_parts(IMITATION_RESTS_ON, on, BOTH, WHOLE)}
    assert void == PARTS[setting]


def test_pitch_goes_with_a_scale_and_contour_only_where_pads_follow_chords() -> None:
    assert not TAKES_AWAY["scale palette"][1] & {Basis.CONTOUR, Basis.TIMING, Basis.COUNT}
    assert TAKES_AWAY["chord-follow"][1] == {Basis.PITCH, Basis.CONTOUR}


def test_a_shared_device_leaves_the_group_its_density_and_pauses_but_not_who() -> None:
    measures = measure(TABLE["shared device"].made, n_surrogates=0)
    assert voids(measures, group=True) == dict.fromkeys(
        ("players_at_once", "first_after_silence"), VoidReason.SHARED_DEVICE
    )
    assert isinstance(measures.group.density, Measured)


def test_repeated_notes_count_in_no_density_not_even_the_groups() -> None:
    measures = measure(TABLE["arpeggio, with contacts"].made, n_surrogates=0)
    assert voids(measures, group=True) == {"density": VoidReason.AUTO_REPEAT}


@pytest.mark.parametrize("value", ["off", "Off", "", "0", "0 ms", "0.0 s", "no", "none", "false"])
def test_an_assist_that_is_off_takes_nothing(value: str) -> None:
    assert voids(measure(session(assists={"quantise": value}), n_surrogates=0)) == {}


@pytest.mark.parametrize("said", ["Quantise", "quantize", "QUANTISATION", "quantise "])
def test_a_setting_is_known_however_it_is_written(said: str) -> None:
    assert name_in_table(said) == "quantise"


def test_every_row_of_the_table_is_reached_by_its_own_name_and_its_other_names() -> None:
    for name, several in MEANT_BY.items():
        assert {name_in_table(said) for said in (name, name.replace("-", "_"), *several)} == {name}
    assert {name.removesuffix(" without contacts") for name in TAKES_AWAY} == set(MEANT_BY) - {"latency"}


def test_a_setting_that_the_table_does_not_know_takes_nothing() -> None:
    assert voids(measure(session(assists={"lights": "calm"}), n_surrogates=0)) == {}
    assert void_reason("density", {"lights"}) is None


def test_an_access_setting_of_one_seat_is_that_seats_and_its_pairs_alone() -> None:
    measures = measure(TABLE["scanning"].made, n_surrogates=0)
    assert isinstance(measures.player(THERAPIST).turns, Measured)
    assert isinstance(measures.player(CLIENT).turns, Void)
    assert settings_on(conditions_of(TABLE["scanning"].made), (THERAPIST,), WHOLE) == frozenset()


def test_a_seats_own_word_holds_against_the_instruments() -> None:
    own = with_events(SetupChange(0.0, CLIENT, "quantise", "off"), of=session(assists={"quantise": "on"}))
    measures = measure(own, n_surrogates=0)
    assert isinstance(measures.player(CLIENT).tempo, Measured)
    assert isinstance(measures.player(THERAPIST).tempo, Void)


# Two seats on one input


def on_port(played: Session, port_of: Mapping[Seat, str], until_s: float = np.inf) -> Session:
    def moved(event: Any) -> Any:
        contact = isinstance(event, Contact) and event.time_s < until_s
        return replace(event, source=port_of[event.seat]) if contact else event

    return replace(played, events=tuple(moved(event) for event in played.events))


def test_two_seats_on_one_port_and_channel_cannot_be_told_apart() -> None:
    shared = on_port(session(), dict.fromkeys(BOTH, "midi:LPK25 ch 1"))
    assert voids(measure(shared, n_surrogates=0))["participation"] is VoidReason.SHARED_DEVICE


@pytest.mark.parametrize(
    ("one", "other"), [("midi:LPK25 ch 1", "midi:LPK25 ch 2"), ("pads", "pads"), ("file:duo.mid", "file:duo.mid")]
)
def test_two_channels_of_a_port_two_pads_and_two_tracks_of_a_file_are_told_apart(one: str, other: str) -> None:
    assert voids(measure(on_port(session(), {CLIENT: one, THERAPIST: other}), n_surrogates=0)) == {}


def test_an_instrument_that_was_handed_over_was_not_shared() -> None:
    client = [Hit(1.0 * k, 0.5, 60, 64) for k in range(40)]
    therapist = [Hit(45.0 + 1.0 * k, 0.5, 60, 64) for k in range(40)]
    played = made([(CLIENT, hit) for hit in client] + [(THERAPIST, hit) for hit in therapist], 90.0)
    handed = on_port(played, dict.fromkeys(BOTH, "midi:LPK25 ch 1"))
    assert isinstance(measure(handed, n_surrogates=0).player(CLIENT).participation, Measured)


def test_a_device_shared_in_the_first_third_leaves_the_rest() -> None:
    third = on_port(session(), dict.fromkeys(BOTH, "midi:LPK25 ch 1"), until_s=30.0)
    found = measure(third, n_surrogates=0).player(CLIENT).participation
    assert isinstance(found, Measured)
    assert 20.0 < found.window.start_s <= 30.0
    assert found.window.end_s == 90.0


# Changing in mid-session


def test_an_assist_that_came_on_in_mid_session_voids_from_then_on() -> None:
    changed = with_events(SetupChange(45.0, None, "fixed velocity", "on"))
    whole, before = measure(changed, n_surrogates=0), measure(changed, Window(0.0, 45.0), n_surrogates=0)
    assert voids(whole) == {}
    assert whole.player(CLIENT).level == before.player(CLIENT).level
    assert whole.player(CLIENT).density.window == WHOLE
    assert voids(measure(changed, Window(45.0, 90.0), n_surrogates=0))["level"] is VoidReason.FIXED_VELOCITY


def test_an_assist_that_was_on_for_no_time_takes_nothing() -> None:
    touched = with_events(SetupChange(45.0, None, "quantise", "on"), SetupChange(45.0, None, "quantise", "off"))
    assert measure(touched, n_surrogates=0).player(CLIENT).tempo.window == WHOLE


def test_of_two_clean_stretches_the_longer_is_measured_and_nothing_over_the_seam() -> None:
    changed = with_events(SetupChange(20.0, None, "quantise", "on"), SetupChange(40.0, None, "quantise", "off"))
    measures = measure(changed, n_surrogates=0)
    alone = measure(changed, Window(40.0, 90.0), n_surrogates=0)
    assert measures.pairs[0].asynchrony.window == Window(40.0, 90.0)
    assert measures.pairs[0].asynchrony == alone.pairs[0].asynchrony
    assert measures.pairs[0].floor_transfers.window == WHOLE


def test_where_less_than_30_s_are_left_the_reason_is_told_and_the_whole_window() -> None:
    on = [SetupChange(25.0, None, "fixed velocity", "on"), SetupChange(64.0, None, "fixed velocity", "off")]
    found = measure(with_events(*on), n_surrogates=0).player(CLIENT).level
    assert isinstance(found, Void)
    assert (found.reason, found.window) == (VoidReason.FIXED_VELOCITY, WHOLE)
    assert found.n > 8
    assert LEAST_S == 30.0


def test_what_the_clean_stretch_itself_cannot_say_is_void_there_with_its_own_reason() -> None:
    changed = with_events(SetupChange(45.0, None, "quantise", "on"))
    met = measure(changed, n_surrogates=0).pairs[0].asynchrony
    assert isinstance(met, Void)
    assert (met.reason, met.window) == (VoidReason.TOO_FEW_EVENTS, Window(0.0, 45.0))


def test_a_change_on_one_seat_leaves_the_other_seat_the_whole_session() -> None:
    measures = measure(with_events(SetupChange(45.0, CLIENT, "scanning", "on")), n_surrogates=0)
    assert measures.player(CLIENT).turns.window == Window(0.0, 45.0)
    assert measures.player(THERAPIST).turns.window == WHOLE
    assert measures.pairs[0].exchanges.window == Window(0.0, 45.0)
    assert measures.pairs[0].shares.window == WHOLE


def test_a_palette_changed_in_mid_session_is_the_rooms_own_log_and_takes_no_timing() -> None:
    """As the live room writes it: the palette, and beside it the assist that the palette is."""
    changes = [SetupChange(45.0, None, "palette", "dawn"), SetupChange(45.0, None, "scale palette", "dawn")]
    measures = measure(with_events(*changes, of=session(assists={"scale palette": "off"})), n_surrogates=0)
    assert voids(measures) == {}
    assert {o.window for name, o in outcomes(measures).items() if name in ALL_TIMING} == {WHOLE}


def test_rows_and_words_tell_which_part_was_measured() -> None:
    measures = measure(with_events(SetupChange(45.0, None, "fixed velocity", "on")), n_surrogates=0)
    parts = {(row.start_s, row.end_s) for row in measures.rows() if row.measure == "level"}
    assert parts == {(0.0, 45.0)}
    part = [sentence for sentence in in_words(measures) if "Measured from" in sentence]
    assert len(part) == 2
    assert all(sentence.endswith("Measured from 00:00 to 00:45 only.") for sentence in part)


# Hands in support


def test_a_marked_support_takes_the_timing_of_its_stretch_and_leaves_joint_activity() -> None:
    measures = measure(with_events(Mark(30.0, THERAPIST, 20.0, "hand-over-hand")), n_surrogates=0)
    assert measures.pairs[0].asynchrony.window == Window(30.0, 90.0)
    assert measures.player(CLIENT).turns.window == Window(30.0, 90.0)
    assert measures.pairs[0].joint_passages.window == WHOLE
    assert measures.player(CLIENT).participation.window == WHOLE


def test_a_marked_support_takes_nothing_from_the_therapists_own_timing() -> None:
    measures = measure(with_events(Mark(80.0, THERAPIST, 10.0, "Supported")), n_surrogates=0)
    assert isinstance(measures.player(THERAPIST).turns, Measured)
    assert measures.player(CLIENT).turns == Void(VoidReason.HAND_OVER_HAND, 10, WHOLE)


@pytest.mark.parametrize("label", ["", "smile", "supportive chords", "unsupported"])
def test_other_marks_take_nothing(label: str) -> None:
    assert voids(measure(with_events(Mark(80.0, THERAPIST, 10.0, label)), n_surrogates=0)) == {}


def test_a_support_that_names_a_seat_is_that_seats() -> None:
    seats = {seat: Player(seat, role, "pads", "open-keys") for seat, role in GROUP.items()}
    hits = [(seat, Hit(1.0 + k, 0.4, 60, 64)) for seat in seats for k in range(80)]
    played = replace(made(hits, 90.0), players=tuple(seats.values()))
    marked = with_events(Mark(80.0, THERAPIST, 10.0, "hand over hand client-2"), of=played)
    measures = measure(marked, n_surrogates=0)
    assert isinstance(measures.player(Seat("client-2")).tempo, Void)
    assert isinstance(measures.player(CLIENT).tempo, Measured)


GROUP = {CLIENT: Role.CLIENT, THERAPIST: Role.THERAPIST, Seat("client-2"): Role.PEER}


def test_support_as_a_setting_holds_until_it_is_off() -> None:
    on = [SetupChange(10.0, CLIENT, "support", "hand-over-hand"), SetupChange(40.0, CLIENT, "support", "off")]
    assert measure(with_events(*on), n_surrogates=0).player(CLIENT).turns.window == Window(40.0, 90.0)


# Latency


@pytest.mark.parametrize("latency_s", [None, 0.081])
def test_an_unknown_or_long_latency_takes_the_sign_of_an_asynchrony(latency_s: float | None) -> None:
    met = measure(session(latency_s={CLIENT: latency_s, THERAPIST: 0.0})).pairs[0].asynchrony
    assert isinstance(met, Measured)
    assert met.value.mean_s is None
    assert met.value.sd_s > 0
    assert met.value.unsigned_because is VoidReason.LATENCY_UNKNOWN


@pytest.mark.parametrize("latency_s", [0.0, 0.08])
def test_a_latency_of_up_to_80_ms_keeps_the_sign(latency_s: float) -> None:
    met = measure(session(latency_s={CLIENT: latency_s, THERAPIST: 0.0}), n_surrogates=0).pairs[0].asynchrony
    assert isinstance(met, Measured)
    assert met.value.mean_s is not None


def test_an_unknown_latency_leaves_the_rest() -> None:
    unknown = measure(session(latency_s={CLIENT: None, THERAPIST: 0.0}), n_surrogates=0)
    known = measure(session(), n_surrogates=0)
    unchanged = set(outcomes(known)) - SIGNED
    assert {name: outcomes(unknown)[name] for name in unchanged} == {name: outcomes(known)[name] for name in unchanged}


def test_a_calibrated_latency_moves_the_onsets_and_keeps_the_sign() -> None:
    plain = measure(session(), n_surrogates=0).pairs[0].asynchrony
    late = measure(session(latency_s={CLIENT: 0.03, THERAPIST: 0.0}), n_surrogates=0).pairs[0].asynchrony
    assert isinstance(plain, Measured)
    assert isinstance(late, Measured)
    assert plain.value.mean_s is not None
    assert late.value.mean_s is not None
    assert late.value.mean_s == pytest.approx(plain.value.mean_s - 0.03, abs=0.005)


def made(hits: Iterable[tuple[Seat, Hit]], length_s: float) -> Session:
    players = tuple(Player(seat, Role(seat), "keyboard", "open-keys") for seat in BOTH)
    return session_of(players, script_of(hits), length_s, session_id="made")


def alternating(gap_s: float) -> Session:
    """Each begins so long after the other has ended."""
    return made([(BOTH[k % 2], Hit(2.0 * k, 2.0 - gap_s, 60, 64)) for k in range(40)], 82.0)


def test_responses_faster_than_300_ms_are_not_told_without_a_known_latency() -> None:
    unknown = Setup("open-keys", "C", latency_s={CLIENT: None, THERAPIST: 0.0})
    fast = alternating(0.2)
    told = measure(fast, n_surrogates=0).pairs[0]
    assert isinstance(told.transfers_from_first, Measured)
    assert told.transfers_from_first.value.median_s == pytest.approx(0.2)
    silent = measure(replace(fast, setup=unknown), n_surrogates=0).pairs[0]
    assert silent.transfers_from_first == Void(
        VoidReason.LATENCY_UNKNOWN, told.transfers_from_first.n, told.transfers_from_first.window
    )
    assert isinstance(silent.floor_transfers, Measured)
    assert silent.floor_transfers.value.transfers == ()
    assert silent.floor_transfers.n == told.floor_transfers.n


def test_slower_responses_are_told_without_a_known_latency_too() -> None:
    slow = alternating(0.5)
    unknown = replace(slow, setup=replace(slow.setup, latency_s={}))
    assert measure(unknown, n_surrogates=0).pairs[0].transfers_from_first == (
        measure(slow, n_surrogates=0).pairs[0].transfers_from_first
    )


def test_a_latency_measured_in_mid_session_moves_the_onsets_from_then_on() -> None:
    played = session(latency_s={CLIENT: 0.01, THERAPIST: 0.0})
    changed = with_events(SetupChange(45.0, CLIENT, "latency", "40 ms"), of=played)
    assert latency_at_s(changed, CLIENT, np.array([0.0, 44.9, 45.0, 80.0])).tolist() == [0.01, 0.01, 0.04, 0.04]
    assert latency_at_s(changed, THERAPIST, np.array([80.0])).tolist() == [0.0]
    before, after = (measure(s, n_surrogates=0).pairs[0].asynchrony for s in (played, changed))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    assert before.value.mean_s is not None
    assert after.value.mean_s is not None
    assert after.value.mean_s == pytest.approx(before.value.mean_s - 0.03, abs=0.005)


@pytest.mark.parametrize(
    ("said", "latency_s"),
    [
        ("40 ms", 0.04),
        ("0.04 s", 0.04),
        ("0.04", 0.04),
        ("12.5ms", 0.0125),
        ("0", 0.0),
        ("unknown", 0.0),
        ("-3 ms", 0.0),
    ],
)
def test_a_latency_is_read_as_it_is_written_and_what_is_no_length_is_unknown(said: str, latency_s: float) -> None:
    changed = with_events(SetupChange(0.0, CLIENT, "latency", said))
    assert latency_at_s(changed, CLIENT, np.array([1.0])).tolist() == [latency_s]
    names = {c.name for c in conditions_of(changed) if c.end_s > 0.0}
    assert names == ({LATENCY_UNKNOWN} if said in ("unknown", "-3 ms") else set())


def test_a_latency_known_for_the_better_part_gives_the_sign_of_that_part() -> None:
    played = session(latency_s={CLIENT: None, THERAPIST: 0.0})
    met = measure(with_events(SetupChange(40.0, CLIENT, "latency", "0 ms"), of=played), n_surrogates=0)
    asynchrony = met.pairs[0].asynchrony
    assert isinstance(asynchrony, Measured)
    assert asynchrony.window == Window(40.0, 90.0)
    assert asynchrony.value.mean_s is not None
    assert met.pairs[0].shares.window == WHOLE


def test_a_latency_known_for_less_than_half_gives_the_whole_without_the_sign() -> None:
    played = session(latency_s={CLIENT: None, THERAPIST: 0.0})
    met = measure(with_events(SetupChange(50.0, CLIENT, "latency", "0 ms"), of=played), n_surrogates=0)
    asynchrony = met.pairs[0].asynchrony
    assert isinstance(asynchrony, Measured)
    assert asynchrony.window == WHOLE
    assert asynchrony.value.mean_s is None


# Fewer than 8 events

RATES = ("1/s", "1/min", "BPM")


def few(n: int) -> SessionMeasures:
    hits = [
        (seat, Hit(5.0 * k + late_s, 0.4, 60, 64))
        for seat, late_s in ((CLIENT, 0.0), (THERAPIST, 0.6))
        for k in range(n)
    ]
    return measure(made(hits, 60.0), n_surrogates=0)


def is_rate_or_median(row: Row) -> bool:
    return row.unit in RATES or any(word in row.quantity for word in ("median", "quartile", "mean"))


def test_below_8_events_there_is_no_rate_and_no_median() -> None:
    """Exchanges count transfers and rest on the turns of both: two players of 4 turns each have 8."""
    told = {n: [row for row in few(n).rows() if row.value is not None and is_rate_or_median(row)] for n in (3, 4, 7)}
    assert told[3] == []
    assert "exchanges" in {row.measure for row in told[4]}
    assert {row.measure for rows in told.values() for row in rows if row.n < 8} == {"exchanges"}


def test_below_8_events_counts_stand() -> None:
    measures = few(7)
    participation, turns, pauses = (getattr(measures.player(CLIENT), f) for f in ("participation", "turns", "pauses"))
    assert participation.value.n_notes == 7
    assert turns.n == 7
    assert pauses.value.count == 7
    assert isinstance(measures.pairs[0].floor_transfers, Measured)
    void = {n: o.reason for n, o in outcomes(measures).items() if isinstance(o, Void)}
    assert {void[name] for name in ("density", "level", "tempo", "transfers_from_first")} == {VoidReason.TOO_FEW_EVENTS}


def test_from_8_events_on_there_are_rates() -> None:
    assert isinstance(few(8).player(CLIENT).density, Measured)


# The stretches themselves

spells = st.lists(st.tuples(st.floats(-10, 110), st.floats(0, 60)), max_size=6)


@given(spells)
def test_what_is_valid_and_what_was_taken_fill_the_window_and_do_not_meet(taken: list[tuple[float, float]]) -> None:
    conditions = [Condition("quantise", CLIENT, start_s, start_s + length_s) for start_s, length_s in taken]
    window = Window(0.0, 100.0)
    free = valid_windows(conditions, BOTH, RESTS_ON["asynchrony"], window)
    for stretch in free:
        assert 0.0 <= stretch.start_s < stretch.end_s <= 100.0
        assert not any(
            c.start_s < stretch.end_s and c.end_s > stretch.start_s and c.start_s < c.end_s for c in conditions
        )
    grid_s = np.linspace(0.005, 99.995, 2000)
    covered = np.zeros(2000, dtype=bool)
    for c in conditions:
        covered |= (grid_s >= c.start_s) & (grid_s <= c.end_s)
    inside = np.array([any(w.start_s <= t <= w.end_s for w in free) for t in grid_s])
    assert (inside | covered).all()


@given(spells)
def test_a_stretch_to_measure_is_clean_and_long_enough_or_there_is_a_reason(taken: list[tuple[float, float]]) -> None:
    conditions = [Condition("scanning", CLIENT, start_s, start_s + length_s) for start_s, length_s in taken]
    window = Window(0.0, 100.0)
    stretch = stretch_for(conditions, BOTH, RESTS_ON["turns"], window)
    if isinstance(stretch, Window):
        assert stretch.length_s >= LEAST_S
        assert stretch in valid_windows(conditions, BOTH, RESTS_ON["turns"], window)
    else:
        assert stretch is VoidReason.SCANNING
        assert max((w.length_s for w in valid_windows(conditions, BOTH, RESTS_ON["turns"], window)), default=0.0) < 30.0


def test_what_rests_on_nothing_that_was_taken_has_the_whole_window() -> None:
    on = (Condition("fixed velocity", CLIENT, -np.inf, np.inf),)
    assert valid_windows(on, BOTH, RESTS_ON["turns"], WHOLE) == (WHOLE,)
    assert stretch_for(on, BOTH, RESTS_ON["turns"], WHOLE) is WHOLE


def test_of_two_reasons_the_first_of_the_table_is_told() -> None:
    both = session(assists={"quantise": "on", "shared device": "yes"})
    assert voids(measure(both, n_surrogates=0))["asynchrony"] is VoidReason.SHARED_DEVICE


def test_a_seat_whose_touches_were_not_kept_is_found_by_one_note_without_one() -> None:
    played = with_access(dwell="600 ms")
    note = next(e for e in played.events if isinstance(e, NoteOn) and e.seat == CLIENT)
    kept = tuple(e for e in played.events if not (isinstance(e, Contact) and e.id == note.contact_id))
    names = settings_on(conditions_of(replace(played, events=kept)), (CLIENT,), WHOLE)
    assert names == {"acceptance time", "acceptance time without contacts"}
