"""Change within a session and across sessions: numbers side by side, and no verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from mtsession.analysis.change import Compared, Series, Where, compare, over_thirds
from mtsession.analysis.change_words import comparison_in_words, does_not_show_change, thirds_in_words
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.set_up import SetUpChange, between, set_up_of
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.analysis.trend import AsynchronyTrend, asynchrony_trend
from mtsession.errors import SessionFormatError
from mtsession.events import Action, Control, Seat, SetupChange
from mtsession.session import OnsetStream, Player, Role, Session, onset_stream
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.simulate.timing import Timekeeper, Times, coupled_pulse
from mtsession.wording import banned_words_in

BOTH = tuple(Player(seat, Role(seat), "keyboard", "open-keys") for seat in (CLIENT, THERAPIST))

FOUR_MINUTES = Window(0.0, 240.0)


def faster_and_faster(length_s: float = 90.0) -> Session:
    """The client plays 1, 2 and 3 notes a second in the thirds; the therapist is silent."""
    third_s = length_s / 3
    times = np.concatenate([k * third_s + np.arange(0.01, third_s - 0.01, 1 / (k + 1)) for k in range(3)])
    hits = [(CLIENT, Hit(float(time_s), 0.1, 60, 64)) for time_s in times]
    return session_of(BOTH, script_of(hits), length_s, session_id="made")


def series_of(found: tuple[Series, ...], name: str, quantity: str, seat: Seat = CLIENT) -> Series:
    return next(one for one in found if (one.measure, one.quantity, one.seats) == (name, quantity, (seat,)))


def sessions_of(*rates_per_s: float) -> list[SessionMeasures]:
    made = []
    for number, rate in enumerate(rates_per_s):
        hits = [(CLIENT, Hit(float(time_s), 0.1, 60, 64)) for time_s in np.arange(0.0, 60.0, 1 / rate)]
        session = session_of(BOTH, script_of(hits), 60.0, session_id=f"s{number}")
        made.append(measure(session, n_surrogates=0))
    return made


def compared(rates_per_s: list[float], quantity: str = "mean") -> Compared:
    found = compare(sessions_of(*rates_per_s)).compared
    return next(one for one in found if (one.series.measure, one.series.quantity) == ("density", quantity))


def test_each_measure_is_told_of_the_start_the_middle_and_the_end() -> None:
    thirds = over_thirds(faster_and_faster())
    assert thirds.windows == (Window(0.0, 30.0), Window(30.0, 60.0), Window(60.0, 90.0))
    density = series_of(thirds.series, "density", "mean")
    assert density.values == pytest.approx((1.0, 2.0, 3.0))
    assert density.n == (30, 60, 90)
    assert density.unit == "1/s"


def test_a_third_with_too_little_is_void_with_its_reason_and_the_others_stand() -> None:
    hits = [(CLIENT, Hit(float(t), 0.1, 60, 64)) for t in (1.0, 2.0, *np.arange(30.0, 90.0, 0.5))]
    thirds = over_thirds(session_of(BOTH, script_of(hits), 90.0, session_id="made"))
    density = series_of(thirds.series, "density", "mean")
    assert density.values[0] is None
    assert density.void == (VoidReason.TOO_FEW_EVENTS, None, None)
    assert len(density.known) == 2


def test_no_moment_band_or_count_of_evidence_is_compared() -> None:
    quantities = {one.quantity for one in over_thirds(demo_performance(1).session()).series}
    assert not {q for q in quantities if "chance" in q or q in ("longest_start", "peak_at") or q.startswith("n_")}


def test_the_last_session_lies_within_above_or_below_the_clients_own_range() -> None:
    assert compared([1.0, 2.0, 1.5, 1.2]).where is Where.WITHIN
    assert compared([1.0, 2.0, 1.5, 3.0]).where is Where.ABOVE
    below = compared([1.0, 2.0, 1.5, 0.5])
    assert below.where is Where.BELOW
    assert (below.low, below.high) == pytest.approx((1.0, 2.0), rel=0.02)


def test_fewer_than_three_earlier_sessions_make_no_range() -> None:
    found = compared([1.0, 2.0, 1.5])
    assert (found.where, found.low, found.void) == (None, None, VoidReason.TOO_FEW_SESSIONS)
    assert found.series.values == pytest.approx((1.0, 2.0, 1.5), rel=0.02)


def test_a_last_session_without_the_number_says_why() -> None:
    found = compared([1.0, 2.0, 1.5, 0.05])
    assert (found.where, found.void) == (None, VoidReason.TOO_FEW_EVENTS)


def test_no_session_and_one_session_compare_to_nothing() -> None:
    assert compare([]).compared == ()
    assert {one.where for one in compare(sessions_of(1.0)).compared} == {None}


def test_sessions_of_other_rules_are_not_compared() -> None:
    one, other = sessions_of(1.0, 1.0)
    with pytest.raises(SessionFormatError, match="different rules"):
        compare([one, replace(other, rules_version="0")])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.1, 5.0), min_size=4, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_the_earlier_sessions_changes_no_outcome(rates: list[float], shuffler: object) -> None:
    plain = [one.where for one in _density_only(rates)]
    earlier = rates[:-1]
    shuffler.shuffle(earlier)  # type: ignore[attr-defined]
    assert [one.where for one in _density_only([*earlier, rates[-1]])] == plain


def _density_only(rates: list[float]) -> tuple[Compared, ...]:
    template = sessions_of(1.0)[0]
    made = []
    for rate in rates:
        density = template.players[0].density
        assert isinstance(density, Measured)
        value = replace(density.value, mean_per_s=rate, peak_per_s=rate)
        player = replace(template.players[0], density=replace(density, value=value))
        made.append(replace(template, players=(player, template.players[1])))
    return compare(made).compared


def test_changes_of_the_set_up_stand_where_they_happened() -> None:
    session = demo_performance(1).session()
    events = (
        SetupChange(20.0, CLIENT, "hold to play", "250 ms"),
        SetupChange(30.0, CLIENT, "hold to play", "250 ms"),
        Control(40.0, THERAPIST, Action.PALETTE, "sky"),
        SetupChange(50.0, CLIENT, "instrument", "switch"),
    )
    changed = replace(session, events=(*session.events, *events))
    assert over_thirds(changed).set_up == (
        SetUpChange(20.0, CLIENT, "hold to play", None, "250 ms"),
        SetUpChange(40.0, None, "palette", "open-keys", "sky"),
        SetUpChange(50.0, CLIENT, "instrument", "pads", "switch"),
    )
    said = thirds_in_words(over_thirds(changed))
    assert said[0] == "00:20: the client's hold to play changed from nothing to 250 ms."


def test_what_was_otherwise_in_the_next_session_is_told_between_them() -> None:
    session = demo_performance(1).session()
    ended = replace(session, events=(*session.events, SetupChange(50.0, CLIENT, "instrument", "switch")))
    changes = list(between([set_up_of(ended), set_up_of(ended)]))
    assert changes[0] == (SetUpChange(50.0, CLIENT, "instrument", "pads", "switch"),)
    assert changes[1] == (SetUpChange(None, CLIENT, "instrument", "switch", "pads"), *changes[0])
    measures = [measure(ended, n_surrogates=0)] * 2
    said = comparison_in_words(compare(measures, [set_up_of(ended)] * 2))
    assert said[1] == "Before session simulated-1: the client's instrument changed from switch to pads."


def test_no_sentence_of_change_calls_anything_more_than_different() -> None:
    measures = [measure(demo_performance(seed).session(), n_surrogates=0) for seed in range(5)]
    said = (*comparison_in_words(compare(measures)), *thirds_in_words(over_thirds(demo_performance(1).session())))
    assert len(said) > 20
    assert [sentence for sentence in said if banned_words_in(sentence)] == []
    assert any("in the 4 before that have it" in sentence for sentence in said)
    assert does_not_show_change().startswith("Does not show")


def test_what_prints_alike_is_not_said_to_lie_beyond() -> None:
    rates = (1.0, 1.0, 1.0, 1.0)
    measures = sessions_of(*rates)
    density = measures[-1].players[0].density
    assert isinstance(density, Measured)
    value = replace(density.value, mean_per_s=density.value.mean_per_s + 1e-6)
    player = replace(measures[-1].players[0], density=replace(density, value=value))
    measures[-1] = replace(measures[-1], players=(player, measures[-1].players[1]))
    said = [one for one in comparison_in_words(compare(measures)) if "notes a second" in one]
    assert len(said) == 1
    assert said[0].endswith(
        ": 1.00 in the last session; 1.00 to 1.00 in the 3 before that have it (within their range)."
    )


def streams(first_s: Times, second_s: Times) -> tuple[OnsetStream, OnsetStream]:
    return onset_stream(Seat("client"), first_s), onset_stream(Seat("therapist"), second_s)


def drifting(rng: Generator, start_s: float, end_s: float) -> tuple[OnsetStream, OnsetStream]:
    """240 beats; the client is off them by a spread that goes in a straight line from start to end."""
    beat_s = np.arange(0.5, 240.0, 1.0)
    spread_s = np.linspace(start_s, end_s, len(beat_s))
    return streams(beat_s + spread_s * rng.choice([-1.0, 1.0], len(beat_s)), beat_s)


def trend(pair: tuple[OnsetStream, OnsetStream], window: Window = FOUR_MINUTES) -> Measured[AsynchronyTrend]:
    found = asynchrony_trend(*pair, window)
    assert isinstance(found, Measured)
    return found


def test_a_line_through_the_asynchronies_finds_where_they_began_and_ended() -> None:
    found = trend(drifting(default_rng(1), 0.08, 0.02))
    assert (found.value.at_start_s, found.value.at_end_s) == pytest.approx((0.08, 0.02), abs=1e-3)
    assert found.value.change_s == pytest.approx(-0.06, abs=1e-3)
    assert found.n == 240
    assert found.band is not None
    assert found.value.change_s < found.band.low
    assert found.band.surrogate == "asynchronies in another order, in runs of 8"


def test_coupled_players_without_a_trend_lie_outside_the_band_in_at_most_seven_in_a_hundred() -> None:
    """200 sessions of 150 coupled beats, α = .25 each: share outside the band of the change ≤ .07 (true rate .05)."""
    rng, keeper = default_rng(5), Timekeeper(0.25, keeper_sd_s=0.02)
    outside = []
    for _ in range(200):
        first_s, second_s = coupled_pulse(rng, np.full(150, 0.6), keeper, keeper)
        found = asynchrony_trend(*streams(first_s, second_s), Window(0.0, 91.0), 99)
        assert isinstance(found, Measured)
        assert found.band is not None
        outside.append(not found.band.low <= found.value.change_s <= found.band.high)
    assert np.mean(outside) <= 0.07


def test_too_few_pairs_or_too_short_a_window_have_no_trend() -> None:
    beat = np.arange(0.5, 20.0, 1.0)
    assert asynchrony_trend(*streams(beat, beat), FOUR_MINUTES) == Void(VoidReason.TOO_FEW_EVENTS, 20, FOUR_MINUTES)
    short = Window(0.0, 20.0)
    assert asynchrony_trend(*streams(beat, beat), short) == Void(VoidReason.TOO_SHORT, 20, short)
    none = onset_stream(Seat("therapist"), [])
    assert asynchrony_trend(streams(beat, beat)[0], none, short) == Void(VoidReason.NEVER_PLAYED, 0, short)


def test_swapping_the_players_leaves_the_trend() -> None:
    one, other = drifting(default_rng(2), 0.02, 0.07)
    assert trend((one, other)).value == trend((other, one)).value


def test_turning_the_session_round_turns_the_trend_round() -> None:
    one, other = drifting(default_rng(3), 0.02, 0.07)
    back = streams(240.0 - one.times_s[::-1], 240.0 - other.times_s[::-1])
    assert trend(back).value.change_s == pytest.approx(-trend((one, other)).value.change_s, abs=1e-9)
