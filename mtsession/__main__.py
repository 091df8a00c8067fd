"""The command `mtsession`, and `python -m mtsession`."""

from __future__ import annotations

import sys

from mtsession.cli import run


def main() -> None:
    """Run the command line; a fault that a person can mend is one line and exit code 2."""
    sys.exit(run())


if __name__ == "__main__":
    main()
