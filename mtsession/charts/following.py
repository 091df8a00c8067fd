"""Who followed whom? Both directions of a pair against unrelated playing; of a group, a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mtsession.analysis.following import Following, Verdict
from mtsession.analysis.group import Cell, FollowingMatrix
from mtsession.analysis.result import Measured, Void
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.words import does_not_show
from mtsession.charts.dots import CORRELATION, Claim, Gone, dots_chart
from mtsession.charts.pairs import drawn_pairs
from mtsession.charts.series import Chart, Look, NoSeries, Table
from mtsession.charts.told import with_told
from mtsession.charts.words import part_text, reason_text, window_text
from mtsession.events import Seat
from mtsession.wording import say

GROUP = 3
"""From so many players on all directions are claimed at once, against the largest of all by chance."""

FIRST_FOLLOWS = frozenset({Verdict.FIRST_FOLLOWS, Verdict.MUTUAL})
SECOND_FOLLOWS = frozenset({Verdict.SECOND_FOLLOWS, Verdict.MUTUAL})


def following_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """The verdict of a pair with a dot each way, or the matrix of a group. Coefficients are drawn, never written."""
    if len(measures.players) >= GROUP:
        return _matrix_chart(measures, looks)
    chart = dots_chart("following", ("following",), measures, looks, lambda pair: _ways(pair, looks))
    return with_told(chart, (_verdict(pair, looks, measures) for pair in drawn_pairs(measures)))


def _ways(pair: PairMeasures, looks: Mapping[Seat, Look]) -> Sequence[Claim | Gone]:
    found = pair.following
    if isinstance(found, Void):
        return [Gone(say("desk.following_what"), found)]
    first, second = looks[pair.first].label, looks[pair.second].label
    value, verdict = found.value, found.value.verdict
    of_first, of_second = (
        say("desk.step_after", who=first, other=second),
        say("desk.step_after", who=second, other=first),
    )
    return [
        _way(found, of_first, value.correlation_behind, verdict in FIRST_FOLLOWS),
        Claim(
            say("desk.step_at_once"), value.correlation_at_once, CORRELATION, found.n, found.window,
            words=say("desk.step_no_claim"), is_figure=False,
        ),
        _way(found, of_second, value.correlation_ahead, verdict in SECOND_FOLLOWS),
    ]  # fmt: skip


def _way(found: Measured[Following], what: str, value: float, follows: bool) -> Claim:  # noqa: FBT001 — a finding
    words = say("desk.chance_above" if follows else "desk.chance_not_above") if found.band else ""
    return Claim(what, value, CORRELATION, found.n, found.window, found.band, words, is_figure=False)


def _verdict(pair: PairMeasures, looks: Mapping[Seat, Look], measures: SessionMeasures) -> str:
    found = pair.following
    if isinstance(found, Void) or found.value.verdict is None:
        return ""
    first, second = looks[pair.first].label, looks[pair.second].label
    follower, leader = (second, first) if found.value.verdict is Verdict.SECOND_FOLLOWS else (first, second)
    one_way = found.value.verdict in (Verdict.FIRST_FOLLOWS, Verdict.SECOND_FOLLOWS)
    key = "one" if one_way else found.value.verdict.value
    said = say(f"desk.following_{key}", follower=follower, leader=leader, n=found.n)
    return said + part_text(found.window, measures.window)


def _matrix_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    found, whole = measures.group.following, measures.window
    title, limits = say("desk.following_title"), does_not_show("following")
    if isinstance(found, Void):
        missing = (NoSeries(say("desk.following_everyone"), reason_text(found, whole)),)
        basis = say("desk.following_basis", window=window_text(whole))
        summary = f"{missing[0].label}: {missing[0].reason}."
        return Chart("following", title, "", basis, limits, summary, Table((), ()), missing=missing)
    return Chart(
        key="following",
        title=title,
        unit="",
        basis=_matrix_basis(found, measures),
        limits=limits,
        summary=_matrix_summary(found, looks),
        told=(_matrix_summary(found, looks),),
        table=_matrix(found.value.cells, [looks[player.seat] for player in measures.players]),
        table_drawn=True,
    )


def _matrix_basis(found: Measured[FollowingMatrix], measures: SessionMeasures) -> str:
    basis = say("desk.following_matrix_basis", window=window_text(measures.window), n=found.n)
    if found.band is not None:
        basis = f"{basis} {say('desk.matrix_made', surrogate=found.band.surrogate, n=found.band.n_surrogates)}"
    return basis + part_text(found.window, measures.window)


def _matrix_summary(found: Measured[FollowingMatrix], looks: Mapping[Seat, Look]) -> str:
    said = [
        say("desk.following_cell", follower=looks[cell.follower].label, leader=looks[cell.leader].label)
        for cell in found.value.cells
        if cell.follows
    ]
    return (
        say("desk.following_found", found=", ".join(said), n=found.n) if said else say("desk.following_none", n=found.n)
    )


def _matrix(cells: Sequence[Cell], players: Sequence[Look]) -> Table:
    """A row for each follower, a column for each whom they might follow."""
    by_seats = {(cell.follower, cell.leader): _cell(cell) for cell in cells}
    head = (say("desk.table_follows"), *(look.label for look in players))
    rows = ((row.label, *(by_seats.get((row.seat, column.seat), "") for column in players)) for row in players)
    return Table(head, tuple(rows))


def _cell(cell: Cell) -> str:
    if cell.follows is None:
        return say("desk.cell_untold")
    return say("desk.cell_follows" if cell.follows else "desk.cell_within")
