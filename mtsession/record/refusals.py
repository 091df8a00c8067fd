"""How does this room say what went wrong, and what to do next?"""

from __future__ import annotations

from typing import TypeVar

from mtsession.errors import MtSessionError
from mtsession.wording import say

E = TypeVar("E", bound=MtSessionError)


def refusal(kind: type[E], key: str, **facts: object) -> E:
    """The error of that kind with the texts `record.KEY` and `record.KEY_next`, ready to be raised."""
    return kind(say(f"record.{key}", **facts), say(f"record.{key}_next", **facts))
