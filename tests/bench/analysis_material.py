"""Long sessions for the benchmarks of the analysis: simulated, seeded, as dense as real ones are at most.

Each player has 150 notes a minute. Of every three minutes one is played together in time, one freely, one in turns.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator, default_rng

from mtsession.events import Contact, Event, NoteOff, NoteOn, Released, Seat, Sounded
from mtsession.session import Player, Role, Session
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.simulate.timing import Timekeeper, Times, coupled_pulse, tempo_curve_s

NOTES_A_MINUTE = 150
TURN_S = 3.75
SAMPLE_RATE_HZ = 48_000
TO_SOUND_S = 0.006
KEEPERS = Timekeeper(phase=0.3, keeper_sd_s=0.014), Timekeeper(phase=0.45)
CURVE = ((0.0, 140.0), (0.5, 160.0), (1.0, 150.0))


def long_session(minutes: int, players: int = 2, seed: int = 1) -> Session:
    """As many minutes and players; 40 minutes of a duo are 2 × 6,000 notes."""
    rng = default_rng(seed)
    seats = [Seat("client"), Seat("therapist"), *(Seat(f"client-{number}") for number in range(2, players))][:players]
    hits = [
        (seat, _hit(rng, time_s))
        for minute in range(minutes)
        for seat, times_s in zip(seats, _minute(rng, minute % 3, players), strict=True)
        for time_s in (60.0 * minute + times_s).tolist()
    ]
    session = session_of([_player(seat) for seat in seats], script_of(hits), 60.0 * minutes, session_id=f"bench-{seed}")
    return replace(session, events=tuple(_with_sound(session.events)))


def _player(seat: Seat) -> Player:
    role = {"client": Role.CLIENT, "therapist": Role.THERAPIST}.get(seat, Role.PEER)
    return Player(seat, role, "keyboard", "open-keys")


def _minute(rng: Generator, kind: int, players: int) -> list[Times]:
    match kind:
        case 0:
            return [times_s for _ in range(players + 1 >> 1) for times_s in _together(rng)][:players]
        case 1:
            return [np.sort(rng.uniform(0.0, 60.0, NOTES_A_MINUTE)) for _ in range(players)]
        case _:
            return [_turns(rng, player % 2) for player in range(players)]


def _together(rng: Generator) -> tuple[Times, Times]:
    one_s, other_s = coupled_pulse(rng, tempo_curve_s(NOTES_A_MINUTE - 1, CURVE), *KEEPERS)
    fits = 59.9 / max(one_s.max(), other_s.max())
    return one_s * fits, other_s * fits


def _turns(rng: Generator, player: int) -> Times:
    """Eight turns a minute of 3.75 s, one player in the first half of each, the other in the second."""
    count = round(60.0 / (2 * TURN_S))
    starts_s = TURN_S * (2 * np.arange(count) + player)
    each = np.diff(np.linspace(0, NOTES_A_MINUTE, count + 1).astype(int))
    turns_s = [start_s + np.sort(rng.uniform(0.3, TURN_S - 0.3, n)) for start_s, n in zip(starts_s, each, strict=True)]
    return np.concatenate(turns_s)


def _hit(rng: Generator, time_s: float) -> Hit:
    return Hit(time_s, float(rng.uniform(0.08, 0.35)), int(rng.integers(48, 84)), int(rng.integers(35, 100)))


def _with_sound(events: tuple[Event, ...]) -> list[Event]:
    """What an engine keeps beside: when each note was heard, and when its end was."""
    found: list[Event] = []
    for event in events:
        match event:
            case Contact():
                found.append(replace(event, source=f"midi:{event.seat}"))
            case NoteOn(contact_id=contact_id, accepted_s=time_s):
                at_s = time_s + TO_SOUND_S
                found += [event, Sounded(contact_id, at_s, 1, round(at_s * SAMPLE_RATE_HZ))]
            case NoteOff(contact_id=contact_id, time_s=time_s):
                at_s = time_s + TO_SOUND_S
                found += [event, Released(contact_id, at_s, 1, round(at_s * SAMPLE_RATE_HZ))]
            case _:
                found.append(event)
    return found
