"""Many sessions, measured by other processes: the same bytes, no lost work, and nothing told of whose they are."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest

from mtsession.analysis.batch import NICE, Here, Job, LostJobError, Processes, Team, measure_many
from mtsession.analysis.encoding import to_json
from mtsession.analysis.playing import KINDS, playing_of
from mtsession.analysis.result import Window
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.events import AudioEpoch, Contact, DeviceChange, Mark, NoteOn, Seat, SetupChange
from mtsession.session import Session
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance

PLANTED = (
    "20260131-140500-7f3a",
    "2026-01-31",
    "Planted Piano ch 1",
    "Planted Interface",
    "planted words of a mark",
    "planted setting",
    "planted instrument",
    "planted palette",
    "planted access",
    "planted sound",
)
ID, DATE, PORT, DEVICE, LABEL, SETTING, INSTRUMENT, PALETTE, ACCESS, SOUND = PLANTED


def sessions(count: int = 6) -> dict[str, Session]:
    """Short simulated sessions by id."""
    made = (demo_performance(seed, 30.0).session() for seed in range(count))
    return {f"session-{number}": replace(session, id=f"session-{number}") for number, session in enumerate(made)}


def jobs(some: dict[str, Session]) -> Iterator[tuple[str, Job]]:
    return ((session_id, Job(playing_of(session), n_surrogates=19)) for session_id, session in some.items())


def as_bytes(some: dict[str, Session], team: Team) -> dict[str, bytes]:
    """What a team makes of sessions."""
    return {session_id: encoded(outcome) for session_id, outcome in measure_many(jobs(some), team)}


def encoded(outcome: object) -> bytes:
    assert isinstance(outcome, SessionMeasures), outcome
    return to_json(outcome)


def here(some: dict[str, Session]) -> dict[str, bytes]:
    """What measuring each by itself gives."""
    return {session_id: to_json(measure(session, n_surrogates=19)) for session_id, session in some.items()}


def pool_processes() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("spawn_main" in word for word in child.cmdline())]


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    with Processes(2) as team:
        yield team


def telling_session() -> Session:
    """A session in which everything that could say whose it is says so."""
    plain = demo_performance(3, 30.0).session()
    told: dict[type, Any] = {
        Contact: lambda event: replace(event, source=f"midi:{PORT}"),
        NoteOn: lambda event: replace(event, sound=SOUND),
    }
    events = [told[type(event)](event) if type(event) in told else event for event in plain.events]
    added = (
        Mark(9.0, THERAPIST, 3.0, LABEL),
        Mark(19.0, THERAPIST, 13.0, f"support {CLIENT} {LABEL}"),
        SetupChange(12.0, None, SETTING, "on"),
        SetupChange(12.0, CLIENT, "fixed velocity", LABEL),
        DeviceChange(1.0, CLIENT, DEVICE, present=False),
        AudioEpoch(1, 0.0, DEVICE, 48_000, 128, 0.005, 0.005, "compiled"),
    )
    players = [
        replace(player, instrument=INSTRUMENT, palette=PALETTE, access={ACCESS: PLANTED[-1]})
        for player in plain.players
    ]
    return replace(
        plain,
        id=ID,
        started_at=datetime.fromisoformat(DATE).replace(tzinfo=UTC),
        players=tuple(players),
        events=tuple(sorted([*events, *added], key=lambda e: getattr(e, "time_s", 0.0))),
        setup=replace(plain.setup, palette=PALETTE, assists={SETTING: LABEL}),
    )


def test_a_job_says_nothing_of_whose_session_it_is() -> None:
    session = telling_session()
    assert all(text in repr(session) or text == DATE for text in PLANTED), "the test plants what it looks for"
    job = pickle.dumps(Job(playing_of(session)))
    for text in (*PLANTED, "planted", "Planted", "2026", "midi:", "datetime"):
        assert text.encode() not in job, text


def test_a_job_gives_what_the_session_gives_though_it_says_less() -> None:
    """Supported stretches, shared ports and assists void the same measures."""
    session = telling_session()
    ((_, outcome),) = measure_many([(ID, Job(playing_of(session)))], Here())
    assert encoded(outcome) == to_json(measure(session))
    assert b"shared_device" in encoded(outcome)


def test_no_other_events_bear_on_the_measures_than_those_that_are_read_for_them() -> None:
    session = telling_session()
    fewer = replace(session, events=tuple(event for event in session.events if isinstance(event, KINDS)))
    assert len(fewer.events) < len(session.events)
    assert pickle.dumps(playing_of(fewer)) == pickle.dumps(playing_of(session))


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_identical_bytes(workers: int, two: Processes) -> None:
    some = sessions()
    expected = here(some)
    assert as_bytes(some, Here()) == expected
    assert as_bytes(some, two) == expected
    with Processes(workers) as team:
        assert as_bytes(some, team) == expected


def test_the_order_of_the_sessions_changes_no_byte_and_is_kept(two: Processes) -> None:
    some = sessions()
    turned = dict(reversed(some.items()))
    found = as_bytes(turned, two)
    assert found == here(some)
    assert list(found) == list(turned)


def test_a_window_is_measured_as_alone(two: Processes) -> None:
    session, window = demo_performance(1, 60.0).session(), Window(10.0, 50.0)
    ((_, outcome),) = measure_many([(session.id, Job(playing_of(session), window))], two)
    assert encoded(outcome) == to_json(measure(session, window))


def test_workers_step_back_behind_everything_else(two: Processes) -> None:
    as_bytes(sessions(2), two)
    assert {child.nice() for child in pool_processes()} == {max(NICE, psutil.Process().nice())}


def test_a_killed_worker_costs_nothing() -> None:
    some = sessions(12)
    found: dict[str, bytes] = {}
    of_others = set(pool_processes())
    with Processes(2) as team:
        for session_id, outcome in measure_many(jobs(some), team):
            found[session_id] = encoded(outcome)
            if len(found) in (1, 7):
                (set(pool_processes()) - of_others).pop().send_signal(signal.SIGKILL)
    assert found == here(some)
    assert list(found) == list(some)


class Deadly:
    """Ends whatever process unpickles it."""

    def __reduce__(self) -> tuple[Any, tuple[int]]:
        return os._exit, (9,)


def test_a_session_over_which_every_worker_dies_is_given_up_and_the_others_are_measured() -> None:
    some = sessions(3)
    deadly: Any = Deadly()
    first, *others = jobs(some)
    with Processes(2) as team:
        found = dict(measure_many([first, ("deadly", Job(deadly)), *others], team))
    assert isinstance(found.pop("deadly"), LostJobError)
    assert {session_id: encoded(outcome) for session_id, outcome in found.items()} == here(some)


def test_jobs_are_drawn_as_workers_get_free() -> None:
    """However many sessions there are, few are in memory."""
    drawn = 0

    def counted() -> Iterator[tuple[str, Job]]:
        nonlocal drawn
        for job in jobs(sessions(12)):
            drawn += 1
            yield job

    with Processes(1) as team:
        for number, _ in enumerate(measure_many(counted(), team), start=1):
            assert drawn <= number + team.room


def test_seats_stay_as_they_are() -> None:
    ((_, outcome),) = measure_many(jobs(sessions(1)), Here())
    assert isinstance(outcome, SessionMeasures)
    assert [player.seat for player in outcome.players] == [Seat("client"), Seat("therapist")]
