"""Bad input to every measure of the summary: a value, or a reason, or a clear error; never a number that is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from time import process_time
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.analysis import encoding
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, SessionMeasures, measure
from mtsession.analysis.words import in_words
from mtsession.errors import SessionFormatError
from mtsession.events import AudioOnset, Contact, ContactId, NoteOn, Pass, Seat
from mtsession.session import Player, Role, Session
from mtsession.simulate.crowd import poisson_crowd, walking_crowd
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.wording import banned_words_in

KINDS = (PlayerMeasures, PairMeasures, GroupMeasures)

MEASURES = [
    (kind, field.name)
    for kind in KINDS
    for field in fields(kind)
    if field.name not in ("seat", "role", "first", "second")
]

N_SURROGATES = 19

PLAYERS = (
    Player(CLIENT, Role.CLIENT, "pads", "open-keys"),
    Player(THERAPIST, Role.THERAPIST, "keyboard", "open-keys"),
)

PEER = Player(Seat("client-2"), Role.PEER, "drums", "open-keys")

PULSE = np.arange(0.5, 59.5, 0.6).tolist()


def played(
    client: Sequence[float], therapist: Sequence[float], length_s: float = 60.0, held_s: float = 0.2, velocity: int = 64
) -> Session:
    hits = [(CLIENT, Hit(t, held_s, 60, velocity)) for t in client]
    hits += [(THERAPIST, Hit(t, held_s, 48, velocity)) for t in therapist]
    return session_of(PLAYERS, script_of(hits), length_s, session_id="bad")


def shuffled(session: Session) -> Session:
    """The same events in no order at all."""
    order = default_rng(1).permutation(len(session.events))
    return replace(session, events=tuple(session.events[place] for place in order))


def heard_only() -> Session:
    """Microphones alone: no pitch, no velocity."""
    times_s = poisson_crowd(default_rng(2), 2, rate_per_s=2.0, length_s=60.0)
    heard = (AudioOnset(t, p.seat, 0.5, Pass.LIVE) for p, ts in zip(PLAYERS, times_s, strict=True) for t in ts.tolist())
    return replace(played([], []), events=tuple(heard))


def of_three(session: Session) -> Session:
    return replace(session, players=(*session.players, PEER))


BAD: Mapping[str, Callable[[], Session]] = {
    "nobody plays": lambda: played([], []),
    "nobody is there": lambda: replace(played([], []), players=()),
    "nobody plays, without length": lambda: played([], [], length_s=0.0),
    "notes, without length": lambda: played([0.0] * 9, [0.0] * 9, length_s=0.0, held_s=0.0),
    "one note": lambda: played([5.0], []),
    "one note each": lambda: played([5.0], [5.01]),
    "the same onset 20 times": lambda: played([5.0] * 20, [5.0] * 20),
    "the same onsets of both": lambda: played(PULSE, PULSE),
    "two onsets, again and again": lambda: played([5.0, 6.0] * 20, [5.5, 6.5] * 20),
    "negative times": lambda: played([t - 30.0 for t in PULSE], [t - 30.2 for t in PULSE]),
    "times beyond the end": lambda: played([t + 100.0 for t in PULSE], PULSE),
    "a first note and one an hour later": lambda: played([1.0, 3600.0], [2.0, 3599.0], length_s=3600.0),
    "events in no order": lambda: shuffled(demo_performance(1).session()),
    "one player silent": lambda: played([], PULSE),
    "the other silent": lambda: played(PULSE, []),
    "a third who never plays": lambda: of_three(demo_performance(1).session()),
    "notes without length": lambda: played(PULSE, [t + 0.1 for t in PULSE], held_s=0.0),
    "notes that never end": lambda: played(PULSE, [t + 0.1 for t in PULSE], held_s=1e4),
    "every velocity alike": lambda: played(PULSE, [t + 0.02 for t in PULSE], velocity=1),
    "a perfect clock": lambda: played(np.arange(0.0, 60.0, 0.5).tolist(), np.arange(0.25, 60.0, 0.5).tolist()),
    "onsets closer than a chord": lambda: played(np.arange(5.0, 7.0, 0.01).tolist(), PULSE),
    "a burst and silence": lambda: played(np.linspace(1.0, 2.0, 12).tolist(), np.linspace(40.0, 41.0, 12).tolist()),
    "microphones alone": heard_only,
}


@cache
def measured(case: str) -> SessionMeasures:
    return measure(BAD[case](), n_surrogates=N_SURROGATES)


def outcomes(measures: SessionMeasures, kind: type, name: str) -> list[Measured[Any] | Void]:
    parts: list[Any] = [*measures.players, *measures.pairs, measures.group]
    return [getattr(part, name) for part in parts if isinstance(part, kind)]


def numbers_in(plain: Any) -> Iterator[float]:
    match plain:
        case float():
            yield plain
        case dict():
            for value in plain.values():
                yield from numbers_in(value)
        case list() | tuple():
            for value in plain:
                yield from numbers_in(value)
        case _:
            pass


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize(("kind", "name"), MEASURES, ids=[f"{kind.__name__}.{name}" for kind, name in MEASURES])
def test_every_measure_gives_a_value_or_a_reason_and_every_number_is_one(kind: type, name: str, case: str) -> None:
    for outcome in outcomes(measured(case), kind, name):
        assert isinstance(outcome, Measured | Void)
        plain = msgspec.to_builtins(outcome)
        assert all(math.isfinite(number) for number in numbers_in(plain))
        assert isinstance(outcome.n, int)
        assert outcome.n >= 0
        if isinstance(outcome, Measured) and outcome.band is not None:
            assert outcome.band.low <= outcome.band.high
            assert outcome.band.n_surrogates == N_SURROGATES


@pytest.mark.parametrize("case", BAD)
def test_all_of_it_can_be_written_down_read_back_tabled_and_said(case: str) -> None:
    measures = measured(case)
    assert encoding.from_json(encoding.to_json(measures)) == measures
    assert all((row.value is None) != (row.void is None) for row in measures.rows())
    sentences = in_words(measures)
    assert [banned_words_in(sentence) for sentence in sentences] == [()] * len(sentences)
    assert not any(word in sentence for sentence in sentences for word in ("nan", "inf ", "None"))


@pytest.mark.parametrize("case", ["nobody plays", "nobody plays, without length"])
@pytest.mark.parametrize(("kind", "name"), MEASURES, ids=[f"{kind.__name__}.{name}" for kind, name in MEASURES])
def test_of_nobody_playing_nothing_is_told(kind: type, name: str, case: str) -> None:
    assert all(isinstance(outcome, Void) for outcome in outcomes(measured(case), kind, name))


def test_the_order_of_the_events_changes_nothing() -> None:
    assert measured("events in no order") == measure(demo_performance(1).session(), n_surrogates=N_SURROGATES)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("where", ["note", "heard", "length"])
def test_a_time_that_is_no_number_is_a_damaged_session_and_says_what_to_do(bad: float, where: str) -> None:
    good = played(PULSE, PULSE)
    touch = Contact(ContactId(999), bad, CLIENT, "simulated", 60, 64)
    note = NoteOn(ContactId(999), bad, CLIENT, 60, 64, "felt piano")
    damaged = {
        "note": replace(good, events=(*good.events, touch, note)),
        "heard": replace(good, events=(*good.events, AudioOnset(bad, CLIENT, 0.5, Pass.LIVE))),
        "length": replace(good, duration_s=bad),
    }
    with pytest.raises(SessionFormatError, match="without a") as raised:
        measure(damaged[where], n_surrogates=0)
    assert raised.value.next_step


@pytest.mark.parametrize("window", [Window(10.0, 10.0), Window(50.0, 55.0), Window(200.0, 260.0), Window(-60.0, -1.0)])
def test_a_window_with_little_or_nothing_in_it_is_measured_too(window: Window) -> None:
    measures = measure(demo_performance(1).session(), window, n_surrogates=N_SURROGATES)
    assert all(math.isfinite(number) for number in numbers_in(encoding.to_builtins(measures)))
    assert in_words(measures)


def test_100_000_notes_are_measured_within_20_seconds_of_one_core() -> None:
    """Nine hours without a break, every measure, few surrogates: all costs that grow faster than the session show."""
    length_s = 33_000.0
    client, therapist = (c[0].tolist() for c in (
        poisson_crowd(default_rng(3), 1, rate_per_s=1.5, length_s=length_s),
        walking_crowd(default_rng(4), 1, bpm=91.0, length_s=length_s),
    ))  # fmt: skip
    session = played(client, therapist, length_s)
    assert len(client) + len(therapist) > 99_000
    began_s = process_time()
    measures = measure(session, n_surrogates=2)
    assert process_time() - began_s < 20.0
    assert all(math.isfinite(row.value) for row in measures.rows() if row.value is not None)


onsets = st.lists(st.floats(-20.0, 80.0), max_size=40)


@settings(max_examples=25, deadline=None)
@given(onsets, onsets, st.floats(0.0, 60.0), st.floats(0.0, 30.0))
def test_whatever_two_play_gives_numbers_or_reasons(
    client: list[float], therapist: list[float], length_s: float, held_s: float
) -> None:
    measures = measure(played(client, therapist, length_s, held_s), n_surrogates=N_SURROGATES)
    assert all(math.isfinite(number) for number in numbers_in(encoding.to_builtins(measures)))
    assert encoding.from_json(encoding.to_json(measures)) == measures
    assert all(banned_words_in(sentence) == () for sentence in in_words(measures))
