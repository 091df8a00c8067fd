"""Which touches of a seat count as notes? Filters for shaky, slow or resting hands stand here, one a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mtsession.events import Contact


@dataclass(frozen=True, slots=True)
class Accept:
    """The touch is a note from `accepted_s` on."""

    accepted_s: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """The touch is kept, and does not sound; `reason` names the rule ("repeat within 120 ms")."""

    reason: str


Verdict: TypeAlias = Accept | Refuse


class Access(Protocol):
    """How one seat's touches are let through. Both the touch and the verdict are kept."""

    def judge(self, contact: Contact) -> Verdict: ...


class DirectAccess:
    """Every touch is a note at once."""

    def judge(self, contact: Contact) -> Verdict:
        """Accept at the time of the touch."""
        return Accept(contact.time_s)
