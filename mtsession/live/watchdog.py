"""Does the sound still run? A dead audio server stops calling and says nothing; the process must leave, and quickly."""

from __future__ import annotations

import threading
from collections.abc import Callable

STILL_S = 0.25
"""A callback that has not run for this long will not run again (93 blocks of 128 frames at 48 kHz)."""

LOOK_S = 0.05


class Watchdog:
    """Calls `leave` once, from its own thread, when `counter` stands still."""

    def __init__(self, counter: Callable[[], int], leave: Callable[[], None], *, still_s: float = STILL_S) -> None:
        self._counter, self._leave, self._still_s = counter, leave, still_s
        self._called_off = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def call_off(self) -> None:
        """The stream is about to be closed on purpose."""
        self._called_off.set()

    def _watch(self) -> None:
        seen, looks = self._counter(), 0
        while not self._called_off.wait(LOOK_S):
            now = self._counter()
            seen, looks = now, (looks + 1 if now == seen else 0)
            if looks * LOOK_S >= self._still_s:
                self._leave()
                return
