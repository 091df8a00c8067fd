"""A keyboard for the tests: a process that is one JACK client with one MIDI output.

Says `ready`, then sends each line of hexadecimal bytes from stdin and answers with `perf_counter_ns` just before it.
`--to TEXT` connects to another's input whose name contains the text instead of offering an output of its own.
"""

from __future__ import annotations

import sys
import time

import rtmidi


def main() -> None:
    """Obey stdin until it ends."""
    name, *connect_to = sys.argv[1:]
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    if connect_to:
        port.open_port(next(i for i, there in enumerate(port.get_ports()) if connect_to[0] in there))
    else:
        port.open_virtual_port("out")
    print("ready", flush=True)
    for line in sys.stdin:
        message = list(bytes.fromhex(line))
        sent_ns = time.perf_counter_ns()
        port.send_message(message)
        print(sent_ns, flush=True)
    port.close_port()


if __name__ == "__main__":
    main()
