"""How are measures written down and read back (JSON, MessagePack, a pipe)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from mtsession.analysis.result import Void, Window
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, SessionMeasures

M = TypeVar("M", PlayerMeasures, PairMeasures, GroupMeasures)


def to_builtins(measures: SessionMeasures) -> dict[str, Any]:
    """Plain dicts, lists, numbers and strings. A void measure is the one that has a `reason`."""
    plain: dict[str, Any] = msgspec.to_builtins(measures)
    return plain


def from_builtins(plain: Mapping[str, Any]) -> SessionMeasures:
    """The inverse of `to_builtins`. Raises `msgspec.ValidationError` for anything else."""
    return SessionMeasures(
        session_id=msgspec.convert(plain["session_id"], str),
        rules_version=msgspec.convert(plain["rules_version"], str),
        window=msgspec.convert(plain["window"], Window),
        players=_each(plain["players"], PlayerMeasures),
        pairs=_each(plain["pairs"], PairMeasures),
        group=_outcomes(plain["group"], GroupMeasures),
    )


def to_json(measures: SessionMeasures) -> bytes:
    """The same measures give the same bytes."""
    return msgspec.json.encode(measures)


def from_json(text: bytes) -> SessionMeasures:
    """The inverse of `to_json`. Raises `msgspec.DecodeError` for anything else."""
    return from_builtins(msgspec.json.decode(text, type=dict[str, Any]))


def _each(plain: Sequence[Mapping[str, Any]], kind: type[M]) -> tuple[M, ...]:
    return tuple(_outcomes(one, kind) for one in plain)


def _outcomes(plain: Mapping[str, Any], kind: type[M]) -> M:
    hints = _hints(kind)
    return kind(**{field.name: _outcome(plain[field.name], hints[field.name]) for field in fields(kind)})


def _outcome(plain: Any, hint: Any) -> Any:  # noqa: ANN401 — as wide as the fields of a dataclass are
    # msgspec has no unions of dataclasses; a void outcome is told by its reason
    kinds = get_args(hint)
    if Void not in kinds:
        return msgspec.convert(plain, hint)
    if "reason" in plain:
        return msgspec.convert(plain, Void)
    return msgspec.convert(plain, next(kind for kind in kinds if kind is not Void))


def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
