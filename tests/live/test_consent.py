"""The microphone is kept only while somebody has said yes and nobody has said no."""

from __future__ import annotations

import pytest

from mtsession.events import ConsentChange, ConsentTo, Seat
from mtsession.live.consent import consent_in

ROOM, FIRST, SECOND = None, Seat("client"), Seat("client-2")


def word(seat: Seat | None, *, given: bool, consent: ConsentTo = ConsentTo.AUDIO) -> ConsentChange:
    return ConsentChange(0.0, seat, consent, given=given)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], False),
        ([word(ROOM, given=True)], True),
        ([word(ROOM, given=True), word(FIRST, given=False)], False),
        ([word(FIRST, given=False), word(SECOND, given=True)], False),
        ([word(ROOM, given=False), word(FIRST, given=True)], False),
        ([word(FIRST, given=False), word(FIRST, given=True)], True),
        ([word(FIRST, given=False), word(ROOM, given=True)], True),
    ],
)
def test_no_seats_yes_outweighs_anothers_no(words: list[ConsentChange], given: bool) -> None:
    assert consent_in(words).given is given


def test_consent_to_something_else_is_none_to_audio() -> None:
    others = [kind for kind in ConsentTo if kind is not ConsentTo.AUDIO]
    assert others
    assert not any(consent_in([word(ROOM, given=True, consent=kind)]).was_asked for kind in others)
