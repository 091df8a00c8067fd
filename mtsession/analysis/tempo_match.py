"""How much of the time did two players keep the same tempo?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TempoMatch:
    """Tempi that agree within 5 %, octaves folded; `n` is the number of windows in which both had a pulse.

    `share_matched` is of those windows; `median_log2_ratio` the median of the folded log2(first/second), positive:
    the first was faster.
    """

    share_matched: float
    median_log2_ratio: float
