"""How do states pass from the thread that reads to the loop that draws, without a queue that could grow?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mtsession.live.state import LiveState


@dataclass(frozen=True, slots=True)
class Arrived:
    """A state and when it came, on the screen's own clock."""

    state: LiveState
    at_s: float

    def session_s(self, now_s: float) -> float:
        """The session clock now, a message's way old."""
        return self.state.time_s + now_s - self.at_s


class Inbox:
    """What the reading thread hands to the loop: the newest state, and whether the engine is heard."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """`wake` lets the loop look; it is called once, however many states come before the loop takes the newest."""
        self._wake = wake
        self._lock = threading.Lock()
        self._newest: Arrived | None = None
        self._announced = False
        self.engine_lost = False
        self.closed = False

    def put(self, state: LiveState) -> None:
        """A state came; the ones before it that were not drawn are forgotten."""
        with self._lock:
            self._newest = Arrived(state, time.monotonic())
            self.engine_lost = False
        self._announce()

    def lose(self) -> None:
        """The engine went silent."""
        self.engine_lost = True
        self._announce()

    def close(self) -> None:
        """Nothing will come any more: the loop ends."""
        self.closed = True
        self._announce()

    def take(self) -> Arrived | None:
        """The newest state, or None before the first."""
        with self._lock:
            self._announced = False
            return self._newest

    def _announce(self) -> None:
        with self._lock:
            announced, self._announced = self._announced, True
        if not announced:
            self._wake()
