"""Ranges of bytes, as RFC 9110 §14 has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.ui.desk.ranges import ranged

CONTENT = bytes(range(100))


def body_of(header: str | None) -> tuple[int, bytes, str | None]:
    answer = ranged(CONTENT, "audio/flac", header)
    return answer.status_code, bytes(answer.body), answer.headers.get("content-range")


@pytest.mark.parametrize("header", [None, "", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b"])
def test_what_is_no_single_range_gets_the_whole(header: str | None) -> None:
    assert body_of(header) == (200, CONTENT, None)


@pytest.mark.parametrize(
    ("header", "first", "end"),
    [
        ("bytes=0-", 0, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=99-99", 99, 100),
        ("bytes=90-500", 90, 100),
        ("bytes=-5", 95, 100),
        ("bytes=-500", 0, 100),
    ],
)
def test_one_range_gets_exactly_its_bytes(header: str, first: int, end: int) -> None:
    assert body_of(header) == (206, CONTENT[first:end], f"bytes {first}-{end - 1}/100")


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=20-10", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_length(header: str) -> None:
    assert body_of(header) == (416, b"", "bytes */100")


@given(first=st.integers(0, 99), length=st.integers(1, 200))
def test_any_range_within_is_what_slicing_gives(first: int, length: int) -> None:
    status, body, _ = body_of(f"bytes={first}-{first + length - 1}")
    assert (status, body) == (206, CONTENT[first : first + length])


def test_it_says_that_ranges_are_welcome() -> None:
    assert ranged(CONTENT, "audio/flac", None).headers["accept-ranges"] == "bytes"
