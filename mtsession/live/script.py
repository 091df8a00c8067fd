"""How does a simulated or recorded session play as a device? Its events are put when their time has come."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from mtsession.events import Contact, Event, Lift


class ScriptDevice:
    """Puts the events of a script, in order, as a MIDI input would; each carries its own time."""

    def __init__(self, script: Sequence[Contact | Lift], put: Callable[[Event], None], from_s: float = 0.0) -> None:
        """Begin at `from_s`: what lies before it was played by an engine that is gone."""
        self._coming = sorted((event for event in script if event.time_s >= from_s), key=_in_order)
        self._next = 0
        self._put = put

    @property
    def next_s(self) -> float:
        """When the next event is; infinity after the last."""
        return self._coming[self._next].time_s if self._next < len(self._coming) else math.inf

    def play(self, now_s: float) -> None:
        """Put everything whose time has come."""
        while self.next_s <= now_s:
            self._put(self._coming[self._next])
            self._next += 1


def _in_order(event: Contact | Lift) -> tuple[float, bool]:
    """By time; of two at once, the lift of an earlier touch comes before the next touch."""
    return event.time_s, isinstance(event, Contact)
