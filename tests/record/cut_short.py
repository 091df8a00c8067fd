"""Make a record again and again, each time killed one step later, until it is made whole: for the tests.

Called with a folder to copy and a folder for the copies. A step is a file opened, made, renamed, linked or removed in
the copy; the kill comes before it. Prints, one a line, the name of each copy and how its maker ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

from mtsession.config import DataFolder
from mtsession.record.keys import KdfLimits, create_record

STEPS = {"open", "os.mkdir", "os.rename", "os.link", "os.remove"}


def kill_before(step: int, root: Path) -> None:
    """End this process, as if by a power cut, before its so-manieth step in the folder."""
    steps = count(1)

    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        if name in STEPS and str(arguments[0]).startswith(str(root)) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def make(root: Path, passphrase: str, step: int) -> int:
    """Make the record in a child that is killed before the step; 0 when it came to its end."""
    child = os.fork()
    if child == 0:
        kill_before(step, root)
        create_record(DataFolder(root), passphrase, limits=KdfLimits(1, 8192))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main(template: Path, copies: Path, passphrase: str) -> None:
    for step in count(1):
        root = copies / f"{step:03}"
        shutil.copytree(template, root)
        ended = make(root, passphrase, step)
        print(root.name, ended, flush=True)
        if ended != -signal.SIGKILL:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
