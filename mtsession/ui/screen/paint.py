"""How do the shapes of the glance screen become light? pygame, display and font only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pygame

from mtsession.ui.screen.shapes import Area, Outline, Shape, Words

LEAST_TEXT_PX = 10
LINES_KEPT = 256


class Painter:
    """Draws shapes on surfaces; keeps the lines of text it has made. Made after pygame's fonts, gone before them."""

    def __init__(self) -> None:
        # Caches of this painter, not of the module: a font that outlives `pygame.font.quit` crashes the interpreter.
        self._font = lru_cache(maxsize=None)(load_font)
        self._line = lru_cache(maxsize=LINES_KEPT)(self._make_line)

    def paint(self, surface: pygame.Surface, shapes: Iterable[Shape]) -> None:
        """Draw the shapes in their order."""
        for shape in shapes:
            match shape:
                case Area():
                    paint_area(surface, shape)
                case Outline():
                    pygame.draw.polygon(surface, shape.colour, shape.points, round(shape.outline_px))
                case Words():
                    self._words(surface, shape)

    def _words(self, surface: pygame.Surface, words: Words) -> None:
        line = self._line(words.text, round(words.size_px), words.colour, int(words.box.width))
        x = words.box.x + (words.box.width - line.get_width()) * words.align
        surface.blit(line, (round(x), round(words.box.centre[1] - line.get_height() / 2)))

    def _make_line(self, text: str, size_px: int, colour: str, width: int) -> pygame.Surface:
        """The text as an image, in the largest size up to the wanted one that fits the width."""
        while (font := self._font(size_px)).size(text)[0] > width and size_px > LEAST_TEXT_PX:
            size_px -= 1
        return font.render(text, True, colour)  # noqa: FBT003 - pygame takes no keywords here


def paint_area(surface: pygame.Surface, area: Area) -> None:
    """A rectangle, at least one pixel each way."""
    box = area.box
    left, top = round(box.x), round(box.y)
    size = max(1, round(box.x + box.width) - left), max(1, round(box.y + box.height) - top)
    outline = max(1, round(area.outline_px)) if area.outline_px else 0
    pygame.draw.rect(surface, area.colour, (left, top, *size), outline, border_radius=round(area.radius_px))


def load_font(size_px: int) -> pygame.font.Font:
    """The font that comes with pygame: the same on every machine."""
    return pygame.font.Font(None, size_px)
