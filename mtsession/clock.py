"""What time is it in this session? Seconds since its start, the same in every process of the session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Seconds on the session clock."""

    def now_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class SessionClock:
    """Session seconds on `perf_counter_ns` (`monotonic` is coarse on Windows).

    The counter is the machine's, not the process's, so a process that is given `origin_ns` reads the same time,
    and an engine that was started anew goes on where the last one stopped. The counter stands still while the
    machine sleeps: `offset_s` joins the segments.
    """

    origin_ns: int
    offset_s: float = 0.0

    def now_s(self) -> float:
        return self.at_s(time.perf_counter_ns())

    def at_s(self, counter_ns: int) -> float:
        """Session time of a reading of `perf_counter_ns`."""
        return (counter_ns - self.origin_ns) * 1e-9 + self.offset_s

    def pair(self) -> tuple[float, int]:
        """Session time and wall clock in ns, read together; the wall clock joins the segments after a sleep."""
        return self.now_s(), time.time_ns()


def new_clock() -> SessionClock:
    """A session clock that reads 0 now."""
    return SessionClock(origin_ns=time.perf_counter_ns())


@dataclass(slots=True)
class ManualClock:
    """A clock that moves when it is told to: for tests, and for rendering faster than real time."""

    time_s: float = 0.0

    def now_s(self) -> float:
        return self.time_s

    def advance(self, by_s: float) -> None:
        if by_s < 0:
            raise ValueError(f"a clock goes forward, not by {by_s} s")
        self.time_s += by_s
