"""How is one session's sealed database made and opened?

SQLCipher 4 with a raw 256-bit key: every page is encrypted and authenticated. The first 16 bytes of such a file are
its salt, which with a raw key need not be random: ours begins with a signature, so a file that is no session is told
from one with another key, and ends with a check of the key, so another key is told from a damaged file.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlcipher3

from mtsession.capture.atomic import sync_folder
from mtsession.capture.journal import PAGE_BYTES, journal_is_damaged
from mtsession.capture.refusals import refusal
from mtsession.capture.schema import APPLICATION_ID, SCHEMA_VERSION, ddl
from mtsession.errors import DiskFullError, MtSessionError, SessionFormatError, SessionKeyError

if TYPE_CHECKING:
    from sqlite3 import Connection  # sqlcipher3's has the same interface and no types

SIGNATURE = b"mtsession 1\0"
SALT_BYTES = 16
FLIPPED_BITS = 2
"""A key check that differs in no more bits than these is a damaged file (another key: 32 bits, 16 on average)."""

PATIENCE_S = 5.0
"""How long to wait for another process that has the file locked, as a reader's last checkpoint does for a moment."""


def create_database(path: Path, key: bytes) -> Connection:
    """A new session file with its tables, and the connection to it. SessionFormatError where there is one already."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        sync_folder(path.parent)
    except FileExistsError as error:
        raise refusal(SessionFormatError, "exists", name=path.name) from error
    except OSError as error:
        raise refusal(DiskFullError, "cannot_write", name=path.name, reason=error.strerror) from error
    connection = _connect(path, key, salt_of(key))
    try:
        _write_ahead(connection)
        connection.executescript(f"BEGIN;\n{ddl()}\nCOMMIT;")
    except sqlcipher3.Error as error:
        connection.close()
        discard(path)
        raise refusal(DiskFullError, "cannot_write", name=path.name, reason=str(error)) from error
    return connection


def discard(path: Path) -> None:
    """Remove a session that never began, with its journal: in a list it would stand as a damaged one."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()


def reopen_database(path: Path, key: bytes) -> Connection:
    """A connection to go on writing to an existing session file. Errors as `open_to_read`."""
    connection = _open_checked(path, key)
    try:
        with told(path):
            _write_ahead(connection)
    except MtSessionError:
        connection.close()
        raise
    return connection


@contextmanager
def open_to_read(path: Path, key: bytes) -> Iterator[Connection]:
    """A connection that changes nothing, all of whose reading sees one moment of the file.

    Raises SessionKeyError where the key is another session's, SessionFormatError where the file is damaged, missing
    or no session file; also for damage that is met later, within the block. DiskFullError where a journal has to be
    read and there is no space for its index.
    """
    with closing(_open_checked(path, key)) as connection, told(path):
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        yield connection


def salt_of(key: bytes) -> bytes:
    """The first 16 bytes of a session file with this key."""
    return SIGNATURE + hashlib.blake2b(key, digest_size=SALT_BYTES - len(SIGNATURE), person=b"mts key check").digest()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say of a database error what it means for the file."""
    try:
        yield
    except sqlcipher3.Error as error:
        match getattr(error, "sqlite_errorcode", None):
            case sqlite3.SQLITE_FULL:
                raise refusal(DiskFullError, "cannot_write", name=path.name, reason=str(error)) from error
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
                raise refusal(SessionFormatError, "unreadable", name=path.name, reason=str(error)) from error
            case _:
                raise refusal(SessionFormatError, "damaged", name=path.name) from error


def _open_checked(path: Path, key: bytes) -> Connection:
    _check_signature(path, key)
    if journal_is_damaged(path):
        raise refusal(SessionFormatError, "damaged", name=path.name)
    connection = _connect(path, key)
    try:
        with told(path):
            _check_version(connection, path)
    except MtSessionError:
        connection.close()
        raise
    return connection


def _check_signature(path: Path, key: bytes) -> None:
    try:
        with path.open("rb") as file:
            salt = file.read(SALT_BYTES)
    except OSError as error:
        raise refusal(SessionFormatError, "unreadable", name=path.name, reason=error.strerror) from error
    if salt[: len(SIGNATURE)] != SIGNATURE or len(salt) < SALT_BYTES:
        raise refusal(SessionFormatError, "not_a_session", name=path.name)
    differing_bits = (int.from_bytes(salt, "big") ^ int.from_bytes(salt_of(key), "big")).bit_count()
    if differing_bits > FLIPPED_BITS:
        raise refusal(SessionKeyError, "wrong_key", name=path.name)
    if differing_bits:
        raise refusal(SessionFormatError, "damaged", name=path.name)


def _check_version(connection: Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise refusal(SessionFormatError, "not_a_session", name=path.name)
    if version != SCHEMA_VERSION:
        raise refusal(SessionFormatError, "other_version", name=path.name, version=version)


def _connect(path: Path, key: bytes, salt: bytes = b"") -> Connection:
    connection: Connection = sqlcipher3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,  # transactions are begun and ended by hand
        check_same_thread=False,  # the writer closes in another thread than it commits in, never at once
        timeout=PATIENCE_S,
    )
    connection.execute("PRAGMA cipher_log_level = NONE")  # what it would print, our errors say
    connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    connection.execute("PRAGMA cipher_compatibility = 4")
    connection.execute(f"PRAGMA cipher_page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted aside is in the clear
    return connection


def _write_ahead(connection: Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if sys.platform == "darwin":  # there fsync alone does not reach the disk
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
