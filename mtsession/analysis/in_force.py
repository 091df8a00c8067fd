"""What was on when: which assists, access filters, hands in support, shared devices and latencies?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import Window
from mtsession.events import Contact, Mark, NoteOn, Seat, SetupChange
from mtsession.session import Player, Role, Session

LONGEST_LATENCY_S = 0.08
"""Above this an input's latency takes the sign from an asynchrony, as an unknown one does (care rules, §2)."""

LATENCY, LATENCY_UNKNOWN = "latency", "latency unknown"

HAND_OVER_HAND, SHARED_DEVICE = "hand-over-hand", "shared device"

WITHOUT_CONTACTS = "without contacts"
"""What helps with the time of a note leaves the contact's own time alone, where contacts were kept."""

WHOLE_INPUTS = "midi:"
"""A MIDI port and channel is one instrument: two seats on it cannot be told apart. "pads" or a file's name is none."""

MEANT_BY: Mapping[str, tuple[str, ...]] = {
    SHARED_DEVICE: ("shared input",),
    HAND_OVER_HAND: ("support", "hand support"),
    "scanning": ("scan", "scan step", "switch scanning"),
    "acceptance time": (
        "acceptance", "switch acceptance", "hold", "hold time", "hold to play", "dwell", "dwell time",
    ),
    "quantise": ("quantize", "quantisation", "quantization"),
    "play-along beat": ("play along", "backing beat"),
    "arpeggio": ("arpeggiator",),
    "auto-repeat": ("autorepeat", "hold repeat", "key repeat", "repeat while held"),
    "loop": ("looper",),
    "fixed velocity": (),
    "chord-follow": (),
    "scale palette": ("scale",),
    LATENCY: ("latency s", "input latency"),
}  # fmt: skip
"""By the name in the void table: how a log may call it. Case, hyphens and underscores do not matter."""

_NAMES = {name.replace("-", " "): name for name in MEANT_BY} | {
    called: name for name, several in MEANT_BY.items() for called in several
}

_OFF = re.compile(r"|off|no|none|false|0+(\.0+)? ?(ms|s|%)?")

_SUPPORT = re.compile(r"(support|supported)\b|.*hand over hand")

_LENGTH = re.compile(r"(?P<number>\d+(\.\d+)?) ?(?P<unit>ms|s)?")

GUESTS = frozenset({Role.CLIENT, Role.PEER})

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something was on for a seat, `name` as the void table calls it; ±inf where it was on before and beyond."""

    name: str
    seat: Seat
    start_s: float
    end_s: float

    def holds(self, seats: Iterable[Seat], window: Window) -> bool:
        """Whether it was on for one of the seats at any time in the window."""
        return self.seat in seats and self.start_s < window.end_s and self.end_s > window.start_s


def conditions_of(session: Session) -> tuple[Condition, ...]:
    """All that was on, seat by seat: from the set-up at the start and its changes, marks, and the inputs themselves."""
    changes = changes_of(session)
    marks = [event for event in session.events if isinstance(event, Mark)]
    contacts = [event for event in session.events if isinstance(event, Contact)]
    untouched = _seats_without_contacts(session, contacts)
    found: list[Condition] = []
    for player in session.players:
        settings = list(_settings(session, player, changes))
        found += settings
        if player.seat in untouched:
            found += [replace(setting, name=f"{setting.name} {WITHOUT_CONTACTS}") for setting in settings]
        found += _latencies(session, player.seat, changes)
        found += _support(session, player, marks)
    return (*found, *_shared_inputs(contacts))


def changes_of(session: Session) -> tuple[SetupChange, ...]:
    """The changes of the set-up by time."""
    changes = (event for event in session.events if isinstance(event, SetupChange))
    return tuple(sorted(changes, key=lambda change: change.time_s))


def settings_on(conditions: Iterable[Condition], seats: Sequence[Seat], window: Window) -> frozenset[str]:
    """Names of what was on for any of the seats at any time in the window."""
    return frozenset(condition.name for condition in conditions if condition.holds(seats, window))


def name_in_table(setting: str) -> str:
    """What a log calls a setting, as the void table calls it; a name that is not in the table stays as it is."""
    plain = _plain(setting)
    return _NAMES.get(plain, plain)


def latency_at_s(session: Session, seat: Seat, times_s: Floats) -> Floats:
    """The latency of a seat's input at each of the times, as it was then known; 0 where it was not, (n,)."""
    spells = list(_latency_spells(session, seat, changes_of(session)))
    since_s = np.array([start_s for start_s, _, _ in spells])
    known_s = np.array([latency_s or 0.0 for _, _, latency_s in spells])
    return known_s[np.searchsorted(since_s, times_s, side="right") - 1]


