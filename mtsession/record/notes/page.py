"""How does a note read on paper and in a terminal? As plain text, page by page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from mtsession.record.notes import phrases
from mtsession.record.notes.note import Amendment, NoteState, Sentence, SessionNote, Signature
from mtsession.wording import say

WIDTH = 78
LINES = 60
"""Lines on a page of A4."""

SHOWN_LABELS = 3
RULE = "─" * WIDTH


def as_text(note: SessionNote, *, zone: tzinfo | None = None) -> str:
    """The whole note, its pages one below the other; times in `zone`, or as this machine's clock shows them."""
    return "\n\n".join(pages(note, zone=zone))


def pages(note: SessionNote, *, zone: tzinfo | None = None, lines: int = LINES) -> tuple[str, ...]:
    """The note in pages of so many lines at most, each with its client and session, the simulated also with DEMO."""
    head, foot = _head(note, zone), _foot()
    room = lines - len(head) - len(foot) - 1
    body = _body(note, zone)
    parts = [body[start : start + room] for start in range(0, len(body), room)]
    numbered = ((say("note.page", page=page, pages=len(parts)), part) for page, part in enumerate(parts, start=1))
    return tuple("\n".join((*head, *part, *foot, number.rjust(WIDTH))) for number, part in numbered)


def moment(at: datetime, zone: tzinfo | None) -> str:
    """A date and time as it is written in Britain: 22 November 2026, 23:05."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _head(note: SessionNote, zone: tzinfo | None) -> list[str]:
    codes = ", ".join(dict.fromkeys(note.clients.values())) or say("note.no_client")
    length = phrases.length(note.duration_s)
    facts = say("note.session", id=note.session_id, when=moment(note.started_at, zone), length=length)
    return [
        *([say("note.demo")] if note.simulated else []),
        say("note.title_draft" if note.state is NoteState.DRAFT else "note.title_signed"),
        *_wrapped(say("note.client", codes=codes)),
        *_wrapped(facts),
        RULE,
    ]


def _foot() -> list[str]:
    return [RULE, *_wrapped(say("note.statement"))]


def _body(note: SessionNote, zone: tzinfo | None) -> list[str]:
    return [
        *_part("note.what_happened", _log(note)),
        *_part("note.observed", _written(note.own.observed)),
        *_part("note.reading", _written(note.own.reading)),
        *_part("note.plan", _written(note.own.plan)),
        *(_signature(note.signature, zone) if note.signature else ()),
        *(line for place, added in enumerate(note.amendments, start=1) for line in _amendment(place, added, zone)),
    ]


def _part(title: str, lines: Sequence[str]) -> list[str]:
    return [say(title), *lines, ""]


def _log(note: SessionNote) -> list[str]:
    """A draft shows which sentences are ticked; a signed note has no others."""
    if not note.sentences:
        return _wrapped(say("note.nothing_ticked"), "  ")
    return [line for sentence in note.sentences for line in _sentence(sentence, note.state)]


def _sentence(sentence: Sentence, state: NoteState) -> list[str]:
    box = f"[{'x' if sentence.ticked else ' '}] " if state is NoteState.DRAFT else "• "
    return _wrapped(f"{sentence.text} {_rests_on(sentence)}", "  " + " " * len(box), first="  " + box)


def _rests_on(sentence: Sentence) -> str:
    """The first moments, and n where the sentence itself does not say it; nothing for one that rests on no moment."""
    labels = list(dict.fromkeys(evidence.label for evidence in sentence.evidence))
    if not labels:
        return ""
    shown, more = ", ".join(labels[:SHOWN_LABELS]), len(labels) - SHOWN_LABELS
    moments = say("note.see_more", labels=shown, more=more) if more > 0 else shown
    told = say("note.n", n=sentence.n)
    return say("note.see", moments=moments if told in sentence.text else f"{moments}; {told}")


def _written(text: str) -> list[str]:
    paragraphs = text.strip().splitlines() or [say("note.nothing_written")]
    return [line for paragraph in paragraphs for line in _wrapped(paragraph, "  ") or [""]]


def _signature(signature: Signature, zone: tzinfo | None) -> Iterator[str]:
    signer = signature.signer
    when = moment(signature.signed_at, zone)
    yield from _wrapped(say("note.signed", name=signer.name, registration=signer.registration, when=when))
    yield from _wrapped(say("note.sha256", sha256=signature.sha256))
    yield from _wrapped(say("note.chain", head=signature.chain_head))


def _amendment(place: int, amendment: Amendment, zone: tzinfo | None) -> Iterator[str]:
    yield ""
    yield from _wrapped(say("note.amendment", place=place, reason=amendment.reason))
    yield from _written(amendment.text)
    yield from _signature(amendment.signature, zone)


def _wrapped(text: str, indent: str = "", *, first: str | None = None) -> list[str]:
    """Lines of the page's width; "n = 9" and "77 %" stay on one of them."""
    held = text.replace(" = ", "\u00a0=\u00a0").replace(" %", "\u00a0%")
    return textwrap.wrap(held, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent)
