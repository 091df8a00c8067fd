"""What can stand on the glance screen? Plain values in pixels, which a painter turns into light."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from mtsession.ui.screen.theme import Colour, Mark

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def narrower(self, by: float) -> Box:
        """Less wide by so much on each side."""
        return Box(self.x + by, self.y, self.width - 2 * by, self.height)

    def inset(self, by: float) -> Box:
        """Smaller by so much on each side."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True, slots=True)
class Area:
    """A filled or (with `outline_px`) outlined rectangle."""

    box: Box
    colour: Colour
    radius_px: float = 0.0
    outline_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A polygon or near-circle, filled or (with `outline_px`) outlined."""

    points: tuple[Point, ...]
    colour: Colour
    outline_px: float = 0.0


class Align:
    """Where a text stands in its box."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text, centred vertically in its box and made smaller where it would not fit."""

    text: str
    box: Box
    size_px: float
    colour: Colour
    align: float = Align.LEFT


Shape: TypeAlias = Area | Outline | Words

_CORNERS = {
    Mark.CIRCLE: (36, 0.0),
    Mark.SQUARE: (4, 45.0),
    Mark.TRIANGLE: (3, -90.0),
    Mark.DIAMOND: (4, 0.0),
    Mark.PENTAGON: (5, -90.0),
    Mark.TRIANGLE_DOWN: (3, 90.0),
    Mark.HEXAGON: (6, 0.0),
}
"""Number of corners, and where the first one points, in degrees."""


def mark_points(mark: Mark, centre: Point, radius: float) -> tuple[Point, ...]:
    """The corners of a seat's shape."""
    if mark is Mark.CROSS:
        return _cross(centre, radius)
    n, first = _CORNERS[mark]
    angles = (math.radians(first + 360 * k / n) for k in range(n))
    return tuple((centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles)


def _cross(centre: Point, radius: float) -> tuple[Point, ...]:
    arm = radius * 0.36
    turns = ((arm, -radius), (arm, -arm), (radius, -arm))
    quarter = [*turns]
    corners: list[Point] = []
    for _ in range(4):
        corners += quarter
        quarter = [(-y, x) for x, y in quarter]
    return tuple((centre[0] + x, centre[1] + y) for x, y in corners)
