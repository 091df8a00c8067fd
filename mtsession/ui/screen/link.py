"""How does the screen hold on to an engine that may die and come back at the same address?"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from mtsession.errors import WireError
from mtsession.events import Action, Control, Mark
from mtsession.live.wire import WireClient
from mtsession.ui.screen.inbox import Inbox

RETRY_S = 0.1
"""A new engine is asked for this often; it is back within two seconds."""

GIVE_UP_S = 30.0
"""Without an engine for so long, there is no session left to show."""

LISTEN_S = 0.5


@dataclass(slots=True)
class EngineLink:
    """Reads states in a thread of its own, sends from the loop's."""

    address: str
    authkey: bytes
    inbox: Inbox
    _client: WireClient | None = None
    _stopping: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)

    def send(self, message: Control | Mark) -> None:
        """Tell the engine; what is asked while there is none falls away, and the screen shows that there is none."""
        self._stopping |= isinstance(message, Control) and message.action is Action.STOP
        if self._client is None:
            return
        with suppress(WireError):  # the reading thread notices the same, and says so
            self._client.send(message)

    def listen(self) -> None:
        """Pass states on until the session ends, or no engine has come back for a while."""
        lost_s = time.monotonic()
        while not self._ended.is_set() and time.monotonic() - lost_s < GIVE_UP_S:
            if self._connect():
                self._read()
                lost_s = time.monotonic()
            if self._stopping:
                break
            self.inbox.lose()
            self._ended.wait(RETRY_S)
        self.inbox.close()

    def end(self) -> None:
        """The window is closed: read no more."""
        self._ended.set()

    def _connect(self) -> bool:
        try:
            self._client = WireClient(self.address, self.authkey)
        except WireError:
            return False
        return True

    def _read(self) -> None:
        """Until the engine goes or the window is closed."""
        client = self._client
        with suppress(WireError):
            while client is not None and not self._ended.is_set():
                if (state := client.receive(LISTEN_S)) is not None:
                    self.inbox.put(state)
        self._client = None
        if client is not None:
            client.close()
