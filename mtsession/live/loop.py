"""What carries every event of a session to sound, file and screens? One loop, and nothing slow in it."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from typing import Protocol

from mtsession.capture.writer import SessionWriter
from mtsession.clock import Clock
from mtsession.events import ClockPair, ConsentChange, ConsentTo, DeviceChange, Event, Gap, SetupChange
from mtsession.live.consent import AudioConsent
from mtsession.live.engine import LiveEngine, SoundNow
from mtsession.live.joined import JoinedClock
from mtsession.live.master import STOP_FADE_S
from mtsession.live.pace import Ask, Pace
from mtsession.live.rota import Rota
from mtsession.live.script import ScriptDevice
from mtsession.live.seats import Command, Keep
from mtsession.live.sound import Sound
from mtsession.live.wire import WireServer

REPORTS_S = 0.02
STATE_S = 1 / 30
TICK_S = 0.1
AUDIO_S = 0.1
CLOCK_S = 1.0
COUNT_S = 5.0
"""How often sounded notes are asked for, states sent, held notes looked at, the microphone kept, clocks compared,
late blocks counted."""

WAY_OUT_S = 0.05
"""After the fade the last blocks are still on their way."""

LEAST_PEAK_DB = -120.0

logger = logging.getLogger(__name__)


class Devices(Protocol):
    """Where the sound comes from: this machine, or a render."""

    def open_sound(self) -> Sound: ...

    def watch(self, sound: Sound) -> None: ...

    def let_go(self) -> None: ...

    def put_first(self) -> str: ...


@dataclass(slots=True)
class LiveLoop:
    """The engine at work. `end_s` is infinite where nobody said when to end; `sound` None while there is no device."""

    engine: LiveEngine
    writer: SessionWriter
    wire: WireServer
    clock: Clock
    pace: Pace
    script: ScriptDevice
    devices: Devices
    end_s: float = math.inf
    consent: AudioConsent = field(default_factory=AudioConsent)
    sound: Sound | None = None
    rota: Rota = field(default_factory=Rota)
    _asked_to_stop: bool = False
    _published_s: float = -math.inf
    _priority_refusal: str = ""

    def run(self) -> float:
        """Until the end, a stop or `Ask.STOP`; returns the session's length. Call `wind_down` afterwards."""
        self._take_duties()
        while not self._is_over():
            self._step(min(self.rota.due_s, self.script.next_s, self.end_s))
        return min(self.clock.now_s(), self.end_s)

    def wind_down(self) -> None:
        """Take what is still waiting, end every note, and stay until the last of them was told."""
        now_s = self.clock.now_s()
        while (item := self.pace.next(now_s)) is not None:
            self.take(item)
        self._obey(self.engine.stop(now_s))
        quiet_s = now_s + STOP_FADE_S + WAY_OUT_S
        while self.clock.now_s() < quiet_s:
            self._step(min(self.rota.due_s, quiet_s))
        self._tell_reports()
        self._count_blocks()

    def take(self, item: Event | Ask) -> None:
        """One item of the inbox: answer it, and see to what it means for the loop itself."""
        match item:
            case Ask.STOP:
                self._asked_to_stop = True
            case Ask.OPEN_SOUND:
                self.begin_sound(self.devices.open_sound())
            case _:
                self._obey(self.engine.feed(item))
                self._mind(item)

    def begin_sound(self, sound: Sound) -> None:
        """From now on this running stream sounds."""
        for command in self.engine.opening():
            sound.push(command)
        sound.recorded_to = sound.ring.frames
        self.sound = sound
        self.devices.watch(sound)
        self.put_first()

    def put_first(self) -> None:
        """Ask the system to let sound and touch go before everything else; keep its refusal, once."""
        refusal = self.devices.put_first()
        if refusal and refusal != self._priority_refusal:
            logger.warning("no real-time priority: %s", refusal)
            self.take(SetupChange(self.clock.now_s(), None, "real-time priority refused", refusal))
        self._priority_refusal = refusal

    def _is_over(self) -> bool:
        return self._asked_to_stop or self.engine.master.stopped or self.clock.now_s() >= self.end_s

    def _step(self, until_s: float) -> None:
        item = self.pace.next(until_s)
        if item is not None:
            self.take(item)
        now_s = self.clock.now_s()
        self.script.play(now_s)
        self.rota.run(now_s)

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Keep):
                self.writer.put(command.event)
            elif self.sound:
                self.sound.push(command)

    def _mind(self, event: Event) -> None:
        match event:
            case DeviceChange(present=True):
                # A new port has a new thread, which does not go first yet.
                self.put_first()
            case ConsentChange(consent=ConsentTo.AUDIO):
                self.consent.hear(event)
                if self.sound:
                    self.sound.recorded_to = self.sound.ring.frames
            case Gap():
                if self.sound:
                    self.sound.joined_s += event.end_s - event.start_s
            case _:
                pass

    def _take_duties(self) -> None:
        self.rota.every(REPORTS_S, self._tell_reports)
        self.rota.every(STATE_S, self._publish)
        self.rota.every(TICK_S, lambda: self._obey(self.engine.tick(self.clock.now_s())))
        self.rota.every(AUDIO_S, self._keep_microphone)
        self.rota.every(CLOCK_S, self._look_at_clocks)
        self.rota.every(CLOCK_S, self.put_first)  # a screen that called has brought a thread
        self.rota.every(COUNT_S, self._count_blocks)

    def _tell_reports(self) -> None:
        if self.sound:
            for event in self.sound.news():
                self.take(event)

    def _publish(self) -> None:
        # By the wall: a render ten times as fast as real time needs no ten times as many pictures.
        if time.perf_counter() - self._published_s < STATE_S / 2 or not self.wire.peers:
            return
        self._published_s = time.perf_counter()
        self.wire.publish(self.engine.state(self.clock.now_s(), self._sound_now()))

    def _sound_now(self) -> SoundNow:
        if self.sound is None:
            return SoundNow(LEAST_PEAK_DB, audio_alive=False, late_blocks=0, lost_blocks=0, recording_audio=False)
        return SoundNow(
            peak_db=max(LEAST_PEAK_DB, self.sound.mixer.peak_db),
            audio_alive=True,
            late_blocks=self.sound.stream.late,
            lost_blocks=self.sound.stream.lost,
            recording_audio=self.consent.given,
        )

    def _keep_microphone(self) -> None:
        sound = self.sound
        if sound is None or not self.consent.given or not sound.settled:
            return
        heard = sound.heard()
        if heard is not None:
            self.writer.put_audio(sound.microphone_track(), heard.first_frame, heard.microphone)

    def _look_at_clocks(self) -> None:
        if self.writer.failure is not None:
            self.engine.say(str(self.writer.failure))
        if not isinstance(self.clock, JoinedClock):
            return
        gap = self.clock.rejoin()
        if gap is not None:
            self.take(gap)
        time_s, wall_ns = self.clock.pair()
        self.take(ClockPair(time_s, wall_ns))

    def _count_blocks(self) -> None:
        if self.sound and self.sound.told:
            self.take(self.sound.count(self.clock.now_s()))
