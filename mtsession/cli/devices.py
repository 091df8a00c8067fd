"""`mtsession devices`: which audio devices and MIDI ports are there?"""

from __future__ import annotations

import json

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mtsession.audio.devices import AudioDevice, audio_devices
from mtsession.midi.ports import MidiPort, midi_input_ports
from mtsession.wording import say


@click.command("devices", epilog="Example: mtsession devices")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def devices_command(*, as_json: bool) -> None:
    """List what is there to play and to listen with."""
    audio, ports = audio_devices(), midi_input_ports()
    if as_json:
        click.echo(json.dumps({"audio": msgspec.to_builtins(audio), "midi": msgspec.to_builtins(ports)}))
        return
    console = Console(highlight=False)
    console.print(audio_table(audio) if audio else say("cli.no_audio"))
    console.print()
    console.print(midi_table(ports) if ports else say("cli.no_midi"))


def audio_table(devices: tuple[AudioDevice, ...]) -> Table:
    """One row an audio device."""
    rows = Table("audio device", "through", "in", "out", "rate", "", box=None, pad_edge=False)
    for device in devices:
        usual = say("cli.usual") if device.is_default_output else ""
        rate = f"{device.sample_rate_hz / 1000:g} kHz"
        rows.add_row(device.name, device.host_api, str(device.inputs), str(device.outputs), rate, usual)
    return rows


def midi_table(ports: tuple[MidiPort, ...]) -> Table:
    """One row a MIDI port."""
    rows = Table("MIDI input", "through", box=None, pad_edge=False)
    for port in ports:
        rows.add_row(port.name, port.api)
    return rows
