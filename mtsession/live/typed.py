"""How does a typed value cross a pipe or a socket as one line of JSON, and come back strictly checked?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from mtsession.errors import WireError
from mtsession.wording import say

T = TypeVar("T")


class _Tagged(msgspec.Struct):
    """The form on the wire: the value's class by name, then its fields."""

    kind: str
    value: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Tagged)


def encode(value: object) -> bytes:
    """One line of JSON (no line feed): {"kind": "Contact", "value": {…}}."""
    body = msgspec.Raw(msgspec.json.encode(value))
    return msgspec.json.encode(_Tagged(type(value).__name__, body))


class TypedReader(Generic[T]):
    """Reads back values of the given frozen dataclasses and of no other kind."""

    def __init__(self, kinds: Iterable[type[T]]) -> None:
        self._decoders = {kind.__name__: msgspec.json.Decoder[T](kind) for kind in kinds}

    def decode(self, line: bytes) -> T:
        """The value; raises WireError for what is not JSON, of an unknown kind, or of wrong types."""
        try:
            tagged = _ENVELOPE.decode(line)
            value = self._decoders[tagged.kind].decode(tagged.value)
        except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(say("live.bad_message", reason=error), say("live.bad_message_next")) from error
        return value
