"""How evenly was the time shared out between two players, and more so than unrelated turns would share it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtsession.analysis.participation import Shares, activity, shares
from mtsession.analysis.played import Played
from mtsession.analysis.result import ChanceBand, Measured, Void, Window
from mtsession.analysis.spans import Spans, total_s
from mtsession.analysis.surrogates import (
    FEWEST_SPANS,
    N_SURROGATES,
    SHORTEST_S,
    SPANS_SHUFFLED,
    Floats,
    chance_band,
    chunks,
    generator_for,
    shuffled_spans,
)

LEAST_ALONE = 1e-9
"""A share of the time that rounding could have made: nobody was alone."""


@dataclass(frozen=True, slots=True)
class Balance:
    """From the times a, b in which only one of two played; `n` counts both players' notes.

    `tau_tau` = (2/T)·min(a, b) (Raffensperger 2012), `balance` = 2·min(a, b)/(a + b); both 0–1. `balance` is None
    where neither ever played alone. The chance band is that of `balance`.
    """

    tau_tau: float
    balance: float | None


def balance(
    first: Played, second: Played, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[Balance] | Void:
    """How two players shared out the time; void where neither played.

    The chance band shuffles the second's playing and silences; there is none below 30 s, where neither was ever alone,
    and below 4 spells of playing of either.
    """
    shared = shares(first, second, window)
    if isinstance(shared, Void):
        return shared
    value, band = of_shares(shared.value), None
    if n_surrogates and value.balance is not None and window.length_s >= SHORTEST_S:
        band = _band(activity(first, window), activity(second, window), n_surrogates)
    return Measured(value, shared.n, window, band)


def of_shares(shared: Shares) -> Balance:
    """From the shares of the time in which only one played."""
    a, b = shared.only_first, shared.only_second
    return Balance(tau_tau=2.0 * min(a, b), balance=2.0 * min(a, b) / (a + b) if a + b > LEAST_ALONE else None)


def _band(first: Spans, second: Spans, n: int) -> ChanceBand | None:
    if min(len(first), len(second)) < FEWEST_SPANS:
        return None
    rng = generator_for(first.ravel(), second.ravel())
    both_s = np.concatenate([_both_s(first, shuffled_spans(second, some, rng)) for some in chunks(n, len(second))])
    a_s, b_s = (np.maximum(0.0, total_s(spans) - both_s) for spans in (first, second))
    return chance_band(2.0 * np.minimum(a_s, b_s) / np.maximum(a_s + b_s, LEAST_ALONE), SPANS_SHUFFLED)


def _both_s(spans: Spans, others: Floats) -> Floats:
    """For how long each of the others (n, k, 2) was active while the spans were, (n,)."""
    active_s = np.column_stack((np.zeros(len(spans)), spans[:, 1] - spans[:, 0])).ravel()
    until_s = np.interp(others, spans.ravel(), np.cumsum(active_s))
    both_s: Floats = np.sum(until_s[:, :, 1] - until_s[:, :, 0], axis=1)
    return both_s
