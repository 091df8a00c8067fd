"""How does a page become HTML? Templates with every value escaped, and the words of the catalogue."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mtsession.charts.words import clock_text
from mtsession.errors import MtSessionError
from mtsession.ui.desk.state import desk_of
from mtsession.wording import say

THEMES = ("auto", "calm", "clear", "dark")

THEME_COOKIE = "mtsession_theme"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""The catalogue's language, not the machine's."""


def date_text(moment: datetime) -> str:
    """A day as "22 November 2026", in this machine's time."""
    local = moment.astimezone()
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def time_text(moment: datetime) -> str:
    """A time of day as "14:03", in this machine's time."""
    return f"{moment.astimezone():%H:%M}"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mtsession.ui.desk", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    environment.filters |= {"clock": clock_text, "date": date_text, "time": time_text}
    return environment


_ENVIRONMENT = _environment()


def page(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **facts: object) -> HTMLResponse:
    """A page of the desk; every template knows its request's desk and theme."""
    text = _ENVIRONMENT.get_template(template).render(
        desk=desk_of(request), theme=theme_of(request), path=request.url.path, themes=THEMES, **facts
    )
    return HTMLResponse(text, status_code=status)


def error_page(request: Request, error: MtSessionError, status: HTTPStatus) -> HTMLResponse:
    """What happened and what to do next, as a page."""
    return page(request, "error.html", status, what=error.what, next_step=error.next_step)


def json_response(value: object) -> Response:
    """Any frozen value as JSON."""
    return Response(msgspec.json.encode(value), media_type="application/json")


def theme_of(request: Request) -> str:
    """The theme this browser chose; "auto" follows its system."""
    chosen = request.cookies.get(THEME_COOKIE, THEMES[0])
    return chosen if chosen in THEMES else THEMES[0]
