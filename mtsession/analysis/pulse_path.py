"""Of the rivals in each window, which one lies on the best path through all windows, and how good is the next best?

A path has the score of its rivals, less what its changes of level cost. Forward and backward passes of the Viterbi
recursion give, for each rival, the best path of all that go through it (its max-marginal), in time linear in the
number of windows.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

CHANGE, DRIFT = 10.0, 40.0
"""A change of level costs this, a drift its octaves times that, whichever is less.

A window's rivals differ by less than this: a new level must win over two windows running, or more.
"""


def totals_through(log2_hz: Floats, scores: Floats) -> Floats:
    """The score of the best path through each rival, (W, R); the best of all is the same in every window's maximum."""
    costs = np.minimum(DRIFT * np.abs(log2_hz[1:, :, None] - log2_hz[:-1, None, :]), CHANGE)
    before = _arriving(scores, costs)
    after = _arriving(scores[::-1], costs[::-1].transpose(0, 2, 1))[::-1]
    return before + after - scores


def _arriving(scores: Floats, costs: Floats) -> Floats:
    """The best score of a path from the first window to each rival, its own score included, (W, R)."""
    arriving = np.empty_like(scores)
    arriving[0] = scores[0]
    for index, cost in enumerate(costs, 1):
        arriving[index] = scores[index] + (arriving[index - 1] - cost).max(axis=1)
    return arriving
