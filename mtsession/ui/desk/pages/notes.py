"""How does a draft become the note that the therapist signs? Tick, edit, add, save, sign; later only amend."""

from __future__ import annotations

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from mtsession.errors import RecordError
from mtsession.record.notes.draft import draft_note
from mtsession.record.notes.note import NoteState, OwnText, SessionNote, Signer
from mtsession.record.store import Record
from mtsession.ui.desk.pages.forms import Fields, fields
from mtsession.ui.desk.people import session_clients
from mtsession.ui.desk.render import page
from mtsession.ui.desk.state import Desk, SealedSession, desk_of
from mtsession.wording import say


def open_record_of(desk: Desk) -> Record:
    """The open record. Raises RecordError where there is none: the page before this one asked for it."""
    if desk.record is None:
        raise RecordError(say("desk.record_needed"), say("desk.record_needed_next"))
    return desk.record


async def note_page(request: Request) -> Response:
    """The note desk of a session. A signed note is shown as such; what follows it is an amendment."""
    desk = desk_of(request)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    if (kept := await run_in_threadpool(kept_note, open_record_of(desk), sealed.id)) and kept.state is NoteState.SIGNED:
        return RedirectResponse(f"/notes/{kept.id}", status_code=303)
    note = kept or await _drafted(desk, sealed)
    session = await desk.session(sealed)
    clients = await run_in_threadpool(session_clients, desk, sealed.id)
    return page(
        request, "note.html", note=note, session=session, clients=clients, saved="saved" in request.query_params
    )


async def save_note(request: Request) -> Response:
    """Keep the draft as the form has it; a page that saves by itself gets one line back."""
    desk = desk_of(request)
    kept = await _save(desk, request.path_params["session"], await fields(request))
    if request.headers.get("accept") == "text/plain":
        return PlainTextResponse(say("desk.note_kept"))
    return RedirectResponse(f"/sessions/{kept.session_id}/note?saved", status_code=303)


async def sign_note(request: Request) -> Response:
    """Keep the draft as the form has it, and sign exactly that."""
    desk = desk_of(request)
    form = await fields(request)
    kept = await _save(desk, request.path_params["session"], form)
    signer = Signer(form.text("signer_name"), form.text("signer_registration"))
    signed = await run_in_threadpool(open_record_of(desk).sign, str(kept.id), signer)
    return RedirectResponse(f"/notes/{signed.id}", status_code=303)


async def signed_page(request: Request) -> Response:
    """A note as it was signed, with what was added later, ready to print."""
    desk = desk_of(request)
    note = await run_in_threadpool(open_record_of(desk).note, request.path_params["note"])
    if note.state is NoteState.DRAFT:
        return RedirectResponse(f"/sessions/{note.session_id}/note", status_code=303)
    clients = await run_in_threadpool(session_clients, desk, note.session_id)
    codes = ", ".join(dict.fromkeys(note.clients.values())) or say("desk.signed_no_client")
    return page(request, "signed.html", note=note, clients=clients, codes=codes)


async def amend_note(request: Request) -> Response:
    """Add words to a signed note."""
    desk, form = desk_of(request), await fields(request)
    signer = Signer(form.text("signer_name"), form.text("signer_registration"))
    note_id = request.path_params["note"]

    def amend() -> SessionNote:
        return open_record_of(desk).amend(note_id, form.text("text"), signer, reason=form.text("reason"))

    await run_in_threadpool(amend)
    return RedirectResponse(f"/notes/{note_id}#amendments", status_code=303)


def kept_note(record: Record, session_id: str) -> SessionNote | None:
    """The session's note: the signed one where there is one, else the newest draft."""
    notes = record.notes(session_id)
    signed = [note for note in notes if note.state is NoteState.SIGNED]
    found = signed or notes
    return found[-1] if found else None


def filled_in(note: SessionNote, form: Fields) -> SessionNote:
    """The draft as the therapist left it in the form: wording, ticks, own texts."""
    texts = form.named("text:")
    for sentence in note.sentences:
        if sentence.key in texts:
            note = note.with_text(sentence.key, " ".join(texts[sentence.key].split()))
    known = {sentence.key for sentence in note.sentences}
    own = OwnText(form.text("observed"), form.text("reading"), form.text("plan"))
    return replace(note.with_ticks(known & set(form.named("tick:"))), own=own)


async def _save(desk: Desk, session_id: str, form: Fields) -> SessionNote:
    sealed = await run_in_threadpool(desk.sealed, session_id)
    record = open_record_of(desk)
    kept = await run_in_threadpool(kept_note, record, sealed.id)
    note = filled_in(kept or await _drafted(desk, sealed), form)
    return await run_in_threadpool(record.save_draft, note)


async def _drafted(desk: Desk, sealed: SealedSession) -> SessionNote:
    session, measures = await desk.session(sealed), await desk.measures(sealed)
    clients = await run_in_threadpool(session_clients, desk, sealed.id)
    return draft_note(session, measures, {seat: client.code for seat, client in clients.items()})
