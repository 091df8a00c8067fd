"""How close in time were two players' onsets, and who was later?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtsession.analysis.meetings import Indices, Meetings, by_chance, meetings
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED, N_SURROGATES, SHORTEST_S, Floats, chance_band
from mtsession.session import OnsetStream


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


def asynchrony(
    first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[Asynchrony] | Void:
    """Spread and lean of two players' paired onsets; void below 8 pairs, or where either never played.

    The chance band is that of `share_matched`, from 30 s on, with the second player's intervals shuffled.
    """
    if min(len(first), len(second)) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    chance = None
    if n_surrogates and window.length_s >= SHORTEST_S:
        (chance,) = by_chance(first.times_s, second.times_s, n_surrogates, (share_matched,))
    return of_meetings(meetings(first.times_s, second.times_s), chance, window)


def of_meetings(met: Meetings, chance: Floats | None, window: Window) -> Measured[Asynchrony] | Void:
    """The same from neighbours that were looked up, and `share_matched` of the surrogates (n,)."""
    of_first, of_second = met.pairs
    differences_s = met.first_s[of_first] - met.second_s[of_second]
    if len(differences_s) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(differences_s), window)
    band = None
    if chance is not None and window.length_s >= SHORTEST_S:
        band = chance_band(chance, INTERVALS_SHUFFLED)
    return Measured(spread(differences_s, float(share_matched(met)[0])), len(differences_s), window, band)


def mutual_pairs(first_s: Floats, second_s: Floats) -> tuple[Indices, Indices]:
    """Indices of onsets that are each other's nearest and within min(120 ms, ¼ of the first's local period)."""
    if min(len(first_s), len(second_s)) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    return meetings(first_s, second_s).pairs


def share_matched(met: Meetings) -> Floats:
    """The share of both players' onsets that found a partner, in each copy, (copies,)."""
    of_first, _ = met.pairs
    n_pairs = np.bincount(met.copy_of(of_first), minlength=met.copies)
    shares: Floats = 2 * n_pairs * met.copies / (len(met.first_s) + len(met.second_s))
    return shares


def spread(differences_s: Floats, share_matched: float) -> Asynchrony:
    """The statistics of two or more asynchronies. (√Σ(d/n)², printed as a groupwise SD, shrinks with n: not used.)"""
    return Asynchrony(
        n_pairs=len(differences_s),
        mean_s=float(np.mean(differences_s)),
        sd_s=float(np.std(differences_s, ddof=1)),
        mean_absolute_s=float(np.mean(np.abs(differences_s))),
        rms_s=float(np.sqrt(np.mean(differences_s**2))),
        share_matched=share_matched,
    )


def unsigned(measured: Measured[Asynchrony], reason: VoidReason) -> Measured[Asynchrony]:
    """The same without what a shift of one player would change."""
    value = measured.value
    kept = Asynchrony(value.n_pairs, None, value.sd_s, None, None, value.share_matched, reason)
    return Measured(kept, measured.n, measured.window, measured.band)
