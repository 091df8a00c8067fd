"""How does a person copy a key from paper without a mistake that goes unseen?

160 random bits as eight groups of five signs, "7KQ2M-…": four signs of Crockford's base 32 (no I, L, O, U) and one
that checks them. The check is linear over GF(32), so one wrong sign, or two neighbours swapped, never fits, and the
group that is mistyped can be named. Groups that changed places do not fit either.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from mtsession.errors import PassphraseError
from mtsession.record.refusals import refusal

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

SECRET_BYTES = 20
GROUPS = 8
DATA_SIGNS = 4
BITS_PER_SIGN = 5

_FIELD = 0b100101
"""x⁵ + x² + 1, primitive over GF(2)."""

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The second way into a record, to be printed and kept apart; `secret` is 20 random bytes."""

    secret: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """As it is printed: eight groups of five signs with hyphens between."""
        number = int.from_bytes(self.secret)
        values = [number >> shift & 31 for shift in range(155, -1, -BITS_PER_SIGN)]
        groups = (values[i : i + DATA_SIGNS] for i in range(0, len(values), DATA_SIGNS))
        return "-".join(_written(group, place) for place, group in enumerate(groups, start=1))

    def __str__(self) -> str:
        return self.text


def new_recovery_key() -> RecoveryKey:
    """A fresh one from the system's random numbers."""
    return RecoveryKey(secrets.token_bytes(SECRET_BYTES))


def read_recovery_key(text: str) -> RecoveryKey:
    """The key a person typed, in capitals or not, hyphens and spaces as they like; O is read as 0, I and L as 1.

    Raises PassphraseError that names the first group that does not fit.
    """
    signs = text.strip().upper().translate(_READ_AS)
    if len(signs) != GROUPS * (DATA_SIGNS + 1):
        raise refusal(PassphraseError, "recovery_length", n=len(signs), wanted=GROUPS * (DATA_SIGNS + 1))
    number = 0
    for place in range(1, GROUPS + 1):
        for value in _read_group(signs[(place - 1) * 5 : place * 5], place):
            number = number << BITS_PER_SIGN | value
    return RecoveryKey(number.to_bytes(SECRET_BYTES))


def _read_group(group: str, place: int) -> list[int]:
    values = [SIGNS.find(sign) for sign in group]
    if -1 in values or _check(values[:-1], place) != values[-1]:
        raise refusal(PassphraseError, "recovery_group", place=place, group=group)
    return values[:-1]


def _written(values: list[int], place: int) -> str:
    return "".join(SIGNS[value] for value in (*values, _check(values, place)))


def _check(values: list[int], place: int) -> int:
    """Horner's scheme in GF(32) at its generator, begun with the group's place."""
    check = place
    for value in values:
        check = _times_generator(check) ^ value
    return _times_generator(check)


def _times_generator(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled & 32 else doubled
