"""What does the engine need of this machine: its sound, at once or as soon as it is back, watched, and put first?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.sounds import load_bank
from mtsession.audio.stream import OfflineStream, open_stream
from mtsession.clock import ManualClock
from mtsession.live.joined import JoinedClock
from mtsession.live.output import OutputSeeker
from mtsession.live.plan import LivePlan
from mtsession.live.priority import raise_priorities
from mtsession.live.sound import Sound
from mtsession.live.watchdog import Watchdog

SAMPLE_RATE_HZ = 48_000

RING_S = 10.0
"""How far later listening can look back."""

OPENING_S = 8.0
"""A driver that has not opened a stream by then hangs."""


def new_mixer() -> Mixer:
    """Sounds loaded, kernel compiled or taken from its cache: half a second and more."""
    return Mixer(load_bank(SAMPLE_RATE_HZ), SAMPLE_RATE_HZ)


class Machine:
    """The devices of a live session. `leave` ends the process when the sound is lost for good."""

    def __init__(
        self,
        plan: LivePlan,
        clock: JoinedClock,
        leave: Callable[[], None],
        *,
        epoch: int,
        make_mixer: Callable[[], Mixer] = new_mixer,
    ) -> None:
        self._plan, self._clock, self._leave, self._epoch = plan, clock, leave, epoch
        self._make_mixer = make_mixer
        self._mixer: Future[Mixer] = Future()
        self._watchdog: Watchdog | None = None

    def prepare(self, mixer: Mixer) -> None:
        """What the stream is to render, made before."""
        self._mixer.set_result(mixer)

    def seek_sound(self, output: OutputSeeker, found: Callable[[], None]) -> None:
        """Load, and wait for an output, beside the running loop; then call `found`."""
        threading.Thread(target=self._seek, args=(output, found), name="sound-seeker", daemon=True).start()

    def open_sound(self) -> Sound:
        """A running stream on the plan's device; raises AudioDeviceError. Leaves where the driver hangs."""
        patience = threading.Timer(OPENING_S, self._leave)
        patience.daemon = True
        patience.start()
        try:
            return self._open_sound(self._mixer.result())
        finally:
            patience.cancel()

    def watch(self, sound: Sound) -> None:
        """From now on, leave when the callback stands still."""
        self._watchdog = Watchdog(lambda: sound.stream.blocks, self._leave)
        self._watchdog.start()

    def let_go(self) -> None:
        """The sound is about to end on purpose."""
        if self._watchdog:
            self._watchdog.call_off()

    def put_first(self) -> str:
        """Real-time priority for sound and touch; returns the refusal, or nothing."""
        return raise_priorities()

    def _seek(self, output: OutputSeeker, found: Callable[[], None]) -> None:
        self.prepare(self._make_mixer())
        output.wait()
        found()

    def _open_sound(self, mixer: Mixer) -> Sound:
        plan, ring = self._plan, Ring(SAMPLE_RATE_HZ, RING_S)
        stream = open_stream(
            mixer,
            ring,
            self._clock.unjoined,
            device=plan.device,
            block_frames=plan.block_frames,
            callback=plan.callback,
        )
        stream.start()
        return Sound(mixer, ring, stream, self._epoch)


class Render:
    """In place of a machine: a stream that renders as fast as it can and moves the clock."""

    def __init__(self, plan: LivePlan, clock: ManualClock, *, epoch: int) -> None:
        mixer, ring = new_mixer(), Ring(SAMPLE_RATE_HZ, RING_S)
        self.stream = OfflineStream(mixer, ring, clock, block_frames=plan.block_frames)
        self._sound = Sound(mixer, ring, self.stream, epoch)

    def open_sound(self) -> Sound:
        """The stream, at its first block."""
        self.stream.start()
        return self._sound

    def watch(self, sound: Sound) -> None:
        """A render cannot be lost."""

    def let_go(self) -> None:
        """Nothing watches it."""

    def put_first(self) -> str:
        """Nobody waits for a render."""
        return ""
