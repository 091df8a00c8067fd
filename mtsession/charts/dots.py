"""Which figures lie beyond what unrelated playing gives? One dot a figure, beside its chance band."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mtsession.analysis.result import ChanceBand, Measured, Void, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.words import does_not_show
from mtsession.charts.pairs import drawn_pairs, pair_label
from mtsession.charts.series import Chart, Dot, Look, NoSeries, Table
from mtsession.charts.words import figure_text, parts_text, reason_text, share_text, window_text
from mtsession.events import Seat
from mtsession.wording import say

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where figures are drawn, and how one is written."""

    start: float
    end: float
    text: Callable[[float], str]


def _hundredths(value: float) -> str:
    return figure_text(value, 2)


def _milliseconds(value_s: float) -> str:
    return say("desk.ms", ms=figure_text(1000.0 * value_s, 0))


SHARE = Scale(0.0, 1.0, share_text)
ALIKE = Scale(0.0, 1.0, _hundredths)
CORRELATION = Scale(-1.0, 1.0, _hundredths)
SPREAD = Scale(0.0, 0.12, _milliseconds)
CHANGE = Scale(-0.12, 0.12, _milliseconds)
"""Onsets meet within 120 ms: neither a spread nor its change is larger."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure of a pair; `band` None where nothing was made to compare it with."""

    what: str
    value: float
    scale: Scale
    n: int
    window: Window
    band: ChanceBand | None = None
    words: str = ""
    """What is said after the figure."""
    against: str = "chance"
    """What the band is of: "chance" is unrelated playing, "order" the same in another order."""
    is_figure: bool = True
    """False where the figure itself is for research only: its place is drawn, and only words are written."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A figure that a pair has not, and why."""

    what: str
    void: Void


def claim_of(
    found: Measured[V] | Void,
    what: str,
    scale: Scale,
    value: Callable[[V], float],
    words: Callable[[V], str] | None = None,
) -> Claim | Gone:
    """What a measure comes to, by one number of its value."""
    if isinstance(found, Void):
        return Gone(what, found)
    said = words(found.value) if words else ""
    return Claim(what, value(found.value), scale, found.n, found.window, found.band, said)


def dots_chart(
    key: str,
    fields: Sequence[str],
    measures: SessionMeasures,
    looks: Mapping[Seat, Look],
    of_pair: Callable[[PairMeasures], Sequence[Claim | Gone]],
) -> Chart:
    """A dot for each figure of each pair; `fields` are the measures that it rests on, by their names in the summary."""
    drawn = drawn_pairs(measures)
    whole = measures.window
    everything = [(pair, each) for pair in measures.pairs for each in of_pair(pair)]
    named = [(_label(pair, each.what, measures, looks), pair, each) for pair, each in everything]
    claims = [(label, each) for label, pair, each in named if isinstance(each, Claim) and pair in drawn]
    dots = tuple(_dot(label, claim) for label, claim in claims)
    missing = _missing(
        [(pair, each) for pair, each in everything if isinstance(each, Gone) and pair in drawn], measures, looks
    )
    if not measures.pairs:
        missing = (NoSeries(say(f"desk.{key}_title"), say("desk.gaps_one_player")),)
    said = (*(f"{dot.label}: {dot.said}." for dot in dots), *(f"{m.label}: {m.reason}." for m in missing))
    return Chart(
        key=key,
        title=say(f"desk.{key}_title"),
        unit="",
        basis=_basis(key, claims, measures),
        limits=limits_of(fields),
        summary=" ".join(said),
        table=_table([(label, each) for label, _, each in named], whole),
        dots=dots,
        missing=missing,
    )


def limits_of(fields: Sequence[str]) -> str:
    """What several measures do not show, each said once."""
    return " ".join(dict.fromkeys(does_not_show(field) for field in fields))


def _chance_made(bands: Sequence[ChanceBand]) -> str:
    """What the grey bands are made of, and how often."""
    surrogates = "; ".join(dict.fromkeys(band.surrogate for band in bands))
    return say("desk.chance_made", surrogate=surrogates, n=bands[0].n_surrogates)


def _place(claim: Claim) -> str:
    """Where a figure lies against its band, in words; empty without a band."""
    if claim.band is None:
        return ""
    where = "above" if claim.value > claim.band.high else "below" if claim.value < claim.band.low else "within"
    return say(f"desk.{claim.against}_{where}")


def _label(pair: PairMeasures, what: str, measures: SessionMeasures, looks: Mapping[Seat, Look]) -> str:
    if len(measures.pairs) == 1:
        return what[:1].upper() + what[1:]
    return f"{pair_label(pair, looks)}: {what}"


def _dot(label: str, claim: Claim) -> Dot:
    scale = claim.scale
    band = None if claim.band is None else (claim.band.low, claim.band.high)
    ends = (scale.text(scale.start), scale.text(scale.end)) if claim.is_figure else ("", "")
    return Dot(label, claim.value, band, (scale.start, scale.end), ends, _said(claim))


def _said(claim: Claim) -> str:
    figure = claim.scale.text(claim.value) if claim.is_figure else ""
    place = _place(claim) if claim.is_figure else ""
    parts = (figure, claim.words, place, say("desk.n", n=claim.n))
    return ", ".join(part for part in parts if part)


def _basis(key: str, claims: Sequence[tuple[str, Claim]], measures: SessionMeasures) -> str:
    bands = [claim.band for _, claim in claims if claim.band is not None]
    made = [_chance_made(bands)] if bands else []
    several = [say("desk.chance_pairs")] if len(measures.pairs) > 1 and made else []
    rest = [say("desk.pairs_left", n=len(measures.pairs))] if len(drawn_pairs(measures)) < len(measures.pairs) else []
    said = " ".join((say(f"desk.{key}_basis", window=window_text(measures.window)), *made, *several, *rest))
    windows = [(label, claim.window) for label, claim in claims]
    return said + parts_text(windows, measures.window)


def _missing(
    gone: Sequence[tuple[PairMeasures, Gone]], measures: SessionMeasures, looks: Mapping[Seat, Look]
) -> tuple[NoSeries, ...]:
    """One line for each pair and reason, with all that it takes away."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for pair, each in gone:
        who = "" if len(measures.pairs) == 1 else f"{pair_label(pair, looks)}: "
        by_reason.setdefault((who, reason_text(each.void, measures.window)), []).append(each.what)
    return tuple(
        NoSeries(who + _listed(names, upper_first=not who), reason) for (who, reason), names in by_reason.items()
    )


def _listed(names: Sequence[str], *, upper_first: bool) -> str:
    listed = ", ".join(dict.fromkeys(names))
    return listed[:1].upper() + listed[1:] if upper_first else listed


def _table(named: Sequence[tuple[str, Claim | Gone]], whole: Window) -> Table:
    head = tuple(say(f"desk.table_{name}") for name in ("what", "figure", "chance", "n", "measured_in"))
    return Table(head, tuple(_row(label, each, whole) for label, each in named))


def _row(label: str, each: Claim | Gone, whole: Window) -> tuple[str, ...]:
    if isinstance(each, Gone):
        return (label, reason_text(each.void, whole), "–", str(each.void.n), window_text(each.void.window))
    figure = each.scale.text(each.value) if each.is_figure else ""
    shown = ", ".join(part for part in (figure, each.words) if part)
    return (label, shown, _band_text(each), str(each.n), window_text(each.window))


def _band_text(claim: Claim) -> str:
    if claim.band is None or not claim.is_figure:
        return "–"
    low, high = claim.scale.text(claim.band.low), claim.scale.text(claim.band.high)
    return say("desk.chance_range", low=low, high=high)
