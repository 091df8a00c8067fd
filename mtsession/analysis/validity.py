"""Which measures can be relied on with the assists, access and latencies that were on? (care rules, §2)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from mtsession.analysis.result import VoidReason, Window
from mtsession.events import Seat, SetupChange
from mtsession.session import Session

LONGEST_LATENCY_S = 0.08
"""Above this an input's latency takes the sign from an asynchrony, as an unknown one does."""

FAST_RESPONSE_S = 0.3
"""Responses faster than this are not told where the latency is not known."""

OFF = frozenset({"", "0", "0 ms", "0 s", "off", "no", "none", "false"})


class Basis(Enum):
    """What a measure rests on, and an assist may take away."""

    WHO = auto()
    TIMING = auto()
    RESPONSE = auto()
    SYNCHRONY = auto()
    PULSE = auto()
    TURNS = auto()
    COUNT = auto()
    LOUDNESS = auto()
    PITCH = auto()
    CONTOUR = auto()


RESTS_ON: Mapping[str, frozenset[Basis]] = {
    "participation": frozenset({Basis.WHO}),
    "pauses": frozenset({Basis.WHO}),
    "density": frozenset({Basis.WHO, Basis.COUNT}),
    "turns": frozenset({Basis.WHO, Basis.TIMING, Basis.TURNS}),
    "tempo": frozenset({Basis.WHO, Basis.TIMING, Basis.PULSE}),
    "level": frozenset({Basis.WHO, Basis.LOUDNESS}),
    "shares": frozenset({Basis.WHO}),
    "balance": frozenset({Basis.WHO}),
    "floor_transfers": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "transfers_from_first": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "transfers_from_second": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "exchanges": frozenset({Basis.WHO, Basis.TIMING, Basis.TURNS}),
    "first_after_silence": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE}),
    "joint_passages": frozenset({Basis.WHO}),
    "asynchrony": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
    "tempo_match": frozenset({Basis.WHO, Basis.TIMING, Basis.PULSE, Basis.SYNCHRONY}),
}
"""By the name of the field in the summary. A measure of the group as one rests on nothing that an assist takes."""

TAKES_AWAY: Mapping[str, tuple[VoidReason, frozenset[Basis]]] = {
    "shared device": (VoidReason.SHARED_DEVICE, frozenset({Basis.WHO})),
    "hand-over-hand": (VoidReason.HAND_OVER_HAND, frozenset({Basis.TIMING})),
    "scanning": (
        VoidReason.SCANNING,
        frozenset({Basis.RESPONSE, Basis.SYNCHRONY, Basis.TURNS, Basis.PULSE}),
    ),
    "quantise": (VoidReason.QUANTISED, frozenset({Basis.SYNCHRONY})),
    "play-along beat": (VoidReason.QUANTISED, frozenset({Basis.SYNCHRONY})),
    # Tempo, synchrony and turns are computed on contacts, which a repeat does not multiply; notes it does.
    "arpeggio": (VoidReason.AUTO_REPEAT, frozenset({Basis.COUNT})),
    "auto-repeat": (VoidReason.AUTO_REPEAT, frozenset({Basis.COUNT})),
    "loop": (VoidReason.AUTO_REPEAT, frozenset({Basis.COUNT})),
    "fixed velocity": (VoidReason.FIXED_VELOCITY, frozenset({Basis.LOUDNESS})),
    "chord-follow": (VoidReason.CHORD_FOLLOW, frozenset({Basis.PITCH, Basis.CONTOUR})),
    "scale palette": (VoidReason.SCALE_PALETTE, frozenset({Basis.PITCH})),
}
"""By the name of the assist or access, in the order in which a reason is looked for."""


def void_reason(measure: str, settings: frozenset[str]) -> VoidReason | None:
    """Why a measure (by its field's name) cannot be relied on with these settings on; None where it can."""
    rests_on = RESTS_ON.get(measure, frozenset())
    for setting, (reason, taken) in TAKES_AWAY.items():
        if setting in settings and rests_on & taken:
            return reason
    return None


def settings_on(session: Session, seats: Sequence[Seat], window: Window) -> frozenset[str]:
    """Assists and access settings that were on for any of the seats, or for all, at any time in the window."""
    return frozenset(
        name
        for start_s, end_s, name, value in _spells(session, seats)
        if value not in OFF and start_s < window.end_s and end_s > window.start_s
    )


def latency_known(session: Session, seat: Seat) -> bool:
    """Whether the latency of a seat's input is measured and at most 80 ms."""
    latency_s = session.setup.latency_s.get(seat)
    return latency_s is not None and latency_s <= LONGEST_LATENCY_S


def _spells(session: Session, seats: Sequence[Seat]) -> Iterator[tuple[float, float, str, str]]:
    """From when to when which setting had which value: of the instrument as a whole, and of each of the seats."""
    changes = [event for event in session.events if isinstance(event, SetupChange)]
    access = {player.seat: player.access for player in session.players}
    yield from _spells_of(session.setup.assists, [change for change in changes if change.seat is None])
    for seat in seats:
        yield from _spells_of(access.get(seat, {}), [change for change in changes if change.seat == seat])


def _spells_of(at_start: Mapping[str, str], changes: Sequence[SetupChange]) -> Iterator[tuple[float, float, str, str]]:
    running = {_plain(name): (float("-inf"), _plain(value)) for name, value in at_start.items()}
    for change in changes:
        name = _plain(change.setting)
        since_s, value = running.get(name, (float("-inf"), ""))
        yield since_s, change.time_s, name, value
        running[name] = (change.time_s, _plain(change.value))
    for name, (since_s, value) in running.items():
        yield since_s, float("inf"), name, value


def _plain(text: str) -> str:
    return text.strip().lower().replace("_", " ")
