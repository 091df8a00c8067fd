"""Which stretches of time are covered, by one player, by both, by nobody? Spans are float64 (n, 2), in order, apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import Window

Spans = NDArray[np.float64]


def merged(starts_s: NDArray[np.float64], ends_s: NDArray[np.float64]) -> Spans:
    """The union of stretches that may overlap and be in any order."""
    if len(starts_s) == 0:
        return np.empty((0, 2))
    order = np.argsort(starts_s, kind="stable")
    starts_s, covered_to_s = starts_s[order], np.maximum.accumulate(ends_s[order])
    first = np.concatenate(([True], starts_s[1:] > covered_to_s[:-1]))
    last = np.concatenate((first[1:], [True]))
    return np.column_stack((starts_s[first], covered_to_s[last]))


def union(several: Sequence[Spans]) -> Spans:
    """What at least one of them covers."""
    every = np.concatenate([np.empty((0, 2)), *several])
    return merged(every[:, 0], every[:, 1])


def clipped(spans: Spans, window: Window) -> Spans:
    """The part of the spans inside the window."""
    inside = np.clip(spans, window.start_s, window.end_s)
    return inside[inside[:, 1] > inside[:, 0]]


def complement(spans: Spans, window: Window) -> Spans:
    """The stretches of the window that the spans leave free."""
    edges_s = np.concatenate(([window.start_s], clipped(spans, window).ravel(), [window.end_s])).reshape(-1, 2)
    return edges_s[edges_s[:, 1] > edges_s[:, 0]]


def intersection(one: Spans, other: Spans, window: Window) -> Spans:
    """What both cover, inside the window."""
    return complement(union((complement(one, window), complement(other, window))), window)


def total_s(spans: Spans) -> float:
    """The spans' length together."""
    return float(np.sum(spans[:, 1] - spans[:, 0]))


def at_least(spans: Spans, length_s: float) -> Spans:
    """The spans of that length and more, to a microsecond."""
    return spans[spans[:, 1] - spans[:, 0] >= length_s - 1e-6]


def as_windows(spans: Spans) -> tuple[Window, ...]:
    """The spans as values."""
    return tuple(Window(start_s, end_s) for start_s, end_s in spans.tolist())


def time_by_depth_s(several: Sequence[Spans], window: Window) -> NDArray[np.float64]:
    """For k = 0 … len(several): the time in the window that exactly k of them cover."""
    inside = [clipped(spans, window) for spans in several]
    times_s = np.concatenate([[window.start_s], *(spans.ravel() for spans in inside), [window.end_s]])
    steps = np.concatenate([[0], *(np.tile((1, -1), len(spans)) for spans in inside), [0]])
    order = np.argsort(times_s, kind="stable")
    depth = np.clip(np.cumsum(steps[order])[:-1], 0, len(several))
    return np.bincount(depth, weights=np.diff(times_s[order]), minlength=len(several) + 1).astype(np.float64)
