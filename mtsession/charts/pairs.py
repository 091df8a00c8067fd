"""Which pairs does a picture show, and what are they called in it?"""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.charts.series import Look
from mtsession.events import Seat
from mtsession.session import Role

MOST_DRAWN = 3
"""Of more pairs than these only a client's with somebody who is none are drawn; the table has all."""


def drawn_pairs(measures: SessionMeasures) -> tuple[PairMeasures, ...]:
    """All pairs of two or three players; of more, each client with each who is no client (all where nobody is)."""
    if len(measures.pairs) <= MOST_DRAWN:
        return measures.pairs
    roles = {player.seat: player.role for player in measures.players}
    across = (
        pair for pair in measures.pairs if (roles[pair.first] is Role.CLIENT) != (roles[pair.second] is Role.CLIENT)
    )
    return tuple(across) or measures.pairs


def pair_label(pair: PairMeasures, looks: Mapping[Seat, Look]) -> str:
    """Both players, to stand before a colon."""
    return f"{looks[pair.first].label}, {looks[pair.second].label}"
