"""Who can open a session? Session keys, wrapped in sealed boxes, and the key pairs that open them.

A session key is 32 random bytes. Beside each session file lies its key in a sealed box (X25519, XSalsa20-Poly1305):
the public half is in the data folder, so a session begins without a passphrase. The private half is in the folder
too until a record exists; then it is in the record only, under the record's passphrase.

Making a record keeps every session readable in this order: write `record/public.key` (`publish_record_key`: from then
on new sessions are sealed for the record), `wrap_anew` the sessions that exist, then `forget_folder_key`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from mtsession.capture.atomic import sync_folder, sync_to_disk, write_whole, write_whole_once
from mtsession.capture.refusals import refusal
from mtsession.config import DataFolder
from mtsession.errors import SessionFormatError, SessionKeyError

KEY_BYTES = 32


def new_session_key() -> bytes:
    """A fresh random key for one session file."""
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals session keys for the holder of the private half; `public` is 32 bytes."""

    public: bytes

    def seal(self, key: bytes) -> bytes:
        """The key in a sealed box, 48 bytes longer."""
        return bytes(SealedBox(PublicKey(self.public)).encrypt(key))


class Opener:
    """Opens what was sealed for its public half. `private` is 32 bytes and is never shown."""

    __slots__ = ("_private",)

    def __init__(self, private: bytes) -> None:
        self._private = PrivateKey(private)

    def sealer(self) -> Sealer:
        """The sealer whose boxes this opener opens."""
        return Sealer(bytes(self._private.public_key))

    def open(self, sealed: bytes) -> bytes:
        """The session key; SessionKeyError where the box is not for this opener, or was changed."""
        try:
            key = bytes(SealedBox(self._private).decrypt(sealed))
        except (CryptoError, ValueError, TypeError) as error:
            raise refusal(SessionKeyError, "box_closed") from error
        if len(key) != KEY_BYTES:
            raise refusal(SessionKeyError, "box_closed")
        return key


def new_pair() -> tuple[bytes, Opener]:
    """A new pair: its private half as bytes, to be kept, and the opener made of it."""
    private = bytes(PrivateKey.generate())
    return private, Opener(private)


def folder_sealer(folder: DataFolder) -> Sealer:
    """Seals for the record where one exists, else for the folder's own pair, which is made on first use."""
    if _record_public(folder).exists():
        return Sealer(_record_public(folder).read_bytes())
    opener = folder_opener(folder) or _new_folder_opener(folder)
    return opener.sealer()


def folder_opener(folder: DataFolder) -> Opener | None:
    """Opens what was sealed for the folder itself; None where the private half is not (or no longer) there."""
    private = _folder_private(folder)
    return Opener(private.read_bytes()) if private.exists() else None


def publish_record_key(folder: DataFolder, sealer: Sealer) -> None:
    """From now on sessions are sealed for the record's pair."""
    write_whole(_record_public(folder), sealer.public)


def wrap(folder: DataFolder, session_id: str, key: bytes, sealer: Sealer) -> None:
    """Lay a new session's key, sealed, beside its file; on return it is on the disk. Before the first commit.

    Raises SessionFormatError where a session of that id has a key already: without it nothing would open that one.
    """
    try:
        write_whole_once(folder.session_key(session_id), sealer.seal(key))
    except FileExistsError as error:
        raise refusal(SessionFormatError, "exists", name=folder.session_key(session_id).name) from error


def unwrap(folder: DataFolder, session_id: str, opener: Opener) -> bytes:
    """The session's key; SessionKeyError where its box is missing or not for this opener."""
    path = folder.session_key(session_id)
    if not path.exists():
        raise refusal(SessionKeyError, "key_missing", session=session_id)
    return opener.open(path.read_bytes())


def wrap_anew(folder: DataFolder, opener: Opener, sealer: Sealer) -> tuple[str, ...]:
    """Seal every session key that this opener opens for the sealer; the ids of those, in order.

    Boxes for someone else are left as they are, so a run that was cut short is simply run again.
    """
    wrapped = []
    for session_id in _wrapped_sessions(folder):
        try:
            key = unwrap(folder, session_id, opener)
        except SessionKeyError:
            continue
        write_whole(folder.session_key(session_id), sealer.seal(key))
        wrapped.append(session_id)
    return tuple(wrapped)


def forget_folder_key(folder: DataFolder) -> None:
    """Destroy the folder's private half. SessionKeyError while a session can be opened by nothing else."""
    opener = folder_opener(folder)
    if opener is None:
        return
    still_needed = [session_id for session_id in _wrapped_sessions(folder) if _opens(folder, session_id, opener)]
    if still_needed:
        raise refusal(SessionKeyError, "folder_key_needed", n=len(still_needed))
    _overwrite(_folder_private(folder))
    _folder_private(folder).unlink()
    sync_folder(folder.keys)


def _new_folder_opener(folder: DataFolder) -> Opener:
    folder.make()
    private, opener = new_pair()
    try:
        write_whole_once(_folder_private(folder), private)
    except FileExistsError:  # another process was a moment quicker: its pair is the folder's
        return Opener(_folder_private(folder).read_bytes())
    return opener


def _overwrite(path: Path) -> None:
    """Zeros in the file's place on the disk, as far as the disk writes in place."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        sync_to_disk(file.fileno())


def _opens(folder: DataFolder, session_id: str, opener: Opener) -> bool:
    try:
        unwrap(folder, session_id, opener)
    except SessionKeyError:
        return False
    return True


def _wrapped_sessions(folder: DataFolder) -> Iterator[str]:
    return (path.stem for path in sorted(folder.sessions.glob("*.key")) if not path.name.startswith("."))


def _record_public(folder: DataFolder) -> Path:
    return folder.record / "public.key"


def _folder_private(folder: DataFolder) -> Path:
    return folder.keys / "private.key"
