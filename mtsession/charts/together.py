"""Were two players together in time, and in tempo?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mtsession.analysis.result import Measured
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.tempo_lead import Moved
from mtsession.charts.dots import ALIKE, CHANGE, CORRELATION, SHARE, SPREAD, Claim, Gone, claim_of, dots_chart
from mtsession.charts.pairs import drawn_pairs
from mtsession.charts.series import Chart, Look
from mtsession.charts.told import with_told
from mtsession.charts.words import figure_text, part_text
from mtsession.events import Seat
from mtsession.wording import say


def togetherness_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """How many onsets met, how closely, how steadily each kept a place in the other's beat, and how that went on."""
    fields = ("asynchrony", "relative_phase", "asynchrony_trend")
    return dots_chart("togetherness", fields, measures, looks, _togetherness)


def tempo_match_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """How long two tempi were the same, and who came to the other's."""

    def told(pair: PairMeasures) -> str:
        return _who_moved(pair, looks, measures)

    chart = dots_chart("tempo_match", ("tempo_match", "tempo_lead"), measures, looks, _tempi)
    return with_told(chart, map(told, drawn_pairs(measures)))


def _togetherness(pair: PairMeasures) -> list[Claim | Gone]:
    # The band of togetherness is that of the share: a spread has none.
    spread = claim_of(pair.asynchrony, say("desk.onsets_spread"), SPREAD, lambda value: value.sd_s)
    trend = claim_of(pair.asynchrony_trend, say("desk.onsets_trend"), CHANGE, lambda value: value.change_s)
    return [
        claim_of(pair.asynchrony, say("desk.onsets_met"), SHARE, lambda value: value.share_matched),
        spread if isinstance(spread, Gone) else replace(spread, band=None),
        claim_of(pair.relative_phase, say("desk.place_in_beat"), ALIKE, lambda value: value.mean_resultant),
        trend if isinstance(trend, Gone) else replace(trend, against="order"),
    ]


def _tempi(pair: PairMeasures) -> list[Claim | Gone]:
    return [
        claim_of(pair.tempo_match, say("desk.tempo_same"), SHARE, lambda value: value.share_matched),
        claim_of(pair.tempo_lead, say("desk.tempo_alike"), CORRELATION, lambda value: value.correlation),
    ]


def _who_moved(pair: PairMeasures, looks: Mapping[Seat, Look], measures: SessionMeasures) -> str:
    found = pair.tempo_lead
    if not isinstance(found, Measured) or found.value.moved is None:
        return ""
    first, second = looks[pair.first].label, looks[pair.second].label
    came, to = (second, first) if found.value.moved is Moved.SECOND else (first, second)
    key = "one" if found.value.moved in (Moved.FIRST, Moved.SECOND) else found.value.moved.value
    lag = figure_text(abs(found.value.lag_s), 0)
    said = say(f"desk.tempo_moved_{key}", came=came, to=to, lag=lag, windows=say("desk.n_windows", n=found.n))
    return said + part_text(found.window, measures.window)
