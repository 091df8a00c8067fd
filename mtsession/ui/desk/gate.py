"""Who may come in? This machine's browser, by this desk's own address, with the key it was given once."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mtsession.wording import say

HOST = "127.0.0.1"

ENTRY_PATH = "/enter"

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Nothing from elsewhere, and no script or style within a page."""

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": under it browsers send `Origin: null` with a form of our own page.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), midi=()",
}

_SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Keys:
    """The two secrets of one run of the desk: one for the address, one for the cookie it is exchanged for."""

    port: int
    entry: str
    cookie: str

    @property
    def origin(self) -> str:
        """The only origin there is."""
        return f"http://{HOST}:{self.port}"

    @property
    def cookie_name(self) -> str:
        """Cookies are shared between the ports of a machine: each desk has its own name."""
        return f"mtsession_desk_{self.port}"

    def entry_url(self, then: str = "/") -> str:
        """The address that lets a browser in, and where it goes from there."""
        return f"{self.origin}{ENTRY_PATH}?key={self.entry}&then={then}"

    def opens(self, entry: str) -> bool:
        """Is this the key of the address? Compared in constant time."""
        return hmac.compare_digest(entry.encode(), self.entry.encode())

    def set_cookie(self, response: Response) -> None:
        """Give this browser the cookie: not readable by scripts, never sent from another site."""
        response.set_cookie(self.cookie_name, self.cookie, httponly=True, samesite="strict", path="/")


def new_keys(port: int) -> Keys:
    """Fresh secrets for one run."""
    return Keys(port, secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def refusal(headers: Headers, method: str, path: str, keys: Keys) -> str | None:
    """Why a request is turned away, as a key of the catalogue; None lets it in.

    The Host check keeps out names that were made to point here (DNS rebinding), the Origin check keeps out other
    sites' forms and scripts, the cookie keeps out other people of this machine.
    """
    if headers.get("host") != f"{HOST}:{keys.port}":
        return "desk.refused_host"
    if not _origin_is_own(headers, method, keys):
        return "desk.refused_origin"
    if path == ENTRY_PATH or _has_cookie(headers, keys):
        return None
    return "desk.refused_key"


def _origin_is_own(headers: Headers, method: str, keys: Keys) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return method in _SAFE_METHODS
    return origin == keys.origin


def _has_cookie(headers: Headers, keys: Keys) -> bool:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return False
    given = cookies.get(keys.cookie_name)
    return given is not None and hmac.compare_digest(given.value.encode(), keys.cookie.encode())


@dataclass(frozen=True, slots=True)
class Gate:
    """Turns away what may not come in, and puts the security headers on everything that goes out."""

    app: ASGIApp
    keys: Keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"the desk speaks http only, not {scope['type']}")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_headers(MutableHeaders(scope=message))
            await send(message)

        reason = refusal(Headers(scope=scope), scope["method"], scope["path"], self.keys)
        answer = self.app if reason is None else PlainTextResponse(say(reason), status_code=403)
        await answer(scope, receive, send_guarded)


def _put_headers(headers: MutableHeaders) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    # Nothing clinical stays in the browser's cache on disk; the static files say for themselves.
    headers.setdefault("cache-control", "no-store")