def _settings(session: Session, player: Player, changes: Sequence[SetupChange]) -> Iterator[Condition]:
    """The instrument's settings and the seat's own; of two with one name the later said holds."""
    at_start = (*session.setup.assists.items(), *player.access.items())
    running = {name_in_table(name): (-np.inf, value) for name, value in at_start}
    for change in _of_seat(player.seat, changes):
        name = name_in_table(change.setting)
        since_s, value = running.get(name, (-np.inf, ""))
        yield from _spell(name, value, player.seat, since_s, change.time_s)
        running[name] = (change.time_s, change.value)
    for name, (since_s, value) in running.items():
        yield from _spell(name, value, player.seat, since_s, np.inf)


def _spell(name: str, value: str, seat: Seat, since_s: float, until_s: float) -> Iterator[Condition]:
    if name != LATENCY and since_s < until_s and not _OFF.fullmatch(value.strip().casefold()):
        yield Condition(name, seat, since_s, until_s)


def _latencies(session: Session, seat: Seat, changes: Sequence[SetupChange]) -> Iterator[Condition]:
    for start_s, end_s, latency_s in _latency_spells(session, seat, changes):
        if latency_s is None or latency_s > LONGEST_LATENCY_S:
            yield Condition(LATENCY_UNKNOWN, seat, start_s, end_s)


def _latency_spells(
    session: Session, seat: Seat, changes: Sequence[SetupChange]
) -> Iterator[tuple[float, float, float | None]]:
    since_s, latency_s = -np.inf, session.setup.latency_s.get(seat)
    for change in _of_seat(seat, changes):
        if name_in_table(change.setting) == LATENCY:
            yield since_s, change.time_s, latency_s
            since_s, latency_s = change.time_s, _length_s(change.value)
    yield since_s, np.inf, latency_s


def _of_seat(seat: Seat, changes: Sequence[SetupChange]) -> Iterator[SetupChange]:
    return (change for change in changes if change.seat in (None, seat))


def _length_s(value: str) -> float | None:
    """The length of "45 ms", "0.045 s" or "0.045" (seconds); None for anything else ("unknown")."""
    read = _LENGTH.fullmatch(value.strip().casefold())
    if read is None:
        return None
    return float(read["number"]) / (1000.0 if read["unit"] == "ms" else 1.0)


def _support(session: Session, player: Player, marks: Sequence[Mark]) -> Iterator[Condition]:
    """Stretches marked as supported: for the guests that the label names, or for all where it names none."""
    guests = {other.seat for other in session.players if other.role in GUESTS}
    for mark in marks:
        named = guests.intersection(mark.label.casefold().split())
        if player.seat in (named or guests) and _SUPPORT.match(_plain(mark.label)):
            yield Condition(HAND_OVER_HAND, player.seat, mark.start_s, mark.time_s)


def _seats_without_contacts(session: Session, contacts: Sequence[Contact]) -> frozenset[Seat]:
    """Seats with a note of which no touch was kept."""
    kept = {contact.id for contact in contacts}
    return frozenset(e.seat for e in session.events if isinstance(e, NoteOn) and e.contact_id not in kept)


def _shared_inputs(contacts: Sequence[Contact]) -> Iterator[Condition]:
    """Two seats on one MIDI port and channel at one time: from the first touch of either to the last."""
    used: dict[str, dict[Seat, Window]] = {}
    for contact in contacts:
        if contact.source.startswith(WHOLE_INPUTS):
            seats = used.setdefault(contact.source, {})
            before = seats.get(contact.seat, Window(contact.time_s, contact.time_s))
            seats[contact.seat] = Window(before.start_s, contact.time_s)
    for seats in used.values():
        for (one, first), (other, second) in combinations(seats.items(), 2):
            if first.start_s <= second.end_s and second.start_s <= first.end_s:
                start_s, end_s = min(first.start_s, second.start_s), max(first.end_s, second.end_s)
                yield from (Condition(SHARED_DEVICE, seat, start_s, end_s) for seat in (one, other))


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.strip().casefold()))
