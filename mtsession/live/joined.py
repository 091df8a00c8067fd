"""What time is it in the session if the machine has slept? Its counter stood still, and session time went on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

from mtsession.clock import SessionClock
from mtsession.events import ClockPair, Event, Gap

SLEPT_S = 1.0
"""A lag of the counter of more than this was sleep; less is the two readings' own noise."""

SLEPT = "machine slept"


def unresting_ns() -> int:
    """A clock that goes on while the machine sleeps; where the system has one, one that nobody can set."""
    return time.time_ns() if _UNRESTING is None else time.clock_gettime_ns(_UNRESTING)


_UNRESTING: int | None = getattr(
    time, {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC_RAW"}.get(sys.platform, ""), None
)


class JoinedClock:
    """Session seconds over sleeps: a `SessionClock` whose offset grows by what `rejoin` finds missing."""

    def __init__(
        self,
        origin_ns: int,
        offset_s: float = 0.0,
        *,
        counter_ns: Callable[[], int] = time.perf_counter_ns,
        unresting_ns: Callable[[], int] = unresting_ns,
    ) -> None:
        self._clock = SessionClock(origin_ns, offset_s)
        self._counter_ns, self._unresting_ns = counter_ns, unresting_ns
        self._lag_ns = self._read_lag_ns()

    @property
    def unjoined(self) -> SessionClock:
        """The clock of this stretch between sleeps."""
        return self._clock

    def now_s(self) -> float:
        """Seconds since the session began."""
        return self._clock.at_s(self._counter_ns())

    def pair(self) -> tuple[float, int]:
        """Session time and wall clock in ns, read together."""
        return self.now_s(), time.time_ns()

    def rejoin(self) -> Gap | None:
        """Look whether the machine slept since the last look; if so, move the clock on and say what was missed."""
        slept_s = (self._read_lag_ns() - self._lag_ns) * 1e-9
        if slept_s <= SLEPT_S:
            return None
        self._lag_ns += int(slept_s * 1e9)
        before_s = self.now_s()
        self._clock = SessionClock(self._clock.origin_ns, self._clock.offset_s + slept_s)
        return Gap(before_s, before_s + slept_s, SLEPT)

    def _read_lag_ns(self) -> int:
        return self._unresting_ns() - self._counter_ns()


def offset_after(kept: Iterable[Event], origin_ns: int, wall_ns: int, counter_ns: int) -> float:
    """The offset of a session that another process began: what its last clock pair says of sleeps before now.

    `wall_ns` and `counter_ns` are read together, now.
    """
    pairs = [event for event in kept if isinstance(event, ClockPair)]
    if not pairs:
        return 0.0
    last = max(pairs, key=lambda pair: pair.time_s)
    by_wall_s = last.time_s + (wall_ns - last.wall_ns) * 1e-9
    by_counter_s = SessionClock(origin_ns).at_s(counter_ns)
    return by_wall_s - by_counter_s if by_wall_s - by_counter_s > SLEPT_S else 0.0
