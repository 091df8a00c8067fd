"""How does a small file come to be on the disk whole, or not at all?"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from pathlib import Path

from mtsession.capture.refusals import refusal
from mtsession.errors import DiskFullError

NO_SPACE = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""The disk is full, or this person's share of it (Windows knows no quota error)."""


def write_whole(path: Path, content: bytes) -> None:
    """Put the content in place at once: written and synced beside it, then renamed; readable by its owner only.

    After a crash at any moment the path holds the old content or the new, never a part. Raises DiskFullError where
    the disk takes no more, else OSError.
    """
    beside = _write_beside(path, content)
    try:
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_whole_once(path: Path, content: bytes) -> None:
    """The same for a file that must not be there yet: FileExistsError, and the old content stays, where it is."""
    beside = _write_beside(path, content)
    try:
        _link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def _link(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links: exFAT, some network folders
        claim(path)
        beside.replace(path)


def claim(path: Path) -> None:
    """Make the name, empty and readable by its owner only; FileExistsError where it is there."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def sync_to_disk(descriptor: int) -> None:
    """Wait until the file is on the disk itself; on macOS fsync alone stops at the drive's cache."""
    if sys.platform == "darwin":
        import fcntl  # there is none on Windows

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed name in this folder last; Windows keeps names without it and offers no way to ask."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync_to_disk(file.fileno())
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise refusal(DiskFullError, "cannot_write", name=path.name, reason=error.strerror) from error
        raise
    return beside
