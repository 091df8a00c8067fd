"""How are times, lengths and players written in a sentence?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mtsession.events import Seat
from mtsession.session import Player, Role
from mtsession.wording import say

MINUTE_S = 60
HOUR_S = 3600
FINE_BELOW_S = 10.0
"""Shorter lengths are written with a tenth."""


def clock(time_s: float) -> str:
    """A moment of the session as mm:ss, from the first hour on as h:mm:ss; begun seconds do not count."""
    minutes, seconds = divmod(int(max(0.0, time_s)), MINUTE_S)
    hours, minutes = divmod(minutes, MINUTE_S)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def length(length_s: float) -> str:
    """A stretch of time: "4.2 s", "34 s", "2 min", "1 min 20 s"."""
    if round(length_s, 1) < FINE_BELOW_S:
        return f"{length_s:.1f} s"
    minutes, seconds = divmod(round(length_s), MINUTE_S)
    parts = (f"{minutes} min" if minutes else "", f"{seconds} s" if seconds else "")
    return " ".join(part for part in parts if part)


def seconds(time_s: float) -> str:
    """A response time to a hundredth, with a minus sign where it is below zero, and never minus nought."""
    rounded = round(time_s, 2)
    return f"−{-rounded:.2f}" if rounded < 0 else f"{abs(rounded):.2f}"


def milliseconds(time_s: float) -> str:
    """A difference too small for seconds, in whole ms."""
    return f"{round(time_s * 1000)} ms"


def percent(share: float) -> str:
    """A share of 0–1 as a whole number of per cent."""
    return f"{round(share * 100)} %"


def listed(items: Sequence[str], last_word: str) -> str:
    """As in "a, b or c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last_word} {items[-1]}"


def access(settings: Mapping[str, str]) -> str:
    """The access settings in words; none of them is direct access."""
    if not settings:
        return say("note.direct_access")
    return ", ".join(f"{name} {value}".strip() for name, value in settings.items())


def names(players: Sequence[Player], codes: Mapping[Seat, str]) -> Mapping[Seat, str]:
    """What each seat is called within a sentence: a client's code, else "the therapist", else its seat's name."""
    roles = [player.role for player in players]
    return {player.seat: codes.get(player.seat) or _called(player, roles.count(player.role)) for player in players}


def sentence_case(text: str, codes: Collection[str]) -> str:
    """The first letter large, unless the sentence begins with a client's code."""
    return text if text.startswith(tuple(codes)) else text[:1].upper() + text[1:]


def _called(player: Player, how_many: int) -> str:
    if how_many > 1:
        return say("note.on_seat", seat=player.seat)
    match player.role:
        case Role.CLIENT:
            return say("note.the_client")
        case Role.THERAPIST:
            return say("note.the_therapist")
        case Role.PEER:
            return say("note.the_peer")
        case Role.CO_THERAPIST:
            return say("note.the_co_therapist")
