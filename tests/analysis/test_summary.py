"""All measures of a session: two players, one, many, none, and what comes of bad input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis import encoding
from mtsession.analysis.played import played
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.errors import SessionFormatError
from mtsession.events import AudioOnset, Contact, ContactId, NoteOn, Pass, Seat
from mtsession.session import Player, Role, Session
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.simulate.timing import poisson_onsets

ROLES = {"client": Role.CLIENT, "therapist": Role.THERAPIST}


def session_with(length_s: float, **onsets_s: Sequence[float] | NDArray[np.float64]) -> Session:
    """Seats by keyword: `client_2` sits on client-2."""
    seats = {seat.replace("_", "-"): times for seat, times in onsets_s.items()}
    players = [Player(Seat(s), ROLES[s.split("-")[0]], "keyboard", "open-keys") for s in seats]
    hits = [(Seat(s), Hit(time_s, 0.1, 60, 64)) for s, times in seats.items() for time_s in times]
    return session_of(players, script_of(hits), length_s, session_id="made")


def outcomes(measures: SessionMeasures) -> list[Measured[Any] | Void]:
    parts: list[Any] = [*measures.players, *measures.pairs, measures.group]
    every = (getattr(part, field.name) for part in parts for field in fields(part))
    return [outcome for outcome in every if isinstance(outcome, Measured | Void)]


def test_the_same_session_gives_the_same_bytes() -> None:
    first, again = (encoding.to_json(measure(demo_performance(7).session())) for _ in range(2))
    assert first == again
    assert encoding.to_json(encoding.from_json(first)) == first


def test_the_demo_is_measured_as_it_was_made() -> None:
    performance = demo_performance(1)
    measures = measure(performance.session())
    pair = measures.pair(CLIENT, THERAPIST)
    found = [
        turn for player in measures.players if isinstance(player.turns, Measured) for turn in player.turns.value.turns
    ]
    assert sorted((t.seat, t.start_s, t.n_notes) for t in found) == sorted(
        (t.seat, t.start_s, t.n_notes) for t in performance.truth.turns
    )
    assert isinstance(pair.floor_transfers, Measured)
    offsets_s = {transfer.time_s: transfer.offset_s for transfer in pair.floor_transfers.value.transfers}
    assert [offsets_s[true.time_s] for true in performance.truth.transfers] == pytest.approx(
        [true.gap_s for true in performance.truth.transfers]
    )


def test_the_tempo_of_the_demos_stretch_together_is_the_intended_one() -> None:
    performance = demo_performance(1)
    truth = performance.truth
    together = next(stretch for stretch in truth.stretches if stretch.kind == "together")
    bpm_at = dict(zip(*_curve(measure(performance.session()), THERAPIST), strict=True))
    asked = [time_s for time_s in bpm_at if together.start_s + 8 < time_s < together.end_s - 8]
    for time_s in asked:
        inside = [point.bpm for point in truth.tempo if abs(point.time_s - time_s) < 5]
        assert bpm_at[time_s] == pytest.approx(float(np.mean(inside)), rel=0.04)
    assert len(asked) >= 10


def _curve(measures: SessionMeasures, seat: Seat) -> tuple[tuple[float, ...], tuple[float | None, ...]]:
    tempo = measures.player(seat).tempo
    assert isinstance(tempo, Measured)
    return tempo.value.times_s, tempo.value.bpm


def test_the_client_comes_first_whoever_is_listed_first() -> None:
    measures = measure(session_with(30.0, therapist=[1.0], client=[2.0]))
    assert [player.seat for player in measures.players] == ["client", "therapist"]
    assert (measures.pairs[0].first, measures.pairs[0].second) == ("client", "therapist")


def test_a_group_is_measured_in_all_its_pairs() -> None:
    times = {f"client_{k}": poisson_onsets(default_rng(k), 1.0, 60.0) for k in range(1, 4)}
    measures = measure(session_with(60.0, therapist=poisson_onsets(default_rng(9), 1.0, 60.0), **times))
    pairs = [(pair.first, pair.second) for pair in measures.pairs]
    assert len(pairs) == len(set(pairs)) == 6
    assert isinstance(measures.group.players_at_once, Measured)
    assert len(measures.group.players_at_once.value.shares) == 5


def test_one_player_alone_has_no_pairs() -> None:
    measures = measure(session_with(30.0, client=np.arange(0.0, 30.0, 0.5)))
    assert measures.pairs == ()
    assert isinstance(measures.player(CLIENT).tempo, Measured)
    with pytest.raises(KeyError):
        measures.player(THERAPIST)
    with pytest.raises(KeyError):
        measures.pair(CLIENT, THERAPIST)


def test_a_player_who_never_plays_is_void_with_the_reason_and_stays_in_the_table() -> None:
    measures = measure(session_with(30.0, client=[], therapist=np.arange(0.0, 30.0, 0.5)))
    client = measures.player(CLIENT)
    assert client.participation == Void(VoidReason.NEVER_PLAYED, 0, measures.window)
    assert isinstance(measures.pairs[0].joint_passages, Void)
    assert isinstance(measures.pairs[0].shares, Measured)


@pytest.mark.parametrize("length_s", [0.0, 1.0, 600.0])
def test_an_empty_session_is_void_throughout(length_s: float) -> None:
    measures = measure(session_with(length_s, client=[], therapist=[]))
    assert all(isinstance(outcome, Void) and outcome.n == 0 for outcome in outcomes(measures))


@pytest.mark.parametrize("times", [[5.0], [5.0] * 20, [5.0, 5.01, 5.02]])
def test_one_note_or_one_moment_gives_no_rate_and_no_crash(times: list[float]) -> None:
    measures = measure(session_with(30.0, client=times, therapist=times))
    client = measures.player(CLIENT)
    assert isinstance(client.participation, Measured)
    assert isinstance(client.tempo, Void)
    assert isinstance(measures.pairs[0].asynchrony, Void)


@pytest.mark.parametrize("time_s", [float("nan"), float("inf")])
def test_a_note_without_a_time_is_a_damaged_session(time_s: float) -> None:
    good = session_with(30.0, client=[1.0], therapist=[2.0])
    contact = Contact(ContactId(99), time_s, CLIENT, "simulated", 60, 64)
    on = NoteOn(ContactId(99), time_s, CLIENT, 60, 64, "felt piano")
    with pytest.raises(SessionFormatError, match="without a time"):
        measure(replace(good, events=(*good.events, contact, on)))


def test_onsets_before_zero_and_after_the_end_widen_the_window() -> None:
    measures = measure(session_with(10.0, client=[-0.5, 3.0, 10.5]))
    assert measures.window == Window(-0.5, 10.5)
    participation = measures.player(CLIENT).participation
    assert isinstance(participation, Measured)
    assert participation.value.n_notes == 3


def test_a_window_is_measured_by_the_same_function() -> None:
    session = demo_performance(1).session()
    measures = measure(session, Window(60.0, 85.0))
    assert measures.window == Window(60.0, 85.0)
    tempo = measures.player(CLIENT).tempo
    assert isinstance(tempo, Measured)
    assert min(tempo.value.times_s) == 65.0


def test_without_surrogates_there_is_no_band_and_the_same_value() -> None:
    session = demo_performance(1).session()
    plain, banded = (measure(session, n_surrogates=n).pairs[0].asynchrony for n in (0, 99))
    assert isinstance(plain, Measured)
    assert isinstance(banded, Measured)
    assert plain.band is None
    assert banded.band is not None
    assert banded.band.n_surrogates == 99
    assert plain.value == banded.value
    rows = {(row.measure, row.quantity): row.value for row in measure(session, n_surrogates=99).rows()}
    assert rows["asynchrony", "chance_high"] == banded.band.high


def test_hits_heard_by_a_microphone_count_once_in_their_refined_listening() -> None:
    session = session_with(30.0, client=[1.0])
    heard = [AudioOnset(5.0 + k, CLIENT, 0.5, listening) for k in range(9) for listening in (Pass.LIVE, Pass.REFINED)]
    doubtful = AudioOnset(20.0, CLIENT, 0.5, Pass.REFINED, doubtful=True)
    found = played(replace(session, events=(*session.events, *heard, doubtful)), CLIENT)
    assert len(found) == 10
    assert np.isnan(found.velocities).sum() == 9


def test_a_row_is_either_a_number_or_a_reason_and_tells_its_window() -> None:
    measures = measure(session_with(30.0, client=np.arange(0.0, 30.0, 0.5), therapist=np.arange(1.0, 30.0, 3.5)))
    rows = measures.rows()
    assert all((row.value is None) != (row.void is None) for row in rows)
    assert all((row.start_s, row.end_s) == (0.0, 30.0) for row in rows)
    units = {(row.measure, row.quantity): row.unit for row in rows}
    assert units["tempo", "median"] == "BPM"
    assert units["density", "mean"] == "1/s"
    assert units["pauses", "longest"] == "s"
    assert units["exchanges", "rate"] == "1/min"
    assert units["participation", "share"] == ""


times = st.lists(st.floats(0.0, 50.0), max_size=30)


@settings(max_examples=25, deadline=None)
@given(times, times, st.floats(0.0, 60.0))
def test_any_two_players_are_measured_without_a_number_that_is_none(
    one: list[float], other: list[float], length_s: float
) -> None:
    measures = measure(session_with(length_s, client=one, therapist=other))
    assert all(np.isfinite(row.value) for row in measures.rows() if row.value is not None)
    assert encoding.from_json(encoding.to_json(measures)) == measures


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_shifting_the_session_and_its_window_changes_no_number(seed: int) -> None:
    session = demo_performance(seed, 30.0).session()
    hits = [(e.seat, Hit(e.time_s + 64.0, 0.2, e.number, e.velocity)) for e in session.events if isinstance(e, Contact)]
    here_hits = [(seat, replace(hit, time_s=hit.time_s - 64.0)) for seat, hit in hits]
    here = measure(session_of(session.players, script_of(here_hits), 30.0, session_id="s"))
    there = measure(session_of(session.players, script_of(hits), 94.0, session_id="s"), Window(64.0, 94.0))
    for row, moved in zip(here.rows(), there.rows(), strict=True):
        if row.value is not None and row.quantity not in ("longest_start", "peak_at"):
            assert moved.value == pytest.approx(row.value, rel=1e-6, abs=1e-6), row
