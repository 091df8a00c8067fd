"""Which clients are there, and who sat where? Codes only: a name is never on these pages."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mtsession.charts.looks import looks
from mtsession.events import Seat
from mtsession.record.store import Record
from mtsession.session import Role
from mtsession.ui.desk.pages.forms import fields
from mtsession.ui.desk.pages.notes import open_record_of
from mtsession.ui.desk.people import session_clients
from mtsession.ui.desk.render import page
from mtsession.ui.desk.state import desk_of

SEATS_OF_CLIENTS = (Role.CLIENT, Role.PEER)


async def clients_page(request: Request) -> Response:
    """The list of codes with their notes."""
    record = open_record_of(desk_of(request))
    lines = await run_in_threadpool(_lines, record)
    return page(request, "clients.html", lines=lines)


async def add_client(request: Request) -> Response:
    """A new code."""
    record, form = open_record_of(desk_of(request)), await fields(request)
    await run_in_threadpool(record.add_client, form.text("code"))
    return RedirectResponse("/clients", status_code=303)


async def seats_page(request: Request) -> Response:
    """Who sat where in this session?"""
    desk = desk_of(request)
    record = open_record_of(desk)
    session = await desk.session(await run_in_threadpool(desk.sealed, request.path_params["session"]))
    return page(
        request,
        "seats.html",
        session=session,
        looks=looks(session.players),
        players=[player for player in session.players if player.role in SEATS_OF_CLIENTS],
        clients=await run_in_threadpool(session_clients, desk, session.id),
        known=[client for client in await run_in_threadpool(record.clients) if client.closed_at is None],
    )


async def attach_seats(request: Request) -> Response:
    """Say which client sat on which seat; a new code may be typed instead of one that is there."""
    desk, form = desk_of(request), await fields(request)
    record = open_record_of(desk)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    chosen = {Seat(seat): code for seat, code in form.named("seat:").items() if code}
    new = {Seat(seat): code.strip() for seat, code in form.named("new:").items() if code.strip()}
    for code in dict.fromkeys(new.values()):
        await run_in_threadpool(record.add_client, code)
    await run_in_threadpool(record.attach, sealed.id, {**chosen, **new})
    return RedirectResponse(f"/sessions/{sealed.id}", status_code=303)


def _lines(record: Record) -> list[dict[str, object]]:
    return [{"client": client, "notes": record.client_notes(client.code)} for client in record.clients()]
