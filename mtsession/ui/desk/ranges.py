"""Which bytes of a sound does the browser ask for? Ranges, so that a click far into the session plays at once."""

from __future__ import annotations

import re

from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged(content: bytes, media_type: str, range_header: str | None) -> Response:
    """The whole, or the one range that is asked for (RFC 9110 §14); several ranges at once get the whole."""
    headers = {"accept-ranges": "bytes"}
    asked = _RANGE.fullmatch(range_header or "")
    if asked is None or asked.groups() == ("", ""):
        return Response(content, headers=headers, media_type=media_type)
    first, end = _span(asked.group(1), asked.group(2), len(content))
    if first >= end:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {first}-{end - 1}/{len(content)}"
    return Response(content[first:end], status_code=206, headers=headers, media_type=media_type)


def _span(first: str, last: str, length: int) -> tuple[int, int]:
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1 if last else length)
