"""What was the set-up of a session, and where did it change? A new filter is not progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mtsession.events import Action, Control, Event, Seat, SetupChange
from mtsession.session import Session

PALETTE, KEY, INSTRUMENT = "palette", "key", "instrument"

Settings: TypeAlias = Mapping[tuple[Seat | None, str], str]
"""By seat (None: the whole instrument) and name."""


@dataclass(frozen=True, slots=True)
class SetUpChange:
    """A setting became another. `before` is None where it was not there, `after` None where it is no more.

    `time_s` is None for a change between two sessions.
    """

    time_s: float | None
    seat: Seat | None
    setting: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class SetUp:
    """Instruments, palettes, key, assists and access of a session: at its start, its changes, and at its end."""

    start: Settings
    changes: tuple[SetUpChange, ...]
    end: Settings


def set_up_of(session: Session) -> SetUp:
    """A session's set-up and every change of it, by time; what was set to the value it had is none."""
    start = dict(_at_start(session))
    running, changes = dict(start), []
    for time_s, seat, setting, value in sorted(_set(session.events), key=lambda one: one[0]):
        before = running.get((seat, setting))
        running[seat, setting] = value
        if value != before:
            changes.append(SetUpChange(time_s, seat, setting, before, value))
    return SetUp(start, tuple(changes), running)


def between(set_ups: Sequence[SetUp]) -> Iterator[tuple[SetUpChange, ...]]:
    """For each session what was otherwise at its start than at the end of the one before, then its own changes."""
    ended: Settings | None = None
    for set_up in set_ups:
        yield (*([] if ended is None else _differences(ended, set_up.start)), *set_up.changes)
        ended = set_up.end


def _at_start(session: Session) -> Iterator[tuple[tuple[Seat | None, str], str]]:
    yield (None, PALETTE), session.setup.palette
    yield (None, KEY), session.setup.key
    yield from (((None, name), value) for name, value in session.setup.assists.items())
    for player in session.players:
        yield (player.seat, INSTRUMENT), player.instrument
        yield (player.seat, PALETTE), player.palette
        yield from (((player.seat, name), value) for name, value in player.access.items())


def _set(events: Sequence[Event]) -> Iterator[tuple[float, Seat | None, str, str]]:
    for event in events:
        match event:
            case SetupChange(time_s, seat, setting, value):
                yield time_s, seat, setting, value
            case Control(time_s, _, Action.PALETTE, value):
                yield time_s, None, PALETTE, value
            case Control(time_s, _, Action.KEY, value):
                yield time_s, None, KEY, value
            case _:
                pass


def _differences(before: Settings, after: Settings) -> Iterator[SetUpChange]:
    for seat, setting in dict.fromkeys((*before, *after)):
        one, other = before.get((seat, setting)), after.get((seat, setting))
        if one != other:
            yield SetUpChange(None, seat, setting, one, other)
