"""Who may come in: every rule of the gate, asked of it directly."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from mtsession.ui.desk.gate import ENTRY_PATH, Keys, new_keys, refusal

KEYS = Keys(port=4321, entry="entry-key", cookie="cookie-key")

LET_IN = {"host": "127.0.0.1:4321", "cookie": "mtsession_desk_4321=cookie-key"}


def asked(headers: Mapping[str, str], method: str = "GET", path: str = "/") -> str | None:
    return refusal(Headers(dict(headers)), method, path, KEYS)


def test_its_own_browser_is_let_in() -> None:
    assert asked(LET_IN) is None


def test_a_form_of_its_own_page_is_let_in() -> None:
    assert asked({**LET_IN, "origin": "http://127.0.0.1:4321"}, "POST") is None


@pytest.mark.parametrize(
    "host", ["evil.example:4321", "127.0.0.1", "127.0.0.1:4322", "localhost:4321", "[::1]:4321", ""]
)
def test_another_host_name_is_refused_though_it_points_here(host: str) -> None:
    assert asked({**LET_IN, "host": host}) == "desk.refused_host"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:4322", "null", "http://localhost:4321"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_origin_is_refused_with_the_right_cookie_too(origin: str, method: str) -> None:
    assert asked({**LET_IN, "origin": origin}, method) == "desk.refused_origin"


def test_a_change_without_an_origin_is_refused() -> None:
    assert asked(LET_IN, "POST") == "desk.refused_origin"


@pytest.mark.parametrize(
    "cookie", ["", "mtsession_desk_4321=", "mtsession_desk_4321=entry-key", "mtsession_desk_1=cookie-key", "\x00=;;"]
)
def test_without_its_cookie_nobody_is_let_in(cookie: str) -> None:
    assert asked({**LET_IN, "cookie": cookie}) == "desk.refused_key"


def test_the_entry_needs_no_cookie_yet() -> None:
    assert asked({"host": "127.0.0.1:4321"}, path=ENTRY_PATH) is None


def test_the_key_of_the_address_does_not_serve_as_cookie_nor_the_other_way() -> None:
    assert KEYS.opens("entry-key")
    assert not KEYS.opens("cookie-key")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    answer = Response()
    KEYS.set_cookie(answer)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_no_two_runs_share_a_key() -> None:
    assert new_keys(1).entry != new_keys(1).entry
    assert new_keys(1).entry != new_keys(1).cookie
