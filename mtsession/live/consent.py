"""May the microphone's audio be kept now? Only while somebody has said yes and nobody has said no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mtsession.events import ConsentChange, ConsentTo, Event, Seat


@dataclass(slots=True)
class AudioConsent:
    """The last word of each seat, and of the whole room (seat None). One microphone hears everybody."""

    words: dict[Seat | None, bool] = field(default_factory=dict)

    @property
    def was_asked(self) -> bool:
        """Whether anybody has said anything."""
        return bool(self.words)

    @property
    def given(self) -> bool:
        """One seat's yes does not outweigh another's no; a yes for the whole room speaks for every seat."""
        return self.was_asked and all(self.words.values())

    def hear(self, change: ConsentChange) -> None:
        """Take in one word; consent to anything but audio changes nothing here."""
        if change.consent is not ConsentTo.AUDIO:
            return
        if change.seat is None and change.given:
            self.words.clear()
        self.words[change.seat] = change.given


def consent_in(kept: Iterable[Event]) -> AudioConsent:
    """As it stood when the events, in order of time, had been kept."""
    consent = AudioConsent()
    for event in kept:
        if isinstance(event, ConsentChange):
            consent.hear(event)
    return consent
