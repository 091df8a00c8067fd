"""A note on paper and in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from mtsession.record.notes.note import Evidence, OwnText, Sentence, SessionNote, Signer
from mtsession.record.notes.page import WIDTH, as_text, pages
from mtsession.record.store import Record

STATEMENT = "It describes what was played. It does not diagnose, screen, monitor or treat any condition"


def flat(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_every_page_of_a_simulated_session_says_demo(make_note: Callable[..., SessionNote]) -> None:
    long = make_note(simulated=True, own=OwnText(observed="A line of words.\n" * 200))
    found = pages(long, zone=UTC)
    assert len(found) > 3
    assert all("DEMO — simulated players" in page for page in found)
    assert all(f"Page {number} of {len(found)}" in page for number, page in enumerate(found, start=1))


def test_no_page_of_a_real_session_says_demo(make_note: Callable[..., SessionNote]) -> None:
    assert "DEMO" not in as_text(make_note(), zone=UTC)


def test_every_page_says_what_the_program_is_and_whose_note_it_is(make_note: Callable[..., SessionNote]) -> None:
    long = make_note(clients={"client": "K-07"}, own=OwnText(observed="A line of words.\n" * 200))
    for page in pages(long, zone=UTC):
        assert STATEMENT in flat(page)
        assert "Client: K-07" in page
        assert "Session s-1, 4 March 2026, 10:30, 30 min 34 s" in page


def test_no_line_is_wider_and_no_page_longer_than_the_paper(make_note: Callable[..., SessionNote]) -> None:
    own = OwnText(observed="word " * 900, reading="x" * 300, plan="A line.\n\nAnother.")
    found = pages(make_note(own=own), zone=UTC)
    assert all(len(line) <= WIDTH for page in found for line in page.splitlines())
    assert all(len(page.splitlines()) <= 60 for page in found)


def test_a_draft_shows_what_is_ticked_and_says_that_it_is_not_signed(make_note: Callable[..., SessionNote]) -> None:
    text = as_text(make_note(), zone=UTC)
    assert "draft, not signed" in text
    assert "[x] K-07 played in 3 of 5 minutes. [00:01; n = 40]" in flat(text)
    assert "[ ] The longest pause was 11 s. [04:12; n = 3]" in flat(text)


def test_a_sentence_that_says_its_n_does_not_say_it_twice(make_note: Callable[..., SessionNote]) -> None:
    sentence = Sentence("k", "A median of 0.4 s (n = 9).", (Evidence(1, 2, "00:01"),), 9)
    assert flat(as_text(make_note(sentences=(sentence,)))).count("n = 9") == 1


def test_of_many_moments_the_first_three_are_named_and_the_others_counted(
    make_note: Callable[..., SessionNote],
) -> None:
    moments = tuple(Evidence(at, at + 1, f"00:0{at}") for at in range(5))
    sentence = Sentence("k", "You marked 5 moments.", moments, 5)
    assert "[00:00, 00:01, 00:02 and 2 more; n = 5]" in flat(as_text(make_note(sentences=(sentence,))))


def test_a_sentence_that_rests_on_no_moment_stands_alone(make_note: Callable[..., SessionNote]) -> None:
    text = as_text(make_note(sentences=(Sentence("k", "The log does not include voice.", (), 0),)))
    assert "[ ] The log does not include voice.\n" in text


def test_a_signed_note_shows_signer_hash_and_chain_and_no_box(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    signed = record.sign(saved.id, signer)
    assert signed.signature is not None
    text = flat(as_text(signed, zone=UTC))
    assert "Signed: Example Signer, registration HCPC AS00000" in text
    assert f"Content SHA-256 {signed.signature.sha256}" in text
    assert f"Record chain {signed.signature.chain_head}" in text
    assert "[x]" not in text
    assert "The longest pause" not in text


def test_amendments_follow_with_reason_and_signature(
    record: Record, make_note: Callable[..., SessionNote], signer: Signer
) -> None:
    saved = record.save_draft(make_note())
    assert saved.id is not None
    record.sign(saved.id, signer)
    record.amend(saved.id, "It was the second door.", signer, reason="Wrong door")
    text = flat(as_text(record.amend(saved.id, "More.", signer, reason="Left out"), zone=UTC))
    assert "Amendment 1: Wrong door It was the second door. Signed: Example Signer" in text
    assert text.index("Amendment 1") < text.index("Amendment 2: Left out")


def test_times_are_shown_in_the_zone_that_is_asked_for(make_note: Callable[..., SessionNote]) -> None:
    assert "4 March 2026, 11:30" in as_text(make_note(), zone=timezone(timedelta(hours=1)))
    assert make_note().started_at == datetime(2026, 3, 4, 10, 30, 0, 250, tzinfo=UTC)


def test_nothing_written_is_said_so(make_note: Callable[..., SessionNote]) -> None:
    empty = replace(make_note(), sentences=(), own=OwnText())
    text = as_text(empty, zone=UTC)
    assert text.count("(nothing written)") == 3
    assert "(no sentence from the log)" in text
