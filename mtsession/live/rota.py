"""What does the engine's loop do from time to time, and when is the next of it due?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Duty:
    """Something to do every `every_s`; `due_s` on the clock of the loop."""

    every_s: float
    do: Callable[[], None]
    due_s: float = 0.0


@dataclass(slots=True)
class Rota:
    """All duties of a loop. Times that were missed are not made up for: a late duty is done once, and then on time."""

    duties: list[Duty] = field(default_factory=list)

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Do this now and then every so many seconds."""
        self.duties.append(Duty(seconds, do))

    @property
    def due_s(self) -> float:
        """When the next duty is due; infinity without any."""
        return min((duty.due_s for duty in self.duties), default=math.inf)

    def run(self, now_s: float) -> None:
        """Do what is due by now."""
        for duty in self.duties:
            if duty.due_s <= now_s:
                duty.due_s += duty.every_s * (1 + (now_s - duty.due_s) // duty.every_s)
                duty.do()
