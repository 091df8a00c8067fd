"""How is a session held from its first event to its last commit: begun, taken up where it was cut off, or rendered?"""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from types import FrameType

from mtsession.audio.mixer import Mixer
from mtsession.audio.palettes import palettes
from mtsession.capture.reader import read_session
from mtsession.clock import Clock, ManualClock
from mtsession.errors import AudioDeviceError, DiskFullError
from mtsession.events import ConsentChange, ConsentTo, Event
from mtsession.live.consent import consent_in
from mtsession.live.engine import LiveEngine
from mtsession.live.joined import JoinedClock, offset_after
from mtsession.live.latency import with_known_latency
from mtsession.live.launch import Launch
from mtsession.live.log import SessionLog, open_log
from mtsession.live.loop import Devices, LiveLoop
from mtsession.live.machine import Machine, Render, new_mixer
from mtsession.live.output import OutputSeeker
from mtsession.live.pace import AsFastAsItCan, Ask, Inbox, Pace, RealTime
from mtsession.live.plan import LivePlan
from mtsession.live.priority import quiet_interpreter
from mtsession.live.script import ScriptDevice
from mtsession.live.sound import Sound
from mtsession.live.wire import WireServer
from mtsession.midi.ports import PortWatcher, midi_input_ports
from mtsession.wording import say

EXIT_MENDABLE = 2
EXIT_AUDIO_LOST = 75
"""As in `live.process`; EX_TEMPFAIL of sysexits.h: try again."""

FIRST_EPOCH = 1

LAST_COMMIT_S = 0.3
"""How long the last commit may take when the audio is lost; it takes some milliseconds unless the disk hangs."""

TAIL_S = 3.0
"""An offline render without a length goes on for this long after its script."""

logger = logging.getLogger(__name__)


def render_session(launch: Launch) -> None:
    """Render the plan's script as fast as this machine can, through the same loop as live input."""
    clock, inbox = ManualClock(), Inbox()
    render = Render(launch.plan, clock, epoch=FIRST_EPOCH)
    log = open_log(launch, None, clock.now_s(), palettes())
    hold(Stage(launch, log, clock, inbox, AsFastAsItCan(inbox, render.stream), render), render.open_sound())


def begin_session(launch: Launch) -> None:
    """A new session. Its time begins when the sounds are loaded; one whose sound cannot begin leaves no file."""
    seats = with_known_latency(launch.plan.seats, midi_input_ports())
    launch = replace(launch, plan=replace(launch.plan, seats=seats))
    mixer, inbox = new_mixer(), Inbox()
    clock = JoinedClock(launch.plan.origin_ns or time.perf_counter_ns())
    leave = Leave(clock)
    machine = Machine(launch.plan, clock, leave, epoch=FIRST_EPOCH)
    machine.prepare(mixer)
    sound = machine.open_sound()
    tell_origin(clock)
    leave.log = log = open_log(launch, None, clock.now_s(), palettes())
    hold(Stage(launch, log, clock, inbox, RealTime(inbox, clock), machine), sound)


def take_up_session(launch: Launch, output: OutputSeeker, make_mixer: Callable[[], Mixer]) -> None:
    """Go on with a session that another engine was cut off from; inputs are kept before there is sound again."""
    kept = read_session(launch.folder.session_file(launch.plan.session_id), launch.session_key).events
    inbox, clock = Inbox(), joined_clock(launch.plan, kept)
    leave = Leave(clock)
    leave.log = log = open_log(launch, kept, clock.now_s(), palettes())
    machine = Machine(launch.plan, clock, leave, epoch=log.epoch, make_mixer=make_mixer)
    machine.seek_sound(output, lambda: inbox.put(Ask.OPEN_SOUND))
    try:
        hold(Stage(launch, log, clock, inbox, RealTime(inbox, clock), machine), None)
    except AudioDeviceError as error:
        logger.warning("no sound: %s", error)
        leave()


