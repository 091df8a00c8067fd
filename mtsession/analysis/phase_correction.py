"""How much of each asynchrony did a player take off the next interval, and with how much noise of clock and hand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

Run: TypeAlias = tuple[Floats, Floats]
"""Own and other's onsets, (n,) each, matched one to one without a break."""

MOST_ROUNDS, CONVERGED = 20, 1e-3
"""The fit stops after so many rounds, or when α moves by less (measures: who follows whom)."""

TAPS = 48
"""The inverse of the noise's covariance falls by a factor of at least 2.6 a step: beyond this it is below rounding."""

FEWEST_EVENTS = 4


@dataclass(frozen=True, slots=True)
class PhaseCorrection:
    """One player's fit: `alpha` is the share of an asynchrony (own − other) taken off the next interval.

    `clock_sd_s` (σ_T) is the noise of each interval, `motor_sd_s` (σ_M) that of each hit.
    """

    alpha: float
    clock_sd_s: float
    motor_sd_s: float


def phase_correction(runs: Sequence[Run], *, first_interval_s: float | None = None) -> PhaseCorrection | None:
    """Bounded generalised least squares on runs of matched onsets; None without a run of 4.

    Vorberg & Schulze 2002; Jacoby, Tishby, Repp, Ahissar & Keller 2015: the interval before onset k on the asynchrony
    of onset k − 1, both centred by their means over all n of the run. The interval before onset 0 is unknown and taken
    as the mean of the others, or as `first_interval_s`. Several runs share one α and one noise.
    """
    centred = [_centred(run, first_interval_s) for run in runs if len(run[0]) >= FEWEST_EVENTS]
    return _fit(centred) if any(np.any(before) for _, before in centred) else None


def _centred(run: Run, first_interval_s: float | None) -> Run:
    """The intervals that follow, and the asynchronies before them, (n − 1,) each."""
    own, other = run
    intervals, asynchronies = np.diff(own), own - other
    first = float(np.mean(intervals)) if first_interval_s is None else first_interval_s
    return intervals - (np.sum(intervals) + first) / len(own), asynchronies[:-1] - np.mean(asynchronies)


def _fit(centred: Sequence[Run]) -> PhaseCorrection:
    variance, covariance, alpha = 1.0, 0.0, 0.0
    for _ in range(MOST_ROUNDS):
        weighted = [solve_noise(variance, covariance, before) for _, before in centred]
        shared = sum(float(w @ following) for w, (following, _) in zip(weighted, centred, strict=True))
        own = sum(float(w @ before) for w, (_, before) in zip(weighted, centred, strict=True))
        moved_from, alpha = alpha, -shared / own
        variance, covariance = _noise([following + alpha * before for following, before in centred])
        if abs(alpha - moved_from) < CONVERGED:
            break
    motor = -covariance
    return PhaseCorrection(alpha, float(np.sqrt(max(0.0, variance - 2 * motor))), float(np.sqrt(motor)))


def _noise(residuals: Sequence[Floats]) -> tuple[float, float]:
    """Variance and covariance of neighbours, bounded so that the hand is not noisier than the clock."""
    earlier, later = (np.concatenate([one[part] for one in residuals]) for part in (slice(-1), slice(1, None)))
    sample = np.cov(earlier, later)
    variance, covariance = float(sample[0, 0] + sample[1, 1]) / 2, min(0.0, float(sample[0, 1]))
    return max(variance, -3 * covariance), covariance


def solve_noise(variance: float, covariance: float, right: Floats) -> Floats:
    """The x of K·x = right, (n,), where K has `variance` on its diagonal and `covariance` (≤ 0, ≥ −⅓) beside it.

    K = s·(1 + θ²) and −s·θ. On an endless line its inverse is θ^|i−j| / (s·(1 − θ²)); the two ends add what makes the
    solution vanish one step outside of them.
    """
    theta = -2 * covariance / (variance + np.sqrt(variance**2 - 4 * covariance**2)) if variance else 0.0
    scale = (variance / (1 + theta**2) or 1.0) * (1 - theta**2)
    kernel = theta ** np.abs(np.arange(-TAPS, TAPS + 1))
    endless = np.convolve(right, kernel)[TAPS - 1 : TAPS + len(right) + 1] / scale
    rising = theta ** np.arange(len(right) + 2.0)
    falling, far = rising[::-1], rising[-1]
    at_start = (endless[0] - far * endless[-1]) / (1 - far**2)
    at_end = (endless[-1] - far * endless[0]) / (1 - far**2)
    solution: Floats = (endless - at_start * rising - at_end * falling)[1:-1]
    return solution
