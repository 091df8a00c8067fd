"""How evenly the time was shared out."""

from __future__ import annotations

import pytest

from mtsession.analysis.balance import balance
from mtsession.analysis.participation import Shares
from mtsession.analysis.result import Measured, Void, VoidReason, Window

WINDOW = Window(0.0, 60.0)


def balanced(only_first: float, only_second: float) -> Measured[object]:
    measured = balance(Measured(Shares(only_first, only_second, 1 - only_first - only_second, 0.0), 20, WINDOW))
    assert isinstance(measured, Measured)
    return measured  # type: ignore[return-value]


def test_the_published_examples_come_out() -> None:
    # [[0,1,0,1],[1,0,1,0]]: all four slots, and the first three (Raffensperger 2012)
    assert balanced(0.5, 0.5).value.tau_tau == pytest.approx(1.0)  # type: ignore[attr-defined]
    assert balanced(1 / 3, 2 / 3).value.balance == pytest.approx(2 / 3)  # type: ignore[attr-defined]


def test_without_time_alone_there_is_no_balance() -> None:
    assert balanced(0.0, 0.0).value.balance is None  # type: ignore[attr-defined]


def test_a_void_stays_void() -> None:
    void = Void(VoidReason.NOBODY_PLAYED, 0, WINDOW)
    assert balance(void) == void
