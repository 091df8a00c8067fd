"""A player for the tests: real MIDI clients in the JACK graph that play files in real time and log what they sent.

Run as a process of its own. Each `--part NAME=FILE` is one JACK client NAME with one port. A line `play START END`
on stdin plays that span of the files' seconds and is answered by `done`; the end of stdin closes the ports.
Every sent message is one line of the log: perf_counter_ns, client, bytes in hex, second of the file.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import mido
import rtmidi

from tests.e2e.punctual import be_punctual

PRIORITY = 30
"""A player's hand comes before all work, and after the sound."""

LEAD_S = 0.05
"""The first message waits this long, so that it is as punctual as the others."""

SPIN_S = 0.0004
"""The last stretch before a message is spun, not slept: sleeping wakes up to 0.1 ms late, more on a busy core."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One message to send, at a second of its file."""

    at_s: float
    client: str
    data: tuple[int, ...]


def timed(client: str, path: Path) -> Iterator[Timed]:
    """The channel messages of a file, every track merged, tempo changes heeded."""
    at_s = 0.0
    for message in mido.MidiFile(path):
        at_s += message.time
        if not message.is_meta:
            yield Timed(at_s, client, tuple(message.bytes()))


def span(messages: Iterable[Timed], start_s: float, end_s: float) -> list[Timed]:
    """Messages with start_s <= time < end_s in order of time; notes still held then end with it, earlier ones fall."""
    played: list[Timed] = []
    held: dict[tuple[str, int, int], int] = {}
    for message in sorted(messages, key=lambda m: m.at_s):
        if not start_s <= message.at_s < end_s:
            continue
        key = (message.client, message.data[0] & 0x0F, message.data[1])
        if is_note_on(message.data):
            held[key] = held.get(key, 0) + 1
        elif is_note_off(message.data):
            if not held.get(key):
                continue
            held[key] -= 1
        played.append(message)
    ends = [Timed(end_s, c, (0x80 | ch, pitch, 0)) for (c, ch, pitch), n in held.items() for _ in range(n)]
    return played + ends


def is_note_on(data: Sequence[int]) -> bool:
    """A note-on of velocity 0 is a note-off (MIDI 1.0)."""
    return data[0] & 0xF0 == 0x90 and data[2] > 0


def is_note_off(data: Sequence[int]) -> bool:
    """True for both spellings of a note's end."""
    return data[0] & 0xF0 == 0x80 or (data[0] & 0xF0 == 0x90 and data[2] == 0)


def wait_until(counter_ns: int) -> None:
    """Sleep most of the way, spin the rest."""
    remaining_s = (counter_ns - time.perf_counter_ns()) * 1e-9
    if remaining_s > SPIN_S:
        time.sleep(remaining_s - SPIN_S)
    while time.perf_counter_ns() < counter_ns:
        pass


def play(messages: list[Timed], start_s: float, ports: Mapping[str, Any], log: TextIO) -> None:
    """Send each message at its time, counted from now; log the counter read just before, line by line: it may die."""
    origin_ns = time.perf_counter_ns() + int(LEAD_S * 1e9)
    for message in messages:
        wait_until(origin_ns + int((message.at_s - start_s) * 1e9))
        sent_ns = time.perf_counter_ns()
        ports[message.client].send_message(message.data)
        log.write(f"{sent_ns}\t{message.client}\t{bytes(message.data).hex()}\t{message.at_s:.9f}\n")


def open_port(client: str) -> Any:
    """One JACK client of that name with one MIDI output."""
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=client)
    port.open_virtual_port("out")
    return port


def arguments() -> argparse.Namespace:
    """What to play and where to log it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", required=True, metavar="CLIENT=FILE")
    parser.add_argument("--log", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Open the ports, say `ready`, obey stdin."""
    given = arguments()
    files = {client: Path(path) for client, _, path in (part.partition("=") for part in given.part)}
    ports = {client: open_port(client) for client in files}
    messages = [message for client, path in files.items() for message in timed(client, path)]
    be_punctual(PRIORITY)
    print("ready", flush=True)
    with given.log.open("w", encoding="utf-8", buffering=1) as log, suppress(KeyboardInterrupt):
        for line in sys.stdin:
            _, start_s, end_s = line.split()
            play(span(messages, float(start_s), float(end_s)), float(start_s), ports, log)
            print("done", flush=True)
    for port in ports.values():
        port.close_port()


if __name__ == "__main__":
    main()
