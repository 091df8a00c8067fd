"""Is there an audio output again? Looked for from a thread, while the engine loads and while it runs without sound.

A driver that was loaded when there was no output does not find one later, and a dead server makes it hang: so child
processes look, and this process loads its driver only when one of them has seen something.
"""

from __future__ import annotations

import threading
import time

from mtsession.audio.devices import audio_devices

PROBE_EVERY_S = 0.2
"""A probe is a process of its own and takes some 0.3 s itself."""


class OutputSeeker:
    """Looks until an output is seen."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._look, name="output-seeker", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def wait(self) -> None:
        """Until an output was seen; where nobody looked, none was lost."""
        if self._thread.ident is not None:
            self._thread.join()

    def _look(self) -> None:
        while not any(device.outputs for device in audio_devices()):
            time.sleep(PROBE_EVERY_S)
