"""Who follows whom: does a player's step go on in the other's next one?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from mtsession.analysis.meetings import Meetings, by_chance, meetings
from mtsession.analysis.phase_correction import PhaseCorrection, Run, phase_correction
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.rows import RESEARCH
from mtsession.analysis.steps import Steps, matched_steps
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED, N_SURROGATES, Floats, middle_95
from mtsession.session import OnsetStream

FEWEST_MATCHED = 40
"""Below this many matched events in even steps nothing is told (measures: who follows whom)."""

LAGS = (-1, 1)
"""At +1 the first's step stands beside the second's next one, so that the second follows; at −1 the first follows."""

FEWEST_STEPS = 8
"""A correlation of fewer pairs of steps is no evidence of anything."""

SHORTEST_RUN = 10
"""Phase correction is estimated on runs of at least this many matched events in even steps."""


LARGEST_R = 0.999999
"""A correlation of 1 has no Fisher z."""

ROUNDING = 1e-18
"""Deviations whose squares lie below this (s²) are rounding: both keep an even beat."""


class Verdict(StrEnum):
    """What is said of two players: which of them follows, by seat."""

    FIRST_FOLLOWS = "first_follows"
    SECOND_FOLLOWS = "second_follows"
    MUTUAL = "mutual"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True)
class Following:
    """Who follows whom; `n` counts the matched events in even steps. The verdict is None without surrogates.

    For research only: the correlations of matched steps at lags −1, 0 and +1, with the band of the largest at ±1; and
    each player's phase correction on runs of even steps, None where there was none.
    """

    verdict: Verdict | None
    correlation_behind: float = field(metadata=RESEARCH)
    correlation_at_once: float = field(metadata=RESEARCH)
    correlation_ahead: float = field(metadata=RESEARCH)
    correction_of_first: PhaseCorrection | None = field(metadata=RESEARCH)
    correction_of_second: PhaseCorrection | None = field(metadata=RESEARCH)


def following(
    first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[Following] | Void:
    """Who follows whom (Konvalinka et al. 2010; Heggli et al. 2019), against the second's intervals shuffled.

    Void where either never played, and below 40 matched events.
    """
    if min(len(first), len(second)) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    chance = None
    if n_surrogates:
        (chance,) = by_chance(first.times_s, second.times_s, n_surrogates, (evidence,))
    return of_meetings(meetings(first.times_s, second.times_s), chance, window)


def of_meetings(met: Meetings, chance: Floats | None, window: Window) -> Measured[Following] | Void:
    """The same from neighbours that were looked up, and `evidence` of the surrogates (n, 2)."""
    steps = matched_steps(met)
    n = n_matched(steps)
    if n < FEWEST_MATCHED:
        return Void(VoidReason.NOT_ENOUGH_YET, n, window)
    (behind, _), (at_once, _), (ahead, n_ahead) = (_correlation(steps, lag) for lag in (-1, 0, 1))
    first_runs = even_runs(met, steps)
    verdict, band = None, None
    if chance is not None:
        found = evidence(met)[0]
        verdict = _verdict(*(found > largest_by_chance(chance)[1]).tolist())
        band = _of_correlation(chance, float(n_ahead[0]))
    value = Following(
        verdict,
        float(behind[0]),
        float(at_once[0]),
        float(ahead[0]),
        phase_correction(first_runs),
        phase_correction([(other, own) for own, other in first_runs]),
    )
    return Measured(value, n, window, band)


def n_matched(steps: Steps) -> int:
    """How many matched events the even steps of one pair of players have."""
    n_steps = int(np.sum(steps.even))
    return n_steps + 1 if n_steps else 0


def evidence(met: Meetings) -> Floats:
    """The correlations at lags −1 and +1 in standard deviations of chance (Fisher's z), (copies, 2), 0 for too few."""
    steps = matched_steps(met)
    return np.stack([_fisher(*_correlation(steps, lag)) for lag in LAGS], axis=1)


def _fisher(correlations: Floats, n: Floats) -> Floats:
    """Fisher's atanh r · √(n − 3): few steps weigh as much as many."""
    deviations: Floats = np.arctanh(np.clip(correlations, -LARGEST_R, LARGEST_R)) * np.sqrt(np.maximum(0.0, n - 3.0))
    return deviations * (n >= FEWEST_STEPS)


def largest_by_chance(chance: Floats) -> tuple[float, float]:
    """2.5 % of the smallest and 97.5 % of the largest of all columns of (n, k): what k claims at once must pass."""
    return middle_95(chance.min(axis=1), chance.max(axis=1))


def _of_correlation(chance: Floats, n_steps: float) -> ChanceBand:
    low, high = np.tanh(np.array(largest_by_chance(chance)) / np.sqrt(n_steps - 3.0)).tolist()
    return ChanceBand(low, high, f"{INTERVALS_SHUFFLED}; the largest of both directions", len(chance))


def _verdict(first_follows: bool, second_follows: bool) -> Verdict:  # noqa: FBT001 — two findings, no switch
    match first_follows, second_follows:
        case True, True:
            return Verdict.MUTUAL
        case True, False:
            return Verdict.FIRST_FOLLOWS
        case False, True:
            return Verdict.SECOND_FOLLOWS
        case _:
            return Verdict.INDEPENDENT


def _correlation(steps: Steps, lag: int) -> tuple[Floats, Floats]:
    """The correlation of the first's even steps with the second's `lag` steps later, and on how many, (copies,)."""
    length = max(0, len(steps.copy) - abs(lag))
    one, other = (slice(begin, begin + length) for begin in (max(0, -lag), max(0, lag)))
    both = steps.even[one] & steps.even[other] & (steps.copy[one] == steps.copy[other])
    copy = steps.copy[one][both]
    n = np.bincount(copy, minlength=steps.copies).astype(np.float64)

    def mean(values: Floats) -> Floats:
        return np.bincount(copy, values, minlength=steps.copies) / np.maximum(1.0, n)

    x, y = steps.first_s[one][both], steps.second_s[other][both]
    x, y = x - mean(x)[copy], y - mean(y)[copy]
    spread = np.sqrt(mean(x * x) * mean(y * y))
    return np.divide(mean(x * y), spread, out=np.zeros_like(spread), where=spread > ROUNDING), n


def even_runs(met: Meetings, steps: Steps) -> list[Run]:
    """The onsets of both, matched one to one, in each run of even steps of one length."""
    of_first, of_second = met.pairs
    goes_on = steps.even[1:] & steps.even[:-1] & (steps.folds[1:] == steps.folds[:-1])
    edges = np.concatenate(([0], np.flatnonzero(~goes_on) + 1, [len(steps.even)]))
    return [
        (met.first_s[of_first[begin : end + 1]], met.second_s[of_second[begin : end + 1]])
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if end - begin + 1 >= SHORTEST_RUN
    ]
