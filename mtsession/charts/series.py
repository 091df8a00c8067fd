"""What is a chart made of? Lines, points and spans with their words, and a table that says the same."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.events import Seat


@dataclass(frozen=True, slots=True)
class Look:
    """How one seat is told from the others everywhere: colour, shape and words together, never colour alone."""

    seat: Seat
    label: str
    colour: str
    """A name that the style sheets know: "orange", "blue", "green", "purple", "vermilion"."""
    shape: str
    """"circle", "square", "triangle", "diamond", "cross"."""


@dataclass(frozen=True, slots=True)
class Line:
    """One player's curve; `values` None where nothing can be said, and the line is broken there."""

    look: Look
    times_s: tuple[float, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that happened at a moment, drawn with its player's shape."""

    look: Look
    time_s: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a whole, 0–1; `look` None is a part that belongs to no single player."""

    label: str
    share: float
    look: Look | None
    fill: str
    """How the part is filled: a colour's name, "both" (striped in both colours) or "neither"."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure on a scale of its own, beside what unrelated playing gives."""

    label: str
    value: float
    band: tuple[float, float] | None
    """Where 95 in 100 of unrelated playing lies; None where nothing was made to compare with."""
    scale: tuple[float, float]
    ends: tuple[str, str]
    """What is written at the two ends of the scale."""
    said: str
    """The figure with its n, and where it lies, in words."""


@dataclass(frozen=True, slots=True)
class NoSeries:
    """What stands in place of a curve that cannot be drawn, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The chart's twin: every figure of it as text, rounded as it is said."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One graph with all the words around it. Where nothing can be drawn, `missing` says why.

    `basis` tells n and the window in words, `limits` is the "does not show…" line, `summary` is what is read out
    in place of the picture, `told` is what the figures come to, in sentences. `bars` are parts of one whole, `amounts`
    one share for each. Where `table_drawn`, the table is the picture.
    """

    key: str
    title: str
    unit: str
    basis: str
    limits: str
    summary: str
    table: Table
    lines: tuple[Line, ...] = ()
    points: tuple[Point, ...] = ()
    bars: tuple[Bar, ...] = ()
    amounts: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    told: tuple[str, ...] = ()
    missing: tuple[NoSeries, ...] = ()
    table_drawn: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: the reasons stand in its place."""
        drawn = self.lines or self.points or self.bars or self.amounts or self.dots
        return not (drawn or (self.table_drawn and self.table.rows))
