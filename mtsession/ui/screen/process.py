"""How is the glance screen run as a process of its own?

Its stdin brings one line of JSON: where the engine listens, the key that proves us (in hex), the session. Nothing of
the session depends on it: when it dies or its window is closed, sound and capture go on.
"""

from __future__ import annotations

import os
import sys
import threading

import msgspec

from mtsession.errors import MtSessionError, WireError
from mtsession.ui.screen.inbox import Inbox
from mtsession.ui.screen.link import EngineLink
from mtsession.wording import say

EXIT_MENDABLE = 2
UNSEEN = ("offscreen", "dummy")
"""Drivers of SDL that draw to memory only."""


class Start(msgspec.Struct, frozen=True):
    """The line that starts the screen."""

    address: str
    authkey: str
    session_id: str


def read_start(line: bytes) -> Start:
    """Raises WireError for anything else than the line the supervisor writes."""
    try:
        start = msgspec.json.decode(line, type=Start)
        bytes.fromhex(start.authkey)
    except (msgspec.DecodeError, ValueError) as error:
        raise WireError(say("screen.wire_closed"), say("screen.wire_closed_next")) from error
    return start


def show(start: Start) -> None:
    """Open the window and stay until the session ends or the window is closed."""
    # Before pygame is imported: it greets on stdout, and only this process may need a display.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    from mtsession.audio.palettes import palettes
    from mtsession.ui.screen.loop import GlanceLoop, wake

    try:
        pygame.display.init()
        refuse_a_window_nobody_sees(pygame.display.get_driver())
        pygame.font.init()
        inbox = Inbox(wake)
        link = EngineLink(start.address, bytes.fromhex(start.authkey), inbox)
        loop = GlanceLoop(inbox, link.send, {name: palette.title for name, palette in palettes().items()})
    except pygame.error as error:
        raise WireError(say("screen.no_display", reason=error), say("screen.no_display_next")) from error
    threading.Thread(target=link.listen, name="engine", daemon=True).start()
    loop.run()
    link.end()
    pygame.quit()


def refuse_a_window_nobody_sees(driver: str) -> None:
    """Without a display SDL quietly draws to nothing; raises WireError unless that was asked for."""
    if driver in UNSEEN and os.environ.get("SDL_VIDEODRIVER") != driver:
        raise WireError(say("screen.no_display", reason=driver), say("screen.no_display_next"))


def main() -> int:
    """Exit code 0 when closed, 2 with one line on stderr when it could not be shown."""
    try:
        show(read_start(sys.stdin.buffer.readline()))
    except MtSessionError as error:
        print(f"mtsession: {error}", file=sys.stderr)
        return EXIT_MENDABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
