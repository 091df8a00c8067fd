"""Who can open the record? From a passphrase, or a printed recovery key, to the keys of everything in it.

    passphrase ── Argon2id ──► key ─┐
                                    ├─ unwraps ► record key ─ derives ► database, names, private half
    recovery key (160 bits) ─ hash ─┘                                   of the pair that opens sessions

All of it lies in `record/keys.json`, written whole; that one rename is the moment at which a record begins to exist.
What follows it (`_settle`) can be cut short anywhere and is taken up again at the next opening.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from mtsession.capture.atomic import sync_folder, write_whole, write_whole_once
from mtsession.capture.keys import (
    Opener,
    folder_opener,
    forget_folder_key,
    new_pair,
    publish_record_key,
    wrap_anew,
)
from mtsession.config import DataFolder
from mtsession.errors import PassphraseError, RecordError
from mtsession.record.recovery import RecoveryKey, new_recovery_key, read_recovery_key
from mtsession.record.refusals import refusal

logger = logging.getLogger(__name__)

SHORTEST_PASSPHRASE = 12
"""Characters. With about half a second a guess, shorter ones fall to a list of common passphrases in days."""

KEY_BYTES = 32
FORMAT = 1


@dataclass(frozen=True, slots=True)
class KdfLimits:
    """What one guess at the passphrase costs: passes over so much memory (Argon2id, RFC 9106)."""

    opslimit: int
    memlimit_bytes: int


MODERATE = KdfLimits(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
"""3 passes over 256 MiB (libsodium's "moderate")."""


class KeyFile(msgspec.Struct, frozen=True):
    """`record/keys.json`: nothing in it opens anything without the passphrase or the recovery key."""

    format: int
    opslimit: int
    memlimit_bytes: int
    salt: bytes
    by_passphrase: bytes
    by_recovery_key: bytes
    private_half: bytes


@dataclass(frozen=True, slots=True)
class Unlocked:
    """An opened record's keys, in memory only."""

    record_key: bytes = field(repr=False)
    private: bytes = field(repr=False)

    @property
    def opener(self) -> Opener:
        """Opens the keys of the sessions."""
        return Opener(self.private)

    @property
    def database_key(self) -> bytes:
        """The raw key of `record.db`, 32 bytes."""
        return _derived(self.record_key, b"database")

    @property
    def names(self) -> SecretBox:
        """Seals and opens clients' names, apart from the database's own sealing."""
        return SecretBox(_derived(self.record_key, b"names"))


def create_record(folder: DataFolder, passphrase: str, *, limits: KdfLimits = MODERATE) -> RecoveryKey:
    """Make the keys of a new record, seal all sessions for it and give its recovery key, which is kept nowhere.

    Called again before the record was first opened, with the same passphrase, it finishes what was cut short and
    gives a new recovery key in place of the first. Raises PassphraseError for a passphrase that is too short, or
    another than the first time; RecordError where there is a record already.
    """
    _refuse_short(passphrase)
    if has_record(folder):
        if not is_new(folder):
            raise refusal(RecordError, "exists")
        return renew_recovery_key(folder, passphrase)
    record_key, recovery = secrets.token_bytes(KEY_BYTES), new_recovery_key()
    keys = _new_key_file(record_key, passphrase, recovery, limits=limits)
    _begin(folder.make(), keys)
    _settled(folder, keys, record_key)
    return recovery


def has_record(folder: DataFolder) -> bool:
    """Whether a record was made in this data folder."""
    return _key_file(folder).exists()


def is_new(folder: DataFolder) -> bool:
    """Whether the record still waits for its first opening, which makes its database."""
    return _new_mark(folder).exists()


def begun(folder: DataFolder) -> None:
    """The database is made: from now on its absence is a loss, and not a beginning."""
    _new_mark(folder).unlink(missing_ok=True)
    sync_folder(folder.record)


def unlock(folder: DataFolder, passphrase: str) -> Unlocked:
    """The keys that this passphrase opens. Raises PassphraseError for a wrong one, RecordError for no record."""
    keys = _read(folder)
    limits = KdfLimits(keys.opslimit, keys.memlimit_bytes)
    box = SecretBox(_stretched(passphrase, keys.salt, limits))
    return _settled(folder, keys, _opened(box, keys.by_passphrase, "wrong_passphrase"))


def unlock_with_recovery_key(folder: DataFolder, text: str) -> Unlocked:
    """The same by the printed recovery key. Raises PassphraseError where it is mistyped or another record's."""
    keys = _read(folder)
    box = _recovery_box(read_recovery_key(text))
    return _settled(folder, keys, _opened(box, keys.by_recovery_key, "wrong_recovery_key"))


def change_passphrase(folder: DataFolder, old: str, new: str, *, limits: KdfLimits = MODERATE) -> None:
    """From now on the new one opens the record; the recovery key stays as it is."""
    _refuse_short(new)
    _set_passphrase(folder, unlock(folder, old), new, limits)


def reset_passphrase(folder: DataFolder, recovery_text: str, new: str, *, limits: KdfLimits = MODERATE) -> None:
    """A new passphrase for who has lost the old one and has the recovery key."""
    _refuse_short(new)
    _set_passphrase(folder, unlock_with_recovery_key(folder, recovery_text), new, limits)


def renew_recovery_key(folder: DataFolder, passphrase: str) -> RecoveryKey:
    """A new recovery key in place of the one before, which opens nothing from now on."""
    unlocked = unlock(folder, passphrase)
    recovery = new_recovery_key()
    sealed = bytes(_recovery_box(recovery).encrypt(unlocked.record_key))
    write_whole(_key_file(folder), _encoded(msgspec.structs.replace(_read(folder), by_recovery_key=sealed)))
    return recovery


def passphrase_from_file(path: Path, warn: Callable[[str], None] = logger.warning) -> str:
    """The first line of a file that holds a passphrase. Others' access to the file is told to `warn`.

    Raises PassphraseError where the file is missing, empty, unreadable or not text.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise refusal(PassphraseError, "passphrase_file", path=path, reason=reason) from error
    if not lines or not lines[0].strip():
        raise refusal(PassphraseError, "passphrase_file_empty", path=path)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        warn(refusal(PassphraseError, "passphrase_file_open", path=path).args[0])
    return lines[0]


def _begin(folder: DataFolder, keys: KeyFile) -> None:
    write_whole(_new_mark(folder), b"")
    try:
        write_whole_once(_key_file(folder), _encoded(keys))
    except FileExistsError as error:  # another process was a moment quicker
        raise refusal(RecordError, "exists") from error


def _new_key_file(record_key: bytes, passphrase: str, recovery: RecoveryKey, *, limits: KdfLimits) -> KeyFile:
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    private, _ = new_pair()
    return KeyFile(
        format=FORMAT,
        opslimit=limits.opslimit,
        memlimit_bytes=limits.memlimit_bytes,
        salt=salt,
        by_passphrase=bytes(SecretBox(_stretched(passphrase, salt, limits)).encrypt(record_key)),
        by_recovery_key=bytes(_recovery_box(recovery).encrypt(record_key)),
        private_half=bytes(_private_box(record_key).encrypt(private)),
    )


def _set_passphrase(folder: DataFolder, unlocked: Unlocked, new: str, limits: KdfLimits) -> None:
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    sealed = bytes(SecretBox(_stretched(new, salt, limits)).encrypt(unlocked.record_key))
    changed = msgspec.structs.replace(
        _read(folder),
        opslimit=limits.opslimit,
        memlimit_bytes=limits.memlimit_bytes,
        salt=salt,
        by_passphrase=sealed,
    )
    write_whole(_key_file(folder), _encoded(changed))


def _settled(folder: DataFolder, keys: KeyFile, record_key: bytes) -> Unlocked:
    private = _opened(_private_box(record_key), keys.private_half, "keys_damaged", RecordError)
    unlocked = Unlocked(record_key, private)
    _settle(folder, unlocked)
    return unlocked


def _settle(folder: DataFolder, unlocked: Unlocked) -> None:
    """Have every session sealed for the record, and nothing beside it that opens one.

    The folder's own private half is kept, sealed by the record's key: a session that began at the very moment the
    record was made may be sealed for it still, and is sealed anew at the next opening.
    """
    _publish(folder, unlocked.opener)
    if own := folder_opener(folder):
        private = (folder.keys / "private.key").read_bytes()
        write_whole(_former_pair(folder), bytes(_private_box(unlocked.record_key).encrypt(private)))
        wrap_anew(folder, own, unlocked.opener.sealer())
        forget_folder_key(folder)
    elif _former_pair(folder).exists():
        box = _private_box(unlocked.record_key)
        former = Opener(_opened(box, _former_pair(folder).read_bytes(), "keys_damaged", RecordError))
        wrap_anew(folder, former, unlocked.opener.sealer())


def _publish(folder: DataFolder, opener: Opener) -> None:
    """Sessions are sealed for whoever's public half lies there: a foreign one is refused, a lost one put back."""
    path = folder.record / "public.key"
    if not path.exists():
        publish_record_key(folder, opener.sealer())
    elif path.read_bytes() != opener.sealer().public:
        raise refusal(RecordError, "foreign_public_key")


def _read(folder: DataFolder) -> KeyFile:
    if not has_record(folder):
        raise refusal(RecordError, "none")
    try:
        keys = msgspec.json.decode(_key_file(folder).read_bytes(), type=KeyFile)
    except msgspec.DecodeError as error:
        raise refusal(RecordError, "keys_damaged") from error
    if keys.format != FORMAT:
        raise refusal(RecordError, "newer")
    return keys


def _encoded(keys: KeyFile) -> bytes:
    return msgspec.json.format(msgspec.json.encode(keys))


def _opened(
    box: SecretBox, sealed: bytes, key: str, kind: type[PassphraseError | RecordError] = PassphraseError
) -> bytes:
    try:
        return bytes(box.decrypt(sealed))
    except CryptoError as error:
        raise refusal(kind, key) from error


def _stretched(passphrase: str, salt: bytes, limits: KdfLimits) -> bytes:
    """NFKC first: keyboards and systems compose the same letter differently."""
    typed = unicodedata.normalize("NFKC", passphrase).encode()
    try:
        return bytes(argon2id.kdf(KEY_BYTES, typed, salt, limits.opslimit, limits.memlimit_bytes))
    except CryptoError as error:  # limits or salt that nobody wrote, or no memory for them
        raise refusal(RecordError, "keys_damaged") from error


def _refuse_short(passphrase: str) -> None:
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise refusal(PassphraseError, "passphrase_short", shortest=SHORTEST_PASSPHRASE)


def _recovery_box(recovery: RecoveryKey) -> SecretBox:
    return SecretBox(_derived(recovery.secret, b"recovery"))


def _private_box(record_key: bytes) -> SecretBox:
    return SecretBox(_derived(record_key, b"private half"))


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose (BLAKE2b, keyed, with the purpose as personalisation)."""
    return bytes(blake2b(b"", digest_size=KEY_BYTES, key=key, person=purpose, encoder=RawEncoder))


def _key_file(folder: DataFolder) -> Path:
    return folder.record / "keys.json"


def _new_mark(folder: DataFolder) -> Path:
    return folder.record / "new"


def _former_pair(folder: DataFolder) -> Path:
    return folder.record / "former_pair.sealed"
