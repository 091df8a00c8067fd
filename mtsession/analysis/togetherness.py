"""How close in time were two players' onsets, and who was later?"""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import VoidReason


@dataclass(frozen=True, slots=True)
class Asynchrony:
    """d = first's onset − second's, over mutual nearest pairs; positive: the first was later. `n` is `n_pairs`.

    `sd_s` has n − 1 below (Rasch 1979); `share_matched` is the share of both players' onsets that found a partner.
    Where an input's latency is not known, nothing that depends on a shift of one player can be said: `mean_s`,
    `mean_absolute_s` and `rms_s` are None and `unsigned_because` says why.
    """

    n_pairs: int
    mean_s: float | None
    sd_s: float
    mean_absolute_s: float | None
    rms_s: float | None
    share_matched: float
    unsigned_because: VoidReason | None = None
