"""What does the review page draw? All charts of one session, from one set of measures."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import Window
from mtsession.analysis.summary import SessionMeasures
from mtsession.charts.curves import density_chart, level_chart, tempo_chart
from mtsession.charts.gaps import gaps_chart
from mtsession.charts.looks import looks
from mtsession.charts.series import Chart
from mtsession.charts.shares import shares_chart
from mtsession.charts.turns import TurnBand, turn_bands
from mtsession.session import Session


@dataclass(frozen=True, slots=True)
class ReviewCharts:
    """The turns beneath the strip and the charts in their order; all rest on `window` and these rules."""

    session_id: str
    rules_version: str
    window: Window
    turns: tuple[TurnBand, ...]
    charts: tuple[Chart, ...]


def review_charts(session: Session, measures: SessionMeasures) -> ReviewCharts:
    """Who played, density, gaps between turns, tempo; then how hard the keys were struck."""
    seat_looks = looks(session.players)
    return ReviewCharts(
        session_id=session.id,
        rules_version=measures.rules_version,
        window=measures.window,
        turns=turn_bands(measures),
        charts=(
            shares_chart(measures, seat_looks),
            density_chart(measures, seat_looks),
            gaps_chart(measures, seat_looks),
            tempo_chart(measures, seat_looks),
            level_chart(measures, seat_looks),
        ),
    )
