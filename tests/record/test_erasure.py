"""What was erased is not in the file any more.

Searching the bytes of an encrypted file proves nothing, so the pages are decrypted first: SQLCipher 4 keeps AES-256-CBC
pages of 4096 bytes, of which the last 80 are the page's initialisation vector (16) and its authentication code (64).
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mtsession.config import DataFolder
from mtsession.record import keys
from mtsession.record.notes.note import OwnText, SessionNote, Signer
from mtsession.record.store import Record, sealed_engine

PAGE, RESERVED, SALT, VECTOR = 4096, 80, 16, 16
PLANTED = "PLANTED-TEXT-THAT-MUST-GO"

LIBRARY = ctypes.util.find_library("crypto")
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="no libcrypto to decrypt the pages with")


def decrypted_pages(path: Path, key: bytes) -> bytes:
    """All pages of a SQLCipher file, the free ones too, one after the other."""
    content = path.read_bytes()
    assert len(content) % PAGE == 0
    pages = (content[start : start + PAGE] for start in range(0, len(content), PAGE))
    return b"".join(decrypted(page[SALT if number == 0 else 0 :], key) for number, page in enumerate(pages))


def decrypted(page: bytes, key: bytes) -> bytes:
    crypto = ctypes.CDLL(LIBRARY)
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_cbc"):
        getattr(crypto, name).restype = ctypes.c_void_p
    context, written = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new()), ctypes.c_int()
    sealed, vector = page[:-RESERVED], page[-RESERVED : -RESERVED + VECTOR]
    plain = ctypes.create_string_buffer(len(sealed) + 32)
    crypto.EVP_DecryptInit_ex(context, ctypes.c_void_p(crypto.EVP_aes_256_cbc()), None, key, vector)
    crypto.EVP_CIPHER_CTX_set_padding(context, 0)
    crypto.EVP_DecryptUpdate(context, plain, ctypes.byref(written), sealed, len(sealed))
    crypto.EVP_CIPHER_CTX_free(context)
    return plain.raw[: written.value]


@pytest.fixture
def file_holds(record: Record, folder: DataFolder, passphrase: str) -> Callable[[str], bool]:
    """Whether a text is anywhere in the pages of the record's file, while the write-ahead log is empty."""
    key = keys.unlock(folder, passphrase).database_key

    def holds(text: str) -> bool:
        assert (folder.record / "record.db-wal").stat().st_size == 0
        pages = decrypted_pages(folder.record / "record.db", key)
        assert b"CREATE TABLE notes" in pages
        return text.encode() in pages

    return holds


def test_a_discarded_draft_is_in_no_page_of_the_file(
    record: Record, make_note: Callable[..., SessionNote], file_holds: Callable[[str], bool]
) -> None:
    saved = record.save_draft(make_note(own=OwnText(observed=PLANTED)))
    assert file_holds(PLANTED)
    assert saved.id is not None
    record.discard_draft(saved.id)
    assert not file_holds(PLANTED)


def test_an_edited_sentence_leaves_nothing_of_its_earlier_wording(
    record: Record, make_note: Callable[..., SessionNote], file_holds: Callable[[str], bool]
) -> None:
    saved = record.save_draft(make_note().with_text("pause", PLANTED))
    assert file_holds(PLANTED)
    record.save_draft(saved.with_text("pause", "11 s without playing."))
    assert not file_holds(PLANTED)


def test_what_was_not_ticked_is_erased_by_signing(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer, file_holds: Callable[[str], bool]
) -> None:
    saved = record.save_draft(make_note().with_text("pause", PLANTED))
    assert file_holds(PLANTED)
    assert saved.id is not None
    record.sign(saved.id, signer)
    assert not file_holds(PLANTED)


def test_a_name_is_in_no_page_at_all(record: Record, file_holds: Callable[[str], bool]) -> None:
    record.set_client_name("K-07", PLANTED)
    assert file_holds("K-07")
    assert not file_holds(PLANTED)


def test_without_secure_delete_the_same_search_finds_the_erased_text(
    record: Record,
    folder: DataFolder,
    passphrase: str,
    make_note: Callable[..., SessionNote],
    file_holds: Callable[[str], bool],
) -> None:
    saved = record.save_draft(replace(make_note(), own=OwnText(observed=PLANTED)))
    engine = sealed_engine(folder.record / "record.db", keys.unlock(folder, passphrase).database_key)
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("DELETE FROM notes WHERE id = ?", (saved.id,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    assert file_holds(PLANTED)
