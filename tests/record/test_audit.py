"""Who did what, and whether anybody touched that account since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from mtsession.config import DataFolder
from mtsession.record import keys
from mtsession.record.audit import BEGINNING, Action, AuditEntry, broken_links, follow, verify
from mtsession.record.migrations.locks import locks_in_place, unlock_statement
from mtsession.record.notes.note import SessionNote, Signer
from mtsession.record.store import Record, sealed_engine


@pytest.fixture
def unlocked(record: Record, folder: DataFolder, passphrase: str) -> Iterator[Connection]:
    """What a forger with the record's key can do: the triggers are off."""
    engine = sealed_engine(folder.record / "record.db", keys.unlock(folder, passphrase).database_key)
    with engine.begin() as connection:
        for lock in locks_in_place(connection):
            connection.exec_driver_sql(unlock_statement(lock))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def signed(record: Record, make_note: Callable[..., SessionNote], signer: Signer) -> SessionNote:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    record.sign(saved.id, signer)
    return record.amend(saved.id, "words", signer, reason="a reason")


def forge(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
    connection.commit()


def test_everything_done_is_in_the_chain_and_the_chain_is_whole(record: Record, signed: SessionNote) -> None:
    verdict = verify(record)
    assert verdict.intact
    assert [entry.action for entry in record.audit()] == [
        Action.OPENED,
        Action.ADDED_CLIENT,
        Action.DRAFTED,
        Action.SIGNED,
        Action.AMENDED,
    ]
    assert verdict.n_entries == 5
    assert verdict.head == record.audit()[-1].hash
    assert record.audit()[0].previous == BEGINNING


def test_the_chain_holds_no_clinical_text_no_code_and_no_name(record: Record, signed: SessionNote) -> None:
    record.set_client_name("K-07", "Zoe Example")
    told = str(record.audit())
    for secret in ("K-07", "Zoe", "door", "words", "minutes"):
        assert secret not in told


def test_two_entries_in_the_same_moment_have_different_hashes(record: Record) -> None:
    for _ in range(3):
        record.client_name("K-07")
    assert len({entry.hash for entry in record.audit()}) == len(record.audit())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'somebody else' WHERE seq = 2",
        "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
        "UPDATE audit SET detail = '{}' WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 1",
    ],
)
def test_a_changed_or_missing_entry_breaks_the_chain(
    record: Record, signed: SessionNote, unlocked: Connection, statement: str
) -> None:
    forge(unlocked, statement)
    assert not verify(record).intact


def test_a_chain_cut_off_at_its_end_is_found_by_what_is_printed_on_the_notes(
    record: Record, signed: SessionNote, unlocked: Connection
) -> None:
    forge(unlocked, "DELETE FROM audit WHERE seq >= 4")
    assert list(broken_links(record.audit())) == []
    assert verify(record).faults == (f"Note {signed.id}: its signing is not in the trail",) * 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE note_sentences SET text = 'K-07 played all the time.'",
        "UPDATE note_sentences SET evidence = '[]'",
        "DELETE FROM note_sentences",
        "UPDATE notes SET observed = 'Sat elsewhere.'",
        "UPDATE notes SET signer_name = 'Somebody Else'",
        "UPDATE notes SET signed_content = replace(signed_content, 'near', 'far from')",
        "UPDATE notes SET simulated = 1",
        "UPDATE notes SET signed_content = 'no JSON'",
        "UPDATE amendments SET text = 'other words'",
        "UPDATE amendments SET reason = 'another reason'",
        "UPDATE amendments SET signed_content = '{}'",
    ],
)
def test_a_signed_note_changed_behind_the_locks_is_found(
    record: Record, signed: SessionNote, unlocked: Connection, statement: str
) -> None:
    forge(unlocked, statement)
    assert f"Note {signed.id} does not say what was signed" in verify(record).faults


def chain_of(n: int) -> list[AuditEntry]:
    """A chain as the store makes it."""
    chain: list[AuditEntry] = []
    for number in range(n):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        last = chain[-1] if chain else None
        detail = {"sha256": "0" * 64}
        done = {"who": "therapist", "action": Action.DRAFTED.value, "kind": "note", "entity": f"n-{number}"}
        chain.append(follow(last, at=at, detail=detail, **done))
    return chain


def test_an_unbroken_chain_has_no_faults() -> None:
    assert list(broken_links(chain_of(20))) == []


@given(st.integers(0, 9), st.sampled_from(["who", "action", "kind", "entity", "previous", "hash"]), st.text(min_size=1))
def test_any_field_of_any_entry_changed_is_found(place: int, name: str, text: str) -> None:
    chain = chain_of(10)
    changed = replace(chain[place], **{name: getattr(chain[place], name) + text})
    chain[place] = changed
    assert list(broken_links(chain))


@given(st.integers(0, 8), st.integers(0, 8))
def test_entries_left_out_or_in_another_order_are_found(one: int, other: int) -> None:
    left_out, swapped = chain_of(10), chain_of(10)
    del left_out[one]
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert list(broken_links(left_out))
    assert bool(list(broken_links(swapped))) == (one != other)
