"""Who is who in a picture? Colour (Okabe and Ito 2008), shape and words of each seat, in the same order everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.charts.series import Look
from mtsession.events import Seat
from mtsession.session import Player, Role
from mtsession.wording import say

_OF_ROLE = {Role.CLIENT: ("orange", "circle"), Role.THERAPIST: ("blue", "square")}
_FURTHER = (("green", "triangle"), ("purple", "diamond"), ("vermilion", "cross"))
"""Sky blue and yellow of the eight are left out: beside blue and on a light page they cannot be told."""


def looks(players: tuple[Player, ...]) -> Mapping[Seat, Look]:
    """The look of each seat: the first client is an orange circle, the first therapist a blue square."""
    free = list(_FURTHER)
    given: dict[Seat, Look] = {}
    taken: set[Role] = set()
    for player in players:
        first = player.role in _OF_ROLE and player.role not in taken
        taken.add(player.role)
        colour, shape = _OF_ROLE[player.role] if first else _next(free)
        given[player.seat] = Look(player.seat, seat_label(player), colour, shape)
    return given


def seat_label(player: Player) -> str:
    """The seat in words: its role, with the number where there are several ("Client 2")."""
    number = player.seat.rsplit("-", maxsplit=1)[-1]
    role = say(f"desk.role_{player.role.value.replace('-', '_')}")
    return f"{role} {number}" if number.isdigit() else role


def _next(free: list[tuple[str, str]]) -> tuple[str, str]:
    look = free.pop(0)
    free.append(look)
    return look
