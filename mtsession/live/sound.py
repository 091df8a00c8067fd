"""What does the running stream say: which notes sounded when, what was late, what did the microphone hear?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mtsession.audio.commands import SoundCommand, SoundReport, VoiceReleased, VoiceStarted
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Frames, Ring
from mtsession.audio.stream import Stream
from mtsession.events import AudioEpoch, BlockCount, Event, Released, Sounded
from mtsession.session import Track

SETTLED_BLOCKS = 24
"""The stream's time is trusted after this many blocks: the filter on its stamps looks at as many (64 ms)."""

MICROPHONE = "microphone"


@dataclass(slots=True)
class Sound:
    """One audio epoch: mixer, ring and stream together, and how far each was read."""

    mixer: Mixer
    ring: Ring
    stream: Stream
    epoch: int
    told: bool = False
    recorded_to: int = 0
    joined_s: float = 0.0
    """What sleeps of the machine have added to session time since the stream began."""

    @property
    def settled(self) -> bool:
        """Whether frames have times yet."""
        return self.stream.blocks >= SETTLED_BLOCKS

    def push(self, command: SoundCommand) -> None:
        """Tell the mixer; from one thread only."""
        self.mixer.push(command)

    def news(self) -> Iterator[Event]:
        """What has sounded since the last call; before it, once, the epoch itself."""
        if not self.settled:
            return
        if not self.told:
            self.told = True
            yield self._epoch_event()
        for report in self.mixer.reports():
            yield self._event(report)

    def count(self, time_s: float) -> BlockCount:
        """The counters now."""
        return BlockCount(time_s, self.epoch, self.stream.blocks, self.stream.late, self.stream.lost)

    def heard(self) -> Frames | None:
        """What the microphone has heard since the last call; None where there is nothing new, or no microphone."""
        frames = self.ring.read_since(self.recorded_to)
        self.recorded_to = frames.next_frame
        return frames if len(frames) and self.ring.facts["inputs"][0] else None

    def microphone_track(self) -> Track:
        """The microphone's track: its frame 0 was in the room both latencies before frame 0 of the output left."""
        facts = self.stream.epoch_facts
        return Track(
            name=MICROPHONE,
            seat=None,
            sample_rate_hz=facts.sample_rate_hz,
            start_s=self.time_s(0) - facts.output_latency_s - facts.input_latency_s,
            n_frames=0,
            latency_s=facts.input_latency_s,
        )

    def time_s(self, frame: int) -> float:
        """Session time at which a frame leaves."""
        return self.stream.time_of_frame_s(frame) + self.joined_s

    def _epoch_event(self) -> AudioEpoch:
        facts = self.stream.epoch_facts
        return AudioEpoch(
            epoch=self.epoch,
            time_s=self.time_s(0),
            device=facts.device,
            sample_rate_hz=facts.sample_rate_hz,
            block_frames=facts.block_frames,
            output_latency_s=facts.output_latency_s,
            input_latency_s=facts.input_latency_s,
            callback=facts.callback,
        )

    def _event(self, report: SoundReport) -> Event:
        time_s = self.time_s(report.frame)
        match report:
            case VoiceStarted(contact_id, frame):
                return Sounded(contact_id, time_s, self.epoch, frame)
            case VoiceReleased(contact_id, frame):
                return Released(contact_id, time_s, self.epoch, frame)
