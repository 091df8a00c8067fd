"""At what tempo did a player play, and when was there no steady pulse?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TempoCurve:
    """Tempo in 10 s windows, hop 1 s; `n` is the number of windows in which a tempo is stated.

    `times_s` are the centres of the windows, `bpm` is None where there was no steady pulse. `share_stated` is of the
    windows in which the player played at all.
    """

    times_s: tuple[float, ...]
    bpm: tuple[float | None, ...]
    median_bpm: float
    share_stated: float
