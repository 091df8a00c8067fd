"""How evenly was the time shared out between two players?"""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.participation import Shares
from mtsession.analysis.result import Measured, Void


@dataclass(frozen=True, slots=True)
class Balance:
    """From the times a, b in which only one of two played; `n` counts both players' notes.

    `tau_tau` = (2/T)·min(a, b) (Raffensperger 2012), `balance` = 2·min(a, b)/(a + b); both 0–1. `balance` is None
    where neither ever played alone.
    """

    tau_tau: float
    balance: float | None


def balance(shares: Measured[Shares] | Void) -> Measured[Balance] | Void:
    """From the shares of the time in which only one played; void as they are."""
    if isinstance(shares, Void):
        return shares
    a, b = shares.value.only_first, shares.value.only_second
    value = Balance(tau_tau=2.0 * min(a, b), balance=2.0 * min(a, b) / (a + b) if a + b > 0 else None)
    return Measured(value, shares.n, shares.window)
