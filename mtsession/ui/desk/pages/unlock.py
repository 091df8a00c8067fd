"""How is the record opened, or made? By its passphrase; the recovery key is shown once, to be printed."""

from __future__ import annotations

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mtsession.errors import PassphraseError
from mtsession.record.keys import SHORTEST_PASSPHRASE, create_record
from mtsession.record.store import open_record
from mtsession.ui.desk.pages.forms import Fields, fields
from mtsession.ui.desk.render import page
from mtsession.ui.desk.state import desk_of
from mtsession.wording import say


async def unlock_page(request: Request) -> Response:
    """Asks for the passphrase."""
    desk = desk_of(request)
    if not desk.is_locked:
        return RedirectResponse("/", status_code=303)
    return page(request, "unlock.html", wrong=None, then=local_path(request.query_params.get("then", "/")))


async def unlock(request: Request) -> Response:
    """Opens the record, and goes on to where the therapist was going."""
    desk, form = desk_of(request), await fields(request)
    then = local_path(form.text("then"))
    if not desk.is_locked:  # sent twice: a second opening would leave the first one's file open
        return RedirectResponse(then, status_code=303)
    try:
        desk.record = await run_in_threadpool(open_record, desk.folder, form.exact("passphrase"))
    except PassphraseError as error:
        return page(request, "unlock.html", HTTPStatus.FORBIDDEN, wrong=error, then=then)
    return RedirectResponse(then, status_code=303)


async def lock(request: Request) -> Response:
    """Closes the record: whoever comes next needs the passphrase."""
    await run_in_threadpool(desk_of(request).lock)
    return RedirectResponse("/unlock", status_code=303)


async def new_record_page(request: Request) -> Response:
    """Asks for a passphrase, twice."""
    if desk_of(request).record is not None:
        return RedirectResponse("/", status_code=303)
    return _new_page(request, None, local_path(request.query_params.get("then", "/")))


async def new_record(request: Request) -> Response:
    """Makes the record and shows its recovery key: on this answer only, it is kept nowhere."""
    desk, form = desk_of(request), await fields(request)
    then = local_path(form.text("then"))
    try:
        passphrase = _same_twice(form)
        recovery = await run_in_threadpool(create_record, desk.folder, passphrase)
        desk.record = await run_in_threadpool(open_record, desk.folder, passphrase)
    except PassphraseError as error:
        return _new_page(request, error, then)
    return page(request, "recovery.html", recovery=recovery.text, then=then)


def local_path(path: str) -> str:
    """Where to go next: a page of the desk, whatever the address said."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_local else "/"


def _same_twice(form: Fields) -> str:
    passphrase = form.exact("passphrase")
    if passphrase != form.exact("again"):
        raise PassphraseError(say("desk.not_the_same"), say("desk.not_the_same_next"))
    return passphrase


def _new_page(request: Request, wrong: PassphraseError | None, then: str) -> Response:
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return page(request, "new_record.html", status, wrong=wrong, then=then, shortest=SHORTEST_PASSPHRASE)