class Leave:
    """How the engine leaves when the sound is lost: what was played is kept, and the dead stream is not touched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.log: SessionLog | None = None

    def __call__(self) -> None:
        """End this process, now. A session that has not begun is not begun anew: the same driver would hang again."""
        logger.error("the sound is lost: this engine leaves")
        if self.log is None:
            print(AudioDeviceError(say("live.sound_hangs"), say("live.sound_hangs_next")), file=sys.stderr, flush=True)
            os._exit(EXIT_MENDABLE)
        commit = threading.Thread(target=self._commit, args=(self.log,), daemon=True)
        commit.start()
        commit.join(LAST_COMMIT_S)
        os._exit(EXIT_AUDIO_LOST)

    def _commit(self, log: SessionLog) -> None:
        # The session is this long if no other engine goes on with it.
        with suppress(DiskFullError):
            log.writer.close(self._clock.now_s())


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that an engine's loop stands on."""

    launch: Launch
    log: SessionLog
    clock: Clock
    inbox: Inbox
    pace: Pace
    devices: Devices

    def loop(self, wire: WireServer) -> LiveLoop:
        """The loop, with an engine that knows what the session's file holds already."""
        plan = self.launch.plan
        engine = LiveEngine(plan, palettes())
        engine.restore(self.log.kept)
        return LiveLoop(
            engine=engine,
            writer=self.log.writer,
            wire=wire,
            clock=self.clock,
            pace=self.pace,
            script=ScriptDevice(plan.script, self.inbox.put, from_s=self.clock.now_s()),
            devices=self.devices,
            end_s=end_of(plan),
            consent=consent_in(self.log.kept),
        )

    def wire(self) -> WireServer:
        """Where screens and pads connect."""
        launch = self.launch
        return WireServer(
            launch.address, launch.authkey, clock=self.clock, next_id=self.log.next_id, put=self.inbox.put
        )

    @contextmanager
    def ports(self) -> Iterator[None]:
        """The seats' inputs, as they come and go; on the way out what is held on them is lifted."""
        wanted = {seat.seat: seat.port for seat in self.launch.plan.seats if seat.port}
        if not wanted:
            yield
            return
        watcher = PortWatcher(wanted, self.clock, self.log.next_id, self.inbox.put)
        with closing(watcher):
            watcher.start()
            yield


def hold(stage: Stage, sound: Sound | None) -> None:
    """From the first event to the last commit. `sound` runs already, or is None while it is sought."""
    heed_stop(stage.inbox)
    with closing(stage.wire()) as wire:
        loop = stage.loop(wire)
        open_session(stage, loop)
        if sound is not None:
            loop.begin_sound(sound)
        with stage.ports():
            loop.put_first()
            quiet_interpreter()
            length_s = loop.run()
        loop.wind_down()
        keep(stage, loop, length_s)


def open_session(stage: Stage, loop: LiveLoop) -> None:
    """The first entries: consent, or what was missed while no engine ran."""
    now_s = stage.clock.now_s()
    gap = stage.log.gap(now_s)
    if gap is not None:
        loop.take(gap)
    if stage.launch.plan.record_audio and not loop.consent.was_asked:
        loop.take(ConsentChange(now_s, None, ConsentTo.AUDIO, given=True))


def keep(stage: Stage, loop: LiveLoop, length_s: float) -> None:
    """The last commit, then the end of the stream; in this order, for a stream may refuse to end."""
    stage.devices.let_go()
    stage.log.writer.close(length_s)
    logger.info("kept a session of %.0f s", length_s)
    if loop.sound is not None:
        loop.sound.stream.close()


def heed_stop(inbox: Inbox) -> None:
    """Stop at SIGINT, SIGTERM, and when nobody holds the other end of standard input any more."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        inbox.put(Ask.STOP)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    threading.Thread(target=_await_end_of_input, args=(inbox,), name="stdin", daemon=True).start()


def _await_end_of_input(inbox: Inbox) -> None:
    while sys.stdin.buffer.read(1):
        pass
    inbox.put(Ask.STOP)


def joined_clock(plan: LivePlan, kept: tuple[Event, ...]) -> JoinedClock:
    """The session's clock, in a process that did not begin it."""
    offset_s = offset_after(kept, plan.origin_ns, time.time_ns(), time.perf_counter_ns())
    return JoinedClock(plan.origin_ns, offset_s)


def tell_origin(clock: JoinedClock) -> None:
    """One line on standard output: what the next engine of this session must be told, should this one be cut off."""
    print(json.dumps({"origin_ns": clock.unjoined.origin_ns}), flush=True)


def end_of(plan: LivePlan) -> float:
    """When the session ends by itself: never, unless it has a length or is a render."""
    if plan.length_s is not None or not plan.offline:
        return math.inf if plan.length_s is None else plan.length_s
    return max((event.time_s for event in plan.script), default=0.0) + TAIL_S
