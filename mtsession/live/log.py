"""Where does the session stand: is its file new, or does this engine go on where another one was cut off?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from mtsession.audio.palettes import Palette
from mtsession.capture.schema import SessionHeader, end_of_s
from mtsession.capture.writer import SessionWriter
from mtsession.events import AudioEpoch, Contact, ContactId, Event, Gap
from mtsession.live.launch import Launch
from mtsession.live.master import SCALE_PALETTE, scale_of
from mtsession.live.plan import LivePlan
from mtsession.session import Setup

RESTARTED = "engine restarted"


@dataclass(frozen=True, slots=True)
class SessionLog:
    """The session's file, open for writing, and what it held before (`kept`, in order of time; empty when new)."""

    writer: SessionWriter
    kept: tuple[Event, ...]
    resumed: bool
    next_id: Callable[[], ContactId]
    epoch: int

    def gap(self, now_s: float) -> Gap | None:
        """What nobody captured between the last kept event and now; None in a new session."""
        if not self.resumed:
            return None
        last_s = max((end_of_s(event) for event in self.kept), default=0.0)
        return Gap(min(last_s, now_s), now_s, RESTARTED)


def open_log(
    launch: Launch, kept: tuple[Event, ...] | None, now_s: float, palettes: Mapping[str, Palette]
) -> SessionLog:
    """Begin the session's file, or go on with it: numbers of contacts and epochs count on.

    Raises DiskFullError, SessionFormatError or SessionKeyError.
    """
    header = _header(launch.plan, now_s, palettes) if kept is None else None
    path = launch.folder.session_file(launch.plan.session_id)
    writer = SessionWriter(path, launch.session_key, header=header)
    events = kept or ()
    used = [event.id for event in (*events, *launch.plan.script) if isinstance(event, Contact)]
    epochs = [event.epoch for event in events if isinstance(event, AudioEpoch)]
    numbers = count(max(used, default=0) + 1)
    # `next` on a count is one step of the interpreter: callbacks of several inputs may share it.
    return SessionLog(writer, events, kept is not None, lambda: ContactId(next(numbers)), max(epochs, default=0) + 1)


def _header(plan: LivePlan, now_s: float, palettes: Mapping[str, Palette]) -> SessionHeader:
    return SessionHeader(
        session_id=plan.session_id,
        started_at=datetime.now(UTC) - timedelta(seconds=now_s),
        players=plan.players(),
        setup=Setup(
            palette=plan.palette,
            key=plan.key,
            assists=assists(palettes[plan.palette]),
            latency_s={seat.seat: seat.latency_s for seat in plan.seats},
            simulated=plan.simulated,
        ),
    )


def assists(palette: Palette) -> Mapping[str, str]:
    """What helps a client's playing and makes some measures say nothing (care rules, §2), by name."""
    return {SCALE_PALETTE: scale_of(palette)}
