"""In which passages did two players play at the same time?"""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis import spans
from mtsession.analysis.participation import activity
from mtsession.analysis.played import Played
from mtsession.analysis.result import Measured, Void, VoidReason, Window

PASSAGE_S = 5.0


@dataclass(frozen=True, slots=True)
class JointPassages:
    """Passages of 5 s and more in which both were active; `n` is their number. `longest` is None where none was."""

    passages: tuple[Window, ...]
    longest_s: float | None

    @property
    def longest(self) -> Window | None:
        """The longest passage; the first of equals."""
        return max(self.passages, key=lambda span: (span.length_s, -span.start_s), default=None)


def joint_passages(first: Played, second: Played, window: Window) -> Measured[JointPassages] | Void:
    """Where both were active for at least 5 s; void where either never played."""
    counts = len(first.within(window)), len(second.within(window))
    if min(counts) == 0:
        return Void(VoidReason.NEVER_PLAYED, sum(counts), window)
    both = spans.intersection(activity(first, window), activity(second, window), window)
    passages = spans.as_windows(spans.at_least(both, PASSAGE_S))
    longest_s = max((passage.length_s for passage in passages), default=None)
    return Measured(JointPassages(passages, longest_s), len(passages), window)
