"""A session note as a value: what is signed of it, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.record.notes.note import (
    Evidence,
    NoteState,
    OwnText,
    Sentence,
    SessionNote,
    Signer,
    sha256_of,
    signed_content,
)

SIGNED_AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SIGNER = Signer("Example Signer", "AS1")

CONTENT = (
    '{"clients":{},"duration_s":60.0,"format":"narrative","note":"n-1","own":{"observed":"","plan":"Zoë’s drum",'
    '"reading":""},"sentences":[{"evidence":[{"end_s":2.5,"label":"00:01","start_s":1.0}],"key":"k","n":8,'
    '"text":"K-07 played."}],"session":"s-1","signed_at":"2026-03-04T12:00:00+00:00","signer":{"name":'
    '"Example Signer","registration":"AS1"},"simulated":true,"started_at":"2026-03-04T11:00:00+00:00","version":1}'
)


def note() -> SessionNote:
    return SessionNote(
        session_id="s-1",
        started_at=datetime(2026, 3, 4, 11, 0, tzinfo=UTC),
        duration_s=60.0,
        simulated=True,
        clients={},
        sentences=(
            Sentence("k", "K-07 played.", (Evidence(1.0, 2.5, "00:01"),), 8, ticked=True),
            Sentence("l", "Left out.", (), 1),
        ),
        own=OwnText(plan="Zoë’s drum"),
        id="n-1",
    )


def test_what_is_signed_is_this_very_text_and_only_what_was_ticked() -> None:
    assert signed_content(note(), SIGNER, SIGNED_AT).decode() == CONTENT


def test_the_hash_is_sha256_of_it_in_hex() -> None:
    assert sha256_of(CONTENT.encode()) == hashlib.sha256(CONTENT.encode()).hexdigest()


@given(st.text(), st.text(), st.floats(0, 1e6), st.integers(0, 10**9))
def test_whatever_is_written_reads_back_from_what_was_signed(observed: str, said: str, start_s: float, n: int) -> None:
    sentence = Sentence("k", said, (Evidence(start_s, start_s, ""),), n, ticked=True)
    written = replace(note(), own=OwnText(observed=observed), sentences=(sentence,))
    try:
        content = json.loads(signed_content(written, SIGNER, SIGNED_AT))
    except UnicodeEncodeError:  # lone surrogates are no text
        return
    assert content["own"]["observed"] == observed
    assert content["sentences"][0]["text"] == said
    assert content["sentences"][0]["evidence"][0]["start_s"] == start_s
    assert content["sentences"][0]["n"] == n


def test_ticking_ticks_exactly_the_named_sentences(make_note: Callable[..., SessionNote]) -> None:
    ticked = make_note().with_ticks(["pause"])
    assert [(sentence.key, sentence.ticked) for sentence in ticked.sentences] == [("played", False), ("pause", True)]


def test_ticking_a_sentence_that_is_not_there_is_a_mistake(make_note: Callable[..., SessionNote]) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        make_note().with_ticks(["played", "nowhere"])


def test_an_edited_sentence_keeps_what_it_rests_on(make_note: Callable[..., SessionNote]) -> None:
    before = make_note()
    edited = before.with_text("pause", "11 s without playing.")
    assert edited.sentences[1] == replace(before.sentences[1], text="11 s without playing.")
    assert edited.sentences[0] == before.sentences[0]


def test_a_note_without_a_signature_is_a_draft(make_note: Callable[..., SessionNote]) -> None:
    assert make_note().state is NoteState.DRAFT
