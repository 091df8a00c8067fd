"""How did density, tempo and key velocity go through the session? One curve a player, broken where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mtsession.analysis.density import Density
from mtsession.analysis.loudness import Level
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.summary import PlayerMeasures, SessionMeasures
from mtsession.analysis.tempo import TempoCurve
from mtsession.analysis.words import does_not_show
from mtsession.charts.series import Chart, Line, Look, NoSeries, Table
from mtsession.charts.words import clock_text, figure_text, part_text, parts_text, reason_text, window_text
from mtsession.events import Seat
from mtsession.wording import say

V = TypeVar("V")

TABLE_ROWS = 40
"""A table that can be read: about as many rows as this, however long the session."""


@dataclass(frozen=True, slots=True)
class _Curve:
    """One player's measure as a curve, with what it says in words."""

    line: Line
    said: str
    window: Window


def density_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """Notes per second of each player, 5 s windows every second."""

    def curve(found: Measured[Density], look: Look) -> _Curve:
        value = found.value
        said = say(
            "desk.density_said",
            who=look.label,
            mean=figure_text(value.mean_per_s),
            peak=figure_text(value.peak_per_s),
            at=clock_text(value.peak_at_s),
            notes=say("desk.n_notes", n=found.n),
        )
        return _Curve(Line(look, value.times_s, _rounded(value.per_s, 2)), said, found.window)

    return _curves_chart("density", measures, looks, lambda player: player.density, curve)


def tempo_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """Tempo of each player in 10 s windows, with gaps where there was no steady pulse."""

    def curve(found: Measured[TempoCurve], look: Look) -> _Curve:
        value = found.value
        said = say(
            "desk.tempo_said",
            who=look.label,
            median=figure_text(value.median_bpm, 0),
            share=figure_text(100 * value.share_stated, 0),
            windows=say("desk.n_windows", n=found.n),
        )
        return _Curve(Line(look, value.times_s, _rounded(value.bpm, 1)), said, found.window)

    return _curves_chart("tempo", measures, looks, lambda player: player.tempo, curve)


def level_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """How hard the keys were struck: mean velocity of each player in 6 s windows."""

    def curve(found: Measured[Level], look: Look) -> _Curve:
        value = found.value
        said = say(
            "desk.level_said",
            who=look.label,
            median=figure_text(value.median_velocity, 0),
            lower=figure_text(value.lower_quartile_velocity, 0),
            upper=figure_text(value.upper_quartile_velocity, 0),
            notes=say("desk.n_notes", n=found.n),
        )
        return _Curve(Line(look, value.times_s, _rounded(value.mean_velocity, 0)), said, found.window)

    return _curves_chart("level", measures, looks, lambda player: player.level, curve)


def _curves_chart(
    key: str,
    measures: SessionMeasures,
    looks: Mapping[Seat, Look],
    of: Callable[[PlayerMeasures], Measured[V] | Void],
    curve: Callable[[Measured[V], Look], _Curve],
) -> Chart:
    curves: list[_Curve] = []
    missing: list[NoSeries] = []
    for player in measures.players:
        look, found = looks[player.seat], of(player)
        if isinstance(found, Void):
            missing.append(NoSeries(look.label, reason_text(found, measures.window)))
        else:
            curves.append(curve(found, look))
    lines = tuple(each.line for each in curves)
    said = (each.said + part_text(each.window, measures.window) for each in curves)
    summary = " ".join((*said, *(f"{m.label}: {m.reason}." for m in missing)))
    return Chart(
        key=key,
        title=say(f"desk.{key}_title"),
        unit=say(f"desk.{key}_unit"),
        basis=_basis(key, curves, measures.window),
        limits=does_not_show(key),
        summary=summary,
        table=_curves_table(lines, measures.window, decimals=1 if key == "density" else 0),
        lines=lines,
        missing=tuple(missing),
    )


def _basis(key: str, curves: list[_Curve], whole: Window) -> str:
    windows = [(each.line.look.label, each.window) for each in curves]
    return say(f"desk.{key}_basis", window=window_text(whole)) + parts_text(windows, whole)


def _curves_table(lines: tuple[Line, ...], window: Window, *, decimals: int) -> Table:
    """One row every few seconds: the value of each curve nearest to that moment."""
    head = (say("desk.table_time"), *(line.look.label for line in lines))
    if not lines:
        return Table(head, ())
    step_s = max(1, round(window.length_s / TABLE_ROWS))
    by_time = [dict(zip(line.times_s, line.values, strict=True)) for line in lines]
    times_s = sorted({time_s for values in by_time for time_s in values})[::step_s]
    rows = tuple(
        (clock_text(time_s), *(figure_text(values.get(time_s), decimals) for values in by_time)) for time_s in times_s
    )
    return Table(head, rows)


def _rounded(values: Sequence[float | None], decimals: int) -> tuple[float | None, ...]:
    return tuple(None if value is None else round(value, decimals) for value in values)
