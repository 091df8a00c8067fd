"""In which passages did two players play at the same time?"""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import Window


@dataclass(frozen=True, slots=True)
class JointPassages:
    """Passages of 5 s and more in which both were active; `n` is their number. `longest` is None where none was."""

    passages: tuple[Window, ...]
    longest_s: float | None

    @property
    def longest(self) -> Window | None:
        """The longest passage; the first of equals."""
        return max(self.passages, key=lambda span: (span.length_s, -span.start_s), default=None)
