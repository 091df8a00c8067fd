"""Every number of a session's measures as one row of a table."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import VoidReason
from mtsession.events import Seat


@dataclass(frozen=True, slots=True)
class Row:
    """One number, or the reason why there is none.

    `measure` is the field of the summary ("density"), `quantity` the field of its value without the unit
    ("mean"), `unit` as printed ("1/s", "s", "BPM", "" for counts and shares). Exactly one of `value` and `void` is
    None, but for a single quantity that a valid measure cannot give.
    """

    measure: str
    seats: tuple[Seat, ...]
    quantity: str
    value: float | None
    unit: str
    n: int
    start_s: float
    end_s: float
    void: VoidReason | None
