"""Do keys and touches reach the engine at once, and does the window show the newest state?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, Queue

import pygame
import pytest

from mtsession.events import Action, Control, Mark
from mtsession.ui.screen.controls import Press
from mtsession.ui.screen.draw import Layout, buttons
from mtsession.ui.screen.inbox import Inbox
from mtsession.ui.screen.loop import FIRST_SIZE, GlanceLoop, wake
from mtsession.ui.screen.theme import DARK
from tests.ui.screen.example_states import hit, live_state

WITHIN_S = 5.0


class Screen:
    """The loop in a thread, and what it sent."""

    def __init__(self) -> None:
        pygame.display.init()
        pygame.font.init()
        self.sent: Queue[Control | Mark] = Queue()
        self.inbox = Inbox(wake)
        self.loop = GlanceLoop(self.inbox, self.sent.put, {"open-keys": "Open keys"})
        self.thread = threading.Thread(target=self.loop.run)

    def next(self) -> Control | Mark:
        return self.sent.get(timeout=WITHIN_S)

    def close(self) -> None:
        self.inbox.close()
        self.thread.join(WITHIN_S)
        pygame.quit()


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A running loop that has one state."""
    running = Screen()
    running.inbox.put(live_state())
    running.thread.start()
    yield running
    running.close()


def press_key(key: int, kind: int = pygame.KEYDOWN) -> None:
    pygame.event.post(pygame.event.Event(kind, key=key, mod=0, unicode=""))


def centre_of(press: Press) -> tuple[float, float]:
    return dict(buttons(Layout(*FIRST_SIZE), silent=False))[press].centre


def test_a_key_is_sent_with_the_session_clock_of_its_moment(screen: Screen) -> None:
    press_key(pygame.K_m)
    sent = screen.next()
    assert isinstance(sent, Mark)
    assert sent.time_s == pytest.approx(187.3, abs=WITHIN_S)
    assert sent.time_s >= 187.3


def test_a_finger_on_a_button_is_sent_once_though_it_also_comes_as_a_mouse(screen: Screen) -> None:
    x, y = centre_of(Press.PANIC)
    at = {"touch_id": 1, "finger_id": 0, "x": x / FIRST_SIZE[0], "y": y / FIRST_SIZE[1], "dx": 0.0, "dy": 0.0}
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, at))
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(x, y), button=1, touch=True))
    press_key(pygame.K_m)
    first, second = screen.next(), screen.next()
    assert isinstance(first, Control)
    assert first.action is Action.PANIC
    assert isinstance(second, Mark)


def test_a_mouse_on_a_button_is_sent(screen: Screen) -> None:
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=centre_of(Press.FADE), button=1, touch=False))
    sent = screen.next()
    assert isinstance(sent, Control)
    assert sent.action is Action.FADE


def test_escape_held_for_a_second_stops_and_a_short_press_does_not(screen: Screen) -> None:
    press_key(pygame.K_ESCAPE)
    press_key(pygame.K_ESCAPE, pygame.KEYUP)
    press_key(pygame.K_ESCAPE)
    with pytest.raises(Empty):
        screen.sent.get(timeout=0.5)
    sent = screen.next()
    assert isinstance(sent, Control)
    assert sent.action is Action.STOP


def test_the_window_closed_by_hand_ends_the_loop_and_stops_nothing(screen: Screen) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    screen.thread.join(WITHIN_S)
    assert not screen.thread.is_alive()
    assert screen.sent.empty()


def test_the_newest_state_is_on_the_window() -> None:
    running = Screen()
    try:
        running.inbox.put(live_state(recent=(hit(live_state().seats[0].seat, 150.0, 20.0),)))
        running.thread.start()
        layout = Layout(*FIRST_SIZE)
        at = (round(layout.time_x(30.0)), round(layout.lanes.y + layout.lanes.height / 4))
        surface = pygame.display.get_surface()
        played = pygame.Color(DARK.seats[0])
        for _ in range(100):
            if surface.get_at(at) == played:
                break
            threading.Event().wait(0.05)
        assert surface.get_at(at) == played
    finally:
        running.close()


def test_a_press_before_the_first_state_is_not_sent() -> None:
    running = Screen()
    try:
        running.thread.start()
        press_key(pygame.K_m)
        with pytest.raises(Empty):
            running.sent.get(timeout=0.3)
    finally:
        running.close()
