"""What is read back from a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.events import AudioOnset, Contact, ContactId, Event, NoteOff, NoteOn, Pass, Seat, Sounded
from mtsession.session import (
    PERCUSSION_DECAY_S,
    OnsetStream,
    Player,
    Role,
    Session,
    Setup,
    Times,
    notes_from_events,
    onset_stream,
)

CLIENT = Seat("client")


def one_note(
    number: int = 1, at_s: float = 1.0, wait_s: float = 0.0, *, end_s: float | None = 1.5, percussion: bool = False
) -> list[Event]:
    """The events of one note: touched, accepted after `wait_s`, sounded 5 ms later, ended."""
    contact_id = ContactId(number)
    events: list[Event] = [
        Contact(contact_id, at_s, CLIENT, "simulated", 60, 80, percussion),
        NoteOn(contact_id, at_s + wait_s, CLIENT, 60, 80, "felt piano", percussion),
        Sounded(contact_id, at_s + wait_s + 0.005, 0, 100),
    ]
    return events if end_s is None else [*events, NoteOff(contact_id, end_s, CLIENT, 60)]


def session_of(events: Sequence[Event], latency_s: float | None = 0.0) -> Session:
    return Session(
        id="20260101-100000-abcd",
        started_at=datetime(2026, 1, 1, 10, tzinfo=UTC),
        duration_s=10.0,
        players=(Player(CLIENT, Role.CLIENT, "pads", "dawn"),),
        events=tuple(events),
        tracks=(),
        setup=Setup("dawn", "C", latency_s={CLIENT: latency_s}),
    )


def test_a_note_keeps_its_three_times_apart() -> None:
    (note,) = session_of(one_note(wait_s=0.25)).notes(CLIENT)
    assert [note.at_s(times) for times in Times] == pytest.approx([1.0, 1.25, 1.255])
    assert note.duration_s == pytest.approx(0.25)


def test_a_percussion_note_without_an_end_lasts_a_quarter_of_a_second() -> None:
    (note,) = session_of(one_note(end_s=None, percussion=True)).notes(CLIENT)
    assert note.duration_s == pytest.approx(PERCUSSION_DECAY_S)


def test_a_note_that_is_still_held_ends_with_the_session() -> None:
    (note,) = session_of(one_note(end_s=None)).notes(CLIENT)
    assert note.end_s == pytest.approx(10.0)


def test_onsets_are_taken_from_the_contacts_less_the_latency_of_their_input() -> None:
    onsets = session_of(one_note(at_s=2.0, wait_s=0.6), latency_s=0.02).onsets(CLIENT)
    assert onsets.times_s == pytest.approx([1.98])


def test_a_note_that_never_sounded_has_no_sounded_onset() -> None:
    silent = [event for event in one_note() if not isinstance(event, Sounded)]
    assert len(session_of(silent).onsets(CLIENT, Times.SOUNDED)) == 0


def test_doubtful_audio_onsets_do_not_count() -> None:
    heard: list[Event] = [
        AudioOnset(1.0, CLIENT, 0.8, Pass.LIVE),
        AudioOnset(2.0, CLIENT, 0.3, Pass.LIVE, doubtful=True),
    ]
    assert session_of(heard).onsets(CLIENT).times_s == pytest.approx([1.0])


def test_a_chord_is_one_onset_at_the_time_of_its_first_note() -> None:
    assert onset_stream(CLIENT, [1.0, 1.04, 1.08, 1.2]).times_s == pytest.approx([1.0, 1.2])


def test_a_stream_between_two_times_includes_the_first_and_excludes_the_last() -> None:
    stream = onset_stream(CLIENT, [0.0, 1.0, 2.0, 3.0])
    assert stream.between(1.0, 3.0).times_s == pytest.approx([1.0, 2.0])


def test_times_that_are_not_finite_are_an_error() -> None:
    with pytest.raises(ValueError, match="finite"):
        onset_stream(CLIENT, [1.0, float("nan")])


def test_a_seat_that_nobody_sat_on_is_an_error_and_has_no_notes() -> None:
    session = session_of([])
    assert session.notes(Seat("peer-1")) == ()
    with pytest.raises(KeyError):
        session.player(Seat("peer-1"))


@given(st.lists(st.floats(0, 1000), max_size=60))
def test_onsets_ascend_and_are_never_closer_than_a_chord(times_s: list[float]) -> None:
    stream: OnsetStream = onset_stream(CLIENT, times_s)
    assert (stream.intervals_s > 0).all()
    assert len(stream) <= len(times_s)
    assert len(stream) == 0 or stream.times_s[0] == min(times_s)


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 0.5)), max_size=20))
def test_every_accepted_contact_is_one_note(played: list[tuple[float, float]]) -> None:
    events = tuple(
        event for number, (at_s, wait_s) in enumerate(played) for event in one_note(number, at_s, wait_s, end_s=10.0)
    )
    notes = notes_from_events(events, 10.0).get(CLIENT, ())
    assert sorted(note.contact_id for note in notes) == list(range(len(played)))
    assert np.all(np.diff([note.contact_s for note in notes]) >= 0)


@st.composite
def note_events(draw: st.DrawFn) -> list[Event]:
    """A few events of notes in any order, with parts missing and numbers that occur twice."""
    number = st.integers(1, 5).map(ContactId)
    seat = st.sampled_from([CLIENT, Seat("therapist")])
    time_s = st.floats(allow_nan=False)
    return draw(
        st.lists(
            st.one_of(
                st.builds(Contact, number, time_s, seat, st.just("pads"), st.just(60), st.just(80), st.booleans()),
                st.builds(NoteOn, number, time_s, seat, st.integers(0, 127), st.integers(1, 127), st.just("bell"),
                          st.booleans()),
                st.builds(NoteOff, number, time_s, seat, st.just(60)),
            ),
            max_size=20,
        )
    )  # fmt: skip


@given(note_events())
def test_notes_as_arrays_are_the_notes_number_for_number(events: list[Event]) -> None:
    session = session_of(events)
    for seat in (CLIENT, Seat("therapist"), Seat("peer-1")):
        notes, arrays = session.notes(seat), session.note_arrays(seat)
        for name in ("contact_s", "end_s", "pitch", "velocity", "percussion"):
            numbers = [getattr(note, name) for note in notes]
            assert np.array_equal(getattr(arrays, name), numbers, equal_nan=name.endswith("_s")), name
