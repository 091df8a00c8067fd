"""FluidSynth in the same JACK graph: the peer that the latency and the late blocks are measured beside."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.processes import wait_for
from tests.e2e.room import Room

CLIENT = "peer"
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
START_S = 15.0
OPTIONS = {
    "audio.jack.id": CLIENT,
    "midi.jack.id": CLIENT,
    "audio.jack.autoconnect": "0",
    "synth.reverb.active": "0",
    "synth.chorus.active": "0",
    "synth.gain": "1.0",
}


def why_not() -> str:
    """Why the peer cannot be run here, or nothing."""
    if shutil.which("fluidsynth") is None:
        return "fluidsynth is not installed (Debian package fluidsynth)"
    return "" if SOUND_FONT.exists() else "FluidR3 is not installed (Debian package fluid-soundfont-gm)"


@contextmanager
def fluidsynth(room: Room) -> Iterator[None]:
    """FluidSynth as JACK client "peer": midi_00, left, right."""
    settings = [word for name, value in OPTIONS.items() for word in ("-o", f"{name}={value}")]
    rates = ["-r", "48000", "-z", "128"]
    process = subprocess.Popen(
        ["fluidsynth", "-is", "-q", "-a", "jack", "-m", "jack", *rates, *settings, str(SOUND_FONT)],
        env=room.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: f"{CLIENT}:left" in room.server.ports, START_S, "FluidSynth in the graph")
        yield
    finally:
        process.kill()
        process.wait()
