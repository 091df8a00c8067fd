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
    """One graph with all the words around it. Where `lines`, `points` and `bars` are empty, `missing` says why.

    `basis` tells n and the window in words, `limits` is the "does not show…" line, `summary` is what is read out
    in place of the picture.
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
    missing: tuple[NoSeries, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: the reasons stand in its place."""
        return not (self.lines or self.points or self.bars)
