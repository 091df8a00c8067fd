"""What does the review page draw? All charts of one session, from one set of measures."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.change import Thirds
from mtsession.analysis.result import Window
from mtsession.analysis.summary import SessionMeasures
from mtsession.charts.change import change_chart
from mtsession.charts.curves import density_chart, level_chart, tempo_chart
from mtsession.charts.following import following_chart
from mtsession.charts.gaps import gaps_chart
from mtsession.charts.likeness import imitation_chart, matching_chart
from mtsession.charts.looks import looks
from mtsession.charts.series import Chart
from mtsession.charts.shares import shares_chart
from mtsession.charts.together import tempo_match_chart, togetherness_chart
from mtsession.charts.turns import TurnBand, turn_bands
from mtsession.session import Session


@dataclass(frozen=True, slots=True)
class ReviewCharts:
    """The turns beneath the strip, the charts shown first and those behind "more".

    Each says where it does not rest on all of `window`.
    """

    session_id: str
    rules_version: str
    window: Window
    turns: tuple[TurnBand, ...]
    charts: tuple[Chart, ...]
    more: tuple[Chart, ...]


def review_charts(session: Session, measures: SessionMeasures, thirds: Thirds) -> ReviewCharts:
    """First who played, density, gaps between turns, tempo; the rest is there for those who ask."""
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
        ),
        more=(
            togetherness_chart(measures, seat_looks),
            tempo_match_chart(measures, seat_looks),
            following_chart(measures, seat_looks),
            matching_chart(measures, seat_looks),
            imitation_chart(measures, seat_looks),
            level_chart(measures, seat_looks),
            change_chart(thirds, measures, seat_looks),
        ),
    )
