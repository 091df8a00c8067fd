"""Can the colours be read, and the seats be told apart?"""

from __future__ import annotations

import itertools

import pytest

from mtsession.ui.screen.theme import BLUE, DARK, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW, contrast

OKABE_ITO = {ORANGE, SKY_BLUE, GREEN, YELLOW, BLUE, VERMILION, PURPLE}


def test_contrast_is_that_of_the_published_examples() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("ground", [DARK.background, DARK.panel, DARK.filling])
def test_words_have_a_contrast_of_at_least_4_5_on_every_ground(ground: str) -> None:
    assert contrast(DARK.text, ground) >= 4.5
    assert contrast(DARK.quiet_text, ground) >= (4.5 if ground != DARK.filling else 3.0)


def test_notices_are_words_too() -> None:
    assert contrast(DARK.notice, DARK.background) >= 4.5


@pytest.mark.parametrize("colour", [*DARK.seats, DARK.line])
def test_shapes_have_a_contrast_of_at_least_3_on_the_background(colour: str) -> None:
    assert contrast(colour, DARK.background) >= 3.0


def test_the_seats_have_okabe_and_itos_colours_and_one_more() -> None:
    assert set(DARK.seats) >= OKABE_ITO
    assert len(set(DARK.seats)) == 8


def test_what_the_technique_says_has_a_colour_that_no_seat_has() -> None:
    assert DARK.notice not in DARK.seats


def test_nothing_is_pure_black_on_pure_white() -> None:
    colours = {DARK.background, DARK.panel, DARK.text, *DARK.seats}
    assert not colours & {"#000000", "#FFFFFF"}


def test_no_colour_is_a_saturated_red() -> None:
    """WCAG 2.3.1: red at least 80 % of the sum of the channels."""
    for colour in (*DARK.seats, DARK.notice, DARK.text, DARK.line):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert red / (red + green + blue) < 0.8


def test_two_neighbouring_seats_differ_in_colour() -> None:
    assert all(one != other for one, other in itertools.pairwise(DARK.seats))
