"""Did two players rise and fall together, and did turns take up the turns before them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mtsession.analysis.curves import Curve
from mtsession.analysis.imitation import Imitation
from mtsession.analysis.matching import Matching
from mtsession.analysis.result import ChanceBand, Measured, Void
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.charts.dots import ALIKE, CORRELATION, Claim, Gone, dots_chart
from mtsession.charts.series import Chart, Look
from mtsession.charts.words import figure_text
from mtsession.events import Seat
from mtsession.wording import say


def matching_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """How far loudness, notes a second and register of two players went together, and who came first."""
    return dots_chart("matching", ("matching",), measures, looks, lambda pair: _matching(pair, looks))


def imitation_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """How like the other's turn before it a turn was, in rhythm and contour."""
    return dots_chart("imitation", ("imitation",), measures, looks, lambda pair: _imitation(pair, looks))


def _matching(pair: PairMeasures, looks: Mapping[Seat, Look]) -> Sequence[Claim | Gone]:
    found = pair.matching
    if isinstance(found, Void):
        return [Gone(say("desk.matching_what"), found)]
    band = _either_way(found.band)
    told: list[Claim | Gone] = [
        Claim(
            say(f"desk.curve_{curve.value}"), size, CORRELATION, found.n, found.window, band,
            _who_first(found.value, curve, size, band, (looks[pair.first].label, looks[pair.second].label)),
        )
        for curve, size in found.value.correlation.items()
    ]  # fmt: skip
    gone = [
        Gone(say(f"desk.curve_{curve.value}"), Void(reason, found.n, found.window))
        for curve, reason in found.value.void.items()
    ]
    return [*told, *gone]


def _either_way(band: ChanceBand | None) -> ChanceBand | None:
    """The band is that of the largest size of all curves: what is larger, up or down, lies beyond it."""
    return None if band is None else replace(band, low=-band.high)


def _who_first(value: Matching, curve: Curve, size: float, band: ChanceBand | None, who: tuple[str, str]) -> str:
    """Only of what lies beyond unrelated playing: the lag of a chance likeness says nothing."""
    lag_s = value.lag_s.get(curve)
    if band is None or lag_s is None or band.low <= size <= band.high:
        return ""
    if lag_s == 0:
        return say("desk.lag_none")
    return say("desk.lag_after", who=who[1] if lag_s > 0 else who[0], lag=figure_text(abs(lag_s), 1))


def _imitation(pair: PairMeasures, looks: Mapping[Seat, Look]) -> Sequence[Claim | Gone]:
    found = pair.imitation
    if isinstance(found, Void):
        return [Gone(say("desk.imitation_what"), found)]
    told: list[Claim | Gone] = [_taken_up(found, claim, looks) for claim in found.value.similarity]
    gone = [
        Gone(say(f"desk.aspect_{aspect.value}"), Void(reason, found.n, found.window))
        for aspect, reason in found.value.void.items()
    ]
    return [*told, *gone]


def _taken_up(found: Measured[Imitation], claim: str, looks: Mapping[Seat, Look]) -> Claim:
    seat, aspect = claim.rsplit(" ", 1)
    what = say("desk.answers_of", who=looks[Seat(seat)].label, aspect=say(f"desk.aspect_{aspect}"))
    value = found.value
    return Claim(what, value.similarity[claim], ALIKE, value.n_answers[claim], found.window, value.chance.get(claim))
