"""How does the glance screen wait for hands and states, so that no hand ever waits for a frame?

The loop sleeps in pygame's `event.wait`: a key or touch wakes it at once, and so does a new state, which the reading
thread announces by an event. All that waits is handled before a frame is drawn, and frames are few.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pygame

from mtsession.events import Control, Mark
from mtsession.ui.screen.controls import KEYS, Press, StopHold, message_for
from mtsession.ui.screen.draw import FLOOR_DB, Layout, View, picture, pressed, settled_db
from mtsession.ui.screen.inbox import Arrived, Inbox
from mtsession.ui.screen.paint import Painter
from mtsession.ui.screen.theme import DARK
from mtsession.wording import say

LEAST_FRAME_S = 1 / 15
"""Playing moves about one pixel in this time; more frames would only cost."""

WAIT_MS = 50
"""How long the loop sleeps where nothing comes: holding to stop is drawn this often."""

FIRST_SIZE = (1366, 768)
FULL_SCREEN_KEY = "f11"
NEWS = pygame.event.custom_type()
FINGERS_DOWN = (pygame.FINGERDOWN, pygame.MOUSEBUTTONDOWN)
FINGERS_UP = (pygame.FINGERUP, pygame.MOUSEBUTTONUP)


def wake() -> None:
    """Let the loop look into its inbox; callable from any thread."""
    pygame.event.post(pygame.event.Event(NEWS))


class GlanceLoop:
    """The window: shows what comes in, sends what hands ask for."""

    def __init__(self, inbox: Inbox, send: Callable[[Control | Mark], None], titles: Mapping[str, str]) -> None:
        """`titles`: the palettes' titles by name."""
        self._inbox, self._send, self._titles = inbox, send, titles
        self._newest: Arrived | None = None
        self._hold = StopHold()
        self._meter_db = FLOOR_DB
        self._drawn_s = 0.0
        self._open = True
        self._painter = Painter()
        pygame.display.set_caption(say("screen.title"))
        pygame.display.set_mode(FIRST_SIZE, pygame.RESIZABLE)

    def run(self) -> None:
        """Until the session ends or the window is closed."""
        while self._open and not self._inbox.closed:
            for event in (pygame.event.wait(WAIT_MS), *pygame.event.get()):
                self._handle(event)
            if self._hold.completes(time.monotonic()):
                self._ask(Press.STOP)
            if time.monotonic() - self._drawn_s >= LEAST_FRAME_S:
                self._draw()

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type == NEWS:
            self._newest = self._inbox.take()
        elif event.type == pygame.KEYDOWN:
            self._key_down(pygame.key.name(event.key))
        elif event.type in FINGERS_DOWN:
            self._touch_down(event)
        elif event.type == pygame.KEYUP or event.type in FINGERS_UP:
            self._hold.end()
        elif event.type == pygame.QUIT:
            self._open = False

    def _key_down(self, key: str) -> None:
        if key == FULL_SCREEN_KEY:
            pygame.display.toggle_fullscreen()
        elif press := KEYS.get(key):
            self._down(press)

    def _touch_down(self, event: pygame.event.Event) -> None:
        """A finger, or a mouse that is no finger: every touch also comes as a mouse, which would count twice."""
        if getattr(event, "touch", False) or self._newest is None:
            return
        layout = self._layout()
        at_finger = event.type == pygame.FINGERDOWN
        x, y = (event.x * layout.width, event.y * layout.height) if at_finger else event.pos
        if press := pressed(layout, x, y, silent=self._newest.state.silent):
            self._down(press)

    def _down(self, press: Press) -> None:
        if press is Press.STOP:
            self._hold.begin(time.monotonic())
        else:
            self._ask(press)

    def _ask(self, press: Press) -> None:
        if self._newest is not None:
            self._send(message_for(press, self._newest.state, self._newest.session_s(time.monotonic())))

    def _layout(self) -> Layout:
        return Layout(*pygame.display.get_surface().get_size())

    def _draw(self) -> None:
        now_s = time.monotonic()
        elapsed_s, self._drawn_s = now_s - self._drawn_s, now_s
        if self._newest is None:
            return
        state = self._newest.state
        self._meter_db = settled_db(self._meter_db, state.peak_db, elapsed_s)
        title = self._titles.get(state.palette, state.palette)
        view = View(state, title, self._meter_db, self._hold.share(now_s), self._inbox.engine_lost)
        self._painter.paint(pygame.display.get_surface(), picture(view, self._layout(), DARK))
        pygame.display.flip()
