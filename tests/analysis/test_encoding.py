"""Measures survive being written down."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from mtsession.analysis import encoding
from mtsession.analysis.balance import Balance
from mtsession.analysis.exchanges import Chain, Exchanges
from mtsession.analysis.participation import Participation, Shares
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, SessionMeasures
from mtsession.analysis.togetherness import Asynchrony
from mtsession.events import Seat
from mtsession.session import Role

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
ALL = Window(0.0, 90.0)
NONE = Void(VoidReason.TOO_FEW_EVENTS, 3, ALL)


def voids(kind: type) -> dict[str, Any]:
    return {field.name: NONE for field in dataclasses.fields(kind)}


def some_measures() -> SessionMeasures:
    participation = Participation((Window(1.0, 5.5),), 4.5, 0.05, 1, 2, 9)
    player = PlayerMeasures(
        **{**voids(PlayerMeasures), "seat": CLIENT, "role": Role.CLIENT,
           "participation": Measured(participation, 9, ALL)}
    )  # fmt: skip
    pair = PairMeasures(
        **{**voids(PairMeasures), "first": CLIENT, "second": THERAPIST,
           "shares": Measured(Shares(0.1, 0.2, 0.3, 0.4), 20, ALL, ChanceBand(0.1, 0.2, "turns shuffled", 199)),
           "balance": Measured(Balance(0.2, None), 20, ALL),
           "exchanges": Measured(Exchanges(2.0, (Chain(0.0, 9.0, 3, CLIENT),), 3, {CLIENT: 1}), 3, ALL),
           "asynchrony": Measured(Asynchrony(9, None, 0.03, None, None, 0.5, VoidReason.LATENCY_UNKNOWN), 9, ALL)}

    )  # fmt: skip
    return SessionMeasures("s", "1", ALL, (player,), (pair,), GroupMeasures(**voids(GroupMeasures)))


def test_measures_read_back_are_the_measures_that_were_written() -> None:
    measures = some_measures()
    assert encoding.from_json(encoding.to_json(measures)) == measures
    assert encoding.from_builtins(encoding.to_builtins(measures)) == measures


def test_a_value_of_another_shape_is_refused() -> None:
    plain = encoding.to_builtins(some_measures())
    plain["players"][0]["participation"]["value"]["share"] = "half"
    with pytest.raises(msgspec.ValidationError):
        encoding.from_builtins(plain)
