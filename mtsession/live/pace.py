"""How does the loop get from one moment to the next: by waiting for it, or by rendering up to it?"""

from __future__ import annotations

from enum import Enum
from queue import Empty, SimpleQueue
from typing import Protocol

from mtsession.audio.stream import OfflineStream
from mtsession.clock import Clock
from mtsession.events import Event


class Ask(Enum):
    """What the engine's own threads ask of the loop."""

    STOP = "stop"
    OPEN_SOUND = "open sound"


class Inbox(SimpleQueue[Event | Ask]):
    """Everything that reaches the loop, from whichever thread."""


class Pace(Protocol):
    """Takes the next item from the inbox, or lets the time come until which there is nothing to do."""

    def next(self, until_s: float) -> Event | Ask | None: ...


class RealTime:
    """Waits; an event ends the waiting at once."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox, self._clock = inbox, clock

    def next(self, until_s: float) -> Event | Ask | None:
        """The next item, or None at `until_s`."""
        try:
            return self._inbox.get(timeout=max(0.0, until_s - self._clock.now_s()))
        except Empty:
            return None


class AsFastAsItCan:
    """Renders up to the next moment instead of waiting for it; the stream moves the clock."""

    def __init__(self, inbox: Inbox, stream: OfflineStream) -> None:
        self._inbox, self._stream = inbox, stream

    def next(self, until_s: float) -> Event | Ask | None:
        """The next item that is there already, or None after rendering until `until_s`."""
        try:
            return self._inbox.get_nowait()
        except Empty:
            self._stream.run_until(until_s)
            return None
