"""Does the glance screen show seven things, in reach and in words that everybody may read?"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.events import Seat
from mtsession.live.state import LiveState
from mtsession.ui.screen.controls import Press
from mtsession.ui.screen.draw import (
    Layout,
    View,
    buttons,
    clock_text,
    key_text,
    message_text,
    picture,
    pressed,
    seat_text,
    settled_db,
    stretches,
)
from mtsession.ui.screen.shapes import Area, Outline, Words
from mtsession.ui.screen.theme import DARK
from mtsession.wording import banned_words_in, catalogue
from tests.ui.screen.example_states import CLIENT, THERAPIST, eight_seats, hit, live_state

SIZES = [(1366, 768), (1920, 1080), (800, 480), (1280, 800), (1024, 768)]


def words_of(state: LiveState, size: tuple[int, int] = (1366, 768), **view: object) -> list[str]:
    shown = picture(View(state, "Open keys", **view), Layout(*size), DARK)  # type: ignore[arg-type]
    return [shape.text for shape in shown if isinstance(shape, Words)]


def test_the_clock_the_level_the_key_the_palette_the_seats_and_the_marks_are_said_in_words() -> None:
    said = words_of(live_state(marks_s=(180.0, 181.0), key="F#"))
    for expected in ("3:07", "−18 dB", "F sharp", "Open keys", "Client", "Therapist", "2 marks"):
        assert expected in said


@pytest.mark.parametrize("recording", [True, False])
def test_the_consent_strip_says_whether_audio_is_recorded_and_shows_it_by_shape(recording: bool) -> None:
    shown = picture(View(live_state(recording_audio=recording), ""), Layout(1366, 768), DARK)
    (said,) = [s for s in shown if isinstance(s, Words) and "Microphone" in s.text]
    (dot,) = [s for s in shown if isinstance(s, Outline) and abs(s.points[0][1] - said.box.centre[1]) < 1]
    assert ("not" not in said.text) is recording
    assert (dot.outline_px == 0) is recording


def test_a_seat_whose_input_is_gone_is_hollow_and_said_not_to_be_connected() -> None:
    state = live_state()
    seats = (replace(state.seats[0], alive=False), state.seats[1])
    shown = picture(View(replace(state, seats=seats), ""), Layout(1366, 768), DARK)
    hollow = [s for s in shown if isinstance(s, Outline) and s.colour == DARK.seats[0] and s.outline_px]
    assert len(hollow) == 1
    assert "not connected" in [s.text for s in shown if isinstance(s, Words)]


def test_the_seats_of_a_group_differ_in_shape_and_in_colour() -> None:
    shown = picture(View(live_state(seats=eight_seats()), ""), Layout(1366, 768), DARK)
    marks = [s for s in shown if isinstance(s, Outline) and s.colour in DARK.seats]
    relative = {tuple((round(x - s.points[0][0], 3), round(y - s.points[0][1], 3)) for x, y in s.points) for s in marks}
    assert len({s.colour for s in marks}) == 8
    assert len(relative) == 8


def test_notes_a_second_apart_are_one_stretch_and_longer_silences_part_them() -> None:
    notes = [hit(CLIENT, 10.0), hit(CLIENT, 11.0), hit(CLIENT, 12.2)]
    assert stretches(notes, now_s=20.0) == [(10.0, 11.0 + 0.1), (12.2, 12.2 + 0.1)]


def test_a_held_note_reaches_to_now() -> None:
    assert stretches([hit(CLIENT, 10.0, None)], now_s=20.0) == [(10.0, 20.0)]


def test_what_ended_more_than_a_minute_ago_is_not_shown() -> None:
    assert stretches([hit(CLIENT, 10.0)], now_s=71.0) == []


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0.01, 5)), max_size=60))
def test_stretches_are_apart_in_order_and_hold_every_note_of_the_last_minute(spans: list[tuple[float, float]]) -> None:
    notes = [hit(CLIENT, onset, length) for onset, length in spans if onset + length <= 90]
    found = stretches(notes, now_s=90.0)
    assert all(following[0] - before[1] > 1.0 for before, following in itertools.pairwise(found))
    for note in notes:
        if (note.end_s or 90.0) > 30.0:
            assert any(start <= note.onset_s <= (note.end_s or 90.0) <= end for start, end in found)


def test_what_was_played_lies_in_its_seats_lane_at_its_time() -> None:
    layout = Layout(1366, 768)
    state = live_state(recent=(hit(THERAPIST, 187.3 - 30.0, 10.0),))
    (bar,) = [s for s in picture(View(state, ""), layout, DARK) if isinstance(s, Area) and s.colour == DARK.seats[1]]
    assert bar.box.x == pytest.approx(layout.time_x(30.0))
    assert bar.box.x + bar.box.width == pytest.approx(layout.time_x(20.0))
    assert bar.box.y > layout.lanes.centre[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("silent", [True, False])
def test_every_button_is_at_least_44_pixels_each_way_on_the_screen_and_found_by_touch(
    size: tuple[int, int], silent: bool
) -> None:
    layout = Layout(*size)
    for press, box in buttons(layout, silent=silent):
        assert min(box.width, box.height) >= 44
        assert box.x >= 0
        assert box.x + box.width <= size[0]
        assert box.y + box.height <= size[1]
        assert pressed(layout, *box.centre, silent=silent) is press
    assert pressed(layout, 5, 5, silent=silent) is None


def test_resume_stands_in_the_place_of_fade_when_it_is_silent() -> None:
    layout = Layout(1366, 768)
    sounding, silent = dict(buttons(layout, silent=False)), dict(buttons(layout, silent=True))
    assert silent[Press.RESUME] == sounding[Press.FADE]
    assert Press.RESUME not in sounding


@pytest.mark.parametrize("size", SIZES)
def test_every_shape_lies_on_the_screen(size: tuple[int, int]) -> None:
    notes = tuple(hit(Seat(f"client-{n}"), 100.0 + n * 9, 8.0) for n in range(1, 8))
    state = live_state(seats=eight_seats(), recent=notes, marks_s=(130.0, 187.3), message="unplugged")
    for shape in picture(View(state, "Open keys", meter_db=0.0, stop_share=1.0), Layout(*size), DARK):
        corners = shape.points if isinstance(shape, Outline) else [(shape.box.x, shape.box.y)]
        if not isinstance(shape, Outline):
            corners = [*corners, (shape.box.x + shape.box.width, shape.box.y + shape.box.height)]
        assert all(-1 <= x <= size[0] + 1 and -1 <= y <= size[1] + 1 for x, y in corners), shape


def test_the_gravest_technical_message_is_the_one_that_is_shown() -> None:
    state = live_state(message="keyboard unplugged")
    assert message_text(View(state, "")) == "keyboard unplugged"
    assert "sound is lost" in message_text(View(replace(state, audio_alive=False), ""))
    assert "engine" in message_text(View(replace(state, audio_alive=False), "", engine_lost=True))
    assert message_text(View(live_state(), "")) == ""


@pytest.mark.parametrize(("time_s", "text"), [(-1, "0:00"), (0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3690, "61:30")])
def test_the_clock_counts_minutes_and_seconds(time_s: float, text: str) -> None:
    assert clock_text(time_s) == text


@pytest.mark.parametrize(
    ("key", "text"), [("C", "C"), ("F#", "F sharp"), ("Bb", "B flat"), ("E♭", "E flat"), ("b", "b")]
)
def test_keys_are_written_in_letters_that_every_font_has(key: str, text: str) -> None:
    assert key_text(key) == text


def test_a_seat_is_named_in_words() -> None:
    assert seat_text(Seat("client-2")) == "Client 2"


def test_the_meter_rises_at_once_and_falls_slowly() -> None:
    assert settled_db(-40.0, -12.0, 0.05) == -12.0
    assert settled_db(-12.0, -60.0, 0.5) == pytest.approx(-16.0)
    assert settled_db(-58.0, -90.0, 10.0) == -60.0


def test_no_text_of_the_screen_interprets() -> None:
    for text in catalogue("screen").values():
        for form in [text] if isinstance(text, str) else text.values():
            assert banned_words_in(form) == ()
