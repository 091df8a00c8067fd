"""How long was it between one player's turn and the other's? One point a floor transfer, below zero for overlap."""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.turns import Transfers
from mtsession.analysis.words import does_not_show
from mtsession.charts.pairs import pair_label
from mtsession.charts.series import Chart, Look, NoSeries, Point, Table
from mtsession.charts.words import clock_text, figure_text, part_text, parts_text, reason_text, window_text
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
            missing.append(NoSeries(pair_label(pair, looks), reason_text(found, measures.window)))
        else:
            transfers.extend(found.value.transfers)
    if not measures.pairs:
        missing.append(NoSeries(say("desk.gaps_title"), say("desk.gaps_one_player")))
    if not transfers and not missing:
        missing.append(NoSeries(say("desk.gaps_title"), say("desk.gaps_none")))
    return _chart(measures, looks, sorted(transfers, key=lambda t: t.time_s), tuple(missing))


def _chart(
    measures: SessionMeasures,
    looks: Mapping[Seat, Look],
    transfers: list[FloorTransfer],
    missing: tuple[NoSeries, ...],
) -> Chart:
    said = [sentence for pair in measures.pairs for sentence in _pair_said(pair, looks, measures.window)]
    return Chart(
        key="gaps",
        title=say("desk.gaps_title"),
        unit=say("desk.gaps_unit"),
        basis=_basis(measures, looks, len(transfers)),
        limits=does_not_show("floor_transfers"),
        summary=" ".join((*said, *(f"{m.label}: {m.reason}." for m in missing))),
        table=_table(transfers, looks),
        points=tuple(Point(looks[t.taker], round(t.time_s, 3), round(t.offset_s, 3)) for t in transfers),
        missing=missing,
    )


def _basis(measures: SessionMeasures, looks: Mapping[Seat, Look], n: int) -> str:
    windows = [
        (pair_label(pair, looks), pair.floor_transfers.window)
        for pair in measures.pairs
        if isinstance(pair.floor_transfers, Measured)
    ]
    basis = say("desk.gaps_basis", n=n, window=window_text(measures.window), rule=_turn_rule(measures, looks))
    return basis + parts_text(windows, measures.window)


def _pair_said(pair: PairMeasures, looks: Mapping[Seat, Look], whole: Window) -> list[str]:
    ways: tuple[tuple[Seat, Seat, Measured[Transfers] | Void], ...] = (
        (pair.first, pair.second, pair.transfers_from_first),
        (pair.second, pair.first, pair.transfers_from_second),
    )
    return [_way_said(looks[giver].label, looks[taker].label, found, whole) for giver, taker, found in ways]


def _way_said(giver: str, taker: str, found: Measured[Transfers] | Void, whole: Window) -> str:
    if isinstance(found, Void):
        return say("desk.gaps_way_void", giver=giver, taker=taker, reason=reason_text(found, whole))
    value = found.value
    said = say(
        "desk.gaps_way",
        giver=giver,
        taker=taker,
        median=figure_text(value.median_s, 2),
        lower=figure_text(value.lower_quartile_s, 2),
        upper=figure_text(value.upper_quartile_s, 2),
        n=found.n,
    )
    return said + part_text(found.window, whole)


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
