"""What else does every page need? The way in, the theme, the sign of life, and what this program is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from mtsession import __version__
from mtsession.analysis.summary import RULES_VERSION
from mtsession.ui.desk.pages.forms import fields
from mtsession.ui.desk.pages.unlock import local_path
from mtsession.ui.desk.render import THEME_COOKIE, THEMES, page
from mtsession.ui.desk.state import desk_of
from mtsession.wording import say

A_YEAR_S = 365 * 24 * 3600


async def enter(request: Request) -> Response:
    """Exchanges the address's key for the cookie, and takes the key out of the address."""
    keys = desk_of(request).keys
    if not keys.opens(request.query_params.get("key", "")):
        return PlainTextResponse(say("desk.refused_key"), status_code=403)
    answer = RedirectResponse(local_path(request.query_params.get("then", "/")), status_code=303)
    keys.set_cookie(answer)
    return answer


async def about_page(request: Request) -> Response:
    """What this program is, and is not."""
    return page(request, "about.html", version=__version__, rules_version=RULES_VERSION)


async def set_theme(request: Request) -> Response:
    """Keeps the chosen theme in this browser, and goes back."""
    chosen = (await fields(request)).text("theme")
    back = request.headers.get("referer", "").removeprefix(desk_of(request).keys.origin)
    answer = RedirectResponse(local_path(back), status_code=303)
    if chosen in THEMES:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=A_YEAR_S, httponly=True, samesite="strict", path="/")
    return answer


async def alive(_: Request) -> Response:
    """Somebody is reading: the desk counts the request and says nothing."""
    return Response(status_code=204)
