"""What do the drivers of this process see? Run as a child by `devices`; prints JSON."""

from __future__ import annotations

import sys

import msgspec

from mtsession.audio.driver import load_driver
from mtsession.errors import AudioDeviceError


def main() -> int:
    """Print the devices; exit code 2 where there is no library to ask."""
    try:
        devices = load_driver().devices()
    except AudioDeviceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.buffer.write(msgspec.json.encode(devices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
