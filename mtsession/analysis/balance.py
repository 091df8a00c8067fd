"""How evenly was the time shared out between two players?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """From the times a, b in which only one of two played; `n` counts both players' notes.

    `tau_tau` = (2/T)·min(a, b) (Raffensperger 2012), `balance` = 2·min(a, b)/(a + b); both 0–1. `balance` is None
    where neither ever played alone.
    """

    tau_tau: float
    balance: float | None
