"""What was otherwise at the end of the session than at its start? Figures side by side, in a table."""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.analysis.change import Series, Thirds
from mtsession.analysis.change_words import IN_THE_NAME, TOLD, does_not_show_change, thirds_in_words
from mtsession.analysis.summary import SessionMeasures
from mtsession.charts.pairs import drawn_pairs
from mtsession.charts.series import Chart, Look, NoSeries, Table
from mtsession.charts.words import figure_text, window_text
from mtsession.events import Seat
from mtsession.wording import say

FEWEST = 2
"""A single third says nothing of change."""


def change_chart(thirds: Thirds, measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """Each figure in the first, the middle and the last third; where the set-up changed stands above them."""
    told = [series for series in thirds.series if _is_told(series, measures)]
    windows = tuple(window_text(window) for window in thirds.windows)
    missing = () if told else (NoSeries(say("desk.change_title"), say("desk.change_none")),)
    return Chart(
        key="change",
        title=say("desk.change_title"),
        unit="",
        basis=say("desk.change_basis", window=window_text(measures.window)),
        limits=does_not_show_change(),
        summary=say("desk.change_summary", first=windows[0], last=windows[-1]),
        table=Table((say("desk.table_what"), *windows), tuple(_row(series, looks) for series in told)),
        told=thirds_in_words(thirds)[: len(thirds.set_up)],
        missing=missing,
        table_drawn=True,
    )


def _is_told(series: Series, measures: SessionMeasures) -> bool:
    """Every player's, and of the pairs those that the other graphs draw."""
    drawn = {(pair.first, pair.second) for pair in drawn_pairs(measures)}
    of_group = series.measure in ("density", "pauses") and len(series.seats) > 1
    named = (series.measure, series.quantity) in TOLD and not of_group
    return named and len(series.known) >= FEWEST and (len(series.seats) == 1 or series.seats in drawn)


def _row(series: Series, looks: Mapping[Seat, Look]) -> tuple[str, ...]:
    name, decimals = TOLD[series.measure, series.quantity]
    labels = [looks[seat].label for seat in series.seats]
    what = say(f"analysis.change_{name}", **dict(zip(("first", "second"), labels, strict=False)))
    unit = f", {series.unit}" if series.unit and series.unit not in IN_THE_NAME else ""
    return (f"{', '.join(labels)}: {what}{unit}", *(figure_text(value, decimals) for value in series.values))
