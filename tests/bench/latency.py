"""How long from a MIDI message to the first sound in the JACK graph: mtsession and FluidSynth, turn about.

One player sends drum hits to both, a fifth of a second apart, at times that fall anywhere in a block. Both outputs are
recorded in the same graph. The onset is the first frame at or above −20 dB re that hit's own peak; the row's time is
that of the server's cycle, so the block that a sound card would still play out is in neither figure.
"""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np

from tests.bench.peer import fluidsynth, why_not
from tests.bench.stage import SkippedError, stage
from tests.bench.table import Table, spread
from tests.e2e.jack_server import best_scheduling
from tests.e2e.play_midi import is_note_on
from tests.e2e.processes import SAMPLE_RATE_HZ, Recording, Sent, wait_for
from tests.e2e.room import Room

HITS = 150
EVERY_S = 0.4
WINDOW_S = 0.15
ONSET = 10 ** (-20 / 20)
"""The tail of one hit may stand at −50 dB when the next one comes."""

FAINTEST = 10 ** (-60 / 20)
CLOSED_HIHAT = 42
"""General MIDI: the drum with the most immediate attack in both sets of sounds; both reach −20 dB after 0.31 ms."""

TICKS_PER_BEAT = 32_000
"""At 120 beats a minute a tick is 16 µs: hits fall anywhere in a block."""

DRUMS = 9


def hits(path: Path, first_s: float, seed: int) -> Path:
    """A file of hi-hat hits, each moved by up to 20 ms."""
    moved_s = np.random.default_rng(seed).uniform(0, 0.02, HITS)
    ticks = np.diff(((first_s + np.arange(HITS) * EVERY_S + moved_s) * 2 * TICKS_PER_BEAT).astype(int), prepend=0)
    file, track = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT), mido.MidiTrack()
    file.tracks.append(track)
    for tick in ticks:
        track.append(mido.Message("note_on", note=CLOSED_HIHAT, velocity=100, channel=DRUMS, time=int(tick)))
    file.save(path)
    return path


def latencies_ms(sent: list[Sent], recording: Recording) -> list[float]:
    """From each sent hit to its onset in the recording; hits that are not heard are left out."""
    loudness = np.abs(recording.frames).max(axis=1)
    found = []
    for message in sent:
        first = int(recording.row_at(message.counter_ns))
        heard = loudness[first : first + int(WINDOW_S * SAMPLE_RATE_HZ)]
        if len(heard) and heard.max() >= FAINTEST:
            onset = first + int(np.argmax(heard >= ONSET * heard.max()))
            found.append((recording.counter_at(onset) - message.counter_ns) * 1e-6)
    return found


def play_to_both(room: Room) -> dict[str, tuple[int, list[float]]]:
    """By name: how many hits were sent, and the latencies of those heard."""
    files = {"own": hits(room.folder / "own.mid", 0.1, 1), "other": hits(room.folder / "other.mid", 0.3, 2)}
    player = room.player(**files)
    room.hold(therapist="own")
    with fluidsynth(room):
        room.server.connect("other:out", "peer:midi_00")
        tapes = {"own": room.recorder(), "other": room.recorder(r"^peer:(left|right)")}
        wait_for(lambda: room.server.connected("peer:left"), 5.0, "FluidSynth on tape")
        sent = [m for m in player.play(0.0, HITS * EVERY_S + 1.0) if is_note_on(m.data)]
        recordings = {name: tape.save() for name, tape in tapes.items()}
    mine = {name: [m for m in sent if m.client == name] for name in recordings}
    return {name: (len(mine[name]), latencies_ms(mine[name], recordings[name])) for name in recordings}


def run() -> Table:
    """One minute of hits, turn about."""
    if reason := why_not():
        raise SkippedError(reason)
    with stage(*best_scheduling()) as at:
        figures = play_to_both(at.room)
    rows = []
    for name, title in (("own", "mtsession"), ("other", "FluidSynth, FluidR3")):
        n_sent, found = figures[name]
        median, p95, p99, worst = spread(found)
        rows.append((title, n_sent, len(found), median, p95, p99, worst, p95 - float(np.percentile(found, 5))))
    return Table(
        "MIDI in to sound out in the JACK graph (ms)",
        ("", "sent", "heard", "median", "p95", "p99", "worst", "p95 − p5"),
        tuple(rows),
        (
            "closed hi-hat (drum 42) on both, onset at −20 dB re its own peak, 0.31 ms into either sound",
            "128 frames, dummy driver, turn about in one graph; without the block that a sound card plays out",
        ),
    )
