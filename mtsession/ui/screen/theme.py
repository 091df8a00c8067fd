"""Which colours and shapes does the glance screen use, and can everybody tell them apart?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Colour = NewType("Colour", str)
"""A colour as #RRGGBB."""


class Mark(StrEnum):
    """Shapes that tell the seats apart without colour, in the order of the seats."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    PENTAGON = "pentagon"
    TRIANGLE_DOWN = "triangle down"
    HEXAGON = "hexagon"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours. `seats` in the order of the seats, the same on every device.

    `filling` is what grows behind words, `notice` what only the technique uses: no seat has its colour.
    """

    background: Colour
    panel: Colour
    text: Colour
    quiet_text: Colour
    line: Colour
    filling: Colour
    notice: Colour
    seats: tuple[Colour, ...]


ORANGE, SKY_BLUE, GREEN = Colour("#E69F00"), Colour("#56B4E9"), Colour("#009E73")
YELLOW, BLUE, VERMILION, PURPLE = Colour("#F0E442"), Colour("#0072B2"), Colour("#D55E00"), Colour("#CC79A7")

DARK = Theme(
    background=Colour("#1E1E24"),
    panel=Colour("#2B2B33"),
    text=Colour("#F2EFE6"),
    quiet_text=Colour("#B9B5AA"),
    line=Colour("#7D7B78"),
    filling=Colour("#4A4A55"),
    notice=Colour("#FFA08C"),
    seats=(ORANGE, SKY_BLUE, GREEN, YELLOW, PURPLE, VERMILION, BLUE, Colour("#F2EFE6")),
)
"""Okabe & Ito's colours on the dark ground on which all seven pass 3:1 (care rules, §4)."""


def luminance(colour: str) -> float:
    """Relative luminance, 0–1 (WCAG 2.2)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1–21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
