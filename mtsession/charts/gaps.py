"""How long was it between one player's turn and the other's? One point a floor transfer, below zero for overlap."""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.analysis.result import Measured, Void
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.turns import Transfers
from mtsession.analysis.words import does_not_show, reason_in_words
from mtsession.charts.series import Chart, Look, NoSeries, Point, Table
from mtsession.charts.words import clock_text, figure_text, window_text
from mtsession.events import Seat
from mtsession.session import FloorTransfer
from mtsession.wording import say


def gaps_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """Floor transfers of all pairs over time; each has the shape of who took the floor."""
    transfers: list[FloorTransfer] = []
    missing: list[NoSeries] = []
    for pair in measures.pairs:
        found = pair.floor_transfers
        if isinstance(found, Void):
            missing.append(
                NoSeries(f"{looks[pair.first].label}, {looks[pair.second].label}", reason_in_words(found.reason))
            )
        else:
            transfers.extend(found.value.transfers)
    if not measures.pairs:
        missing.append(NoSeries(say("desk.gaps_title"), say("desk.gaps_one_player")))
    return _chart(measures, looks, sorted(transfers, key=lambda t: t.time_s), tuple(missing))


def _chart(
    measures: SessionMeasures,
    looks: Mapping[Seat, Look],
    transfers: list[FloorTransfer],
    missing: tuple[NoSeries, ...],
) -> Chart:
    said = [sentence for pair in measures.pairs for sentence in _pair_said(pair, looks)]
    return Chart(
        key="gaps",
        title=say("desk.gaps_title"),
        unit=say("desk.gaps_unit"),
        basis=say(
            "desk.gaps_basis", n=len(transfers), window=window_text(measures.window), rule=_turn_rule(measures, looks)
        ),
        limits=does_not_show("floor_transfers"),
        summary=" ".join((*said, *(f"{m.label}: {m.reason}." for m in missing))),
        table=_table(transfers, looks),
        points=tuple(Point(looks[t.taker], round(t.time_s, 3), round(t.offset_s, 3)) for t in transfers),
        missing=missing,
    )


def _pair_said(pair: PairMeasures, looks: Mapping[Seat, Look]) -> list[str]:
    ways: tuple[tuple[Seat, Seat, Measured[Transfers] | Void], ...] = (
        (pair.first, pair.second, pair.transfers_from_first),
        (pair.second, pair.first, pair.transfers_from_second),
    )
    return [_way_said(looks[giver].label, looks[taker].label, found) for giver, taker, found in ways]


def _way_said(giver: str, taker: str, found: Measured[Transfers] | Void) -> str:
    if isinstance(found, Void):
        return say("desk.gaps_way_void", giver=giver, taker=taker, reason=reason_in_words(found.reason))
    value = found.value
    return say(
        "desk.gaps_way",
        giver=giver,
        taker=taker,
        median=figure_text(value.median_s, 2),
        lower=figure_text(value.lower_quartile_s, 2),
        upper=figure_text(value.upper_quartile_s, 2),
        n=found.n,
    )


def _turn_rule(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> str:
    """Which silence ended a turn, for each player: without it no gap can be read."""
    rules = [
        say("desk.turn_rule", who=looks[player.seat].label, gap=figure_text(player.turns.value.gap_s, 2))
        for player in measures.players
        if isinstance(player.turns, Measured)
    ]
    return "; ".join(rules)


def _table(transfers: list[FloorTransfer], looks: Mapping[Seat, Look]) -> Table:
    head = tuple(say(f"desk.table_{name}") for name in ("time", "from", "to", "gap"))
    rows = tuple(
        (clock_text(t.time_s), looks[t.giver].label, looks[t.taker].label, figure_text(t.offset_s, 2))
        for t in transfers
    )
    return Table(head, rows)
