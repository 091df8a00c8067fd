"""A session renders to what was heard: the same samples at the frames that were reported."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from mtsession.audio.commands import (
    FadeOut,
    ReleaseVoice,
    Resume,
    SetLevel,
    Silence,
    SoundCommand,
    StartVoice,
    VoiceStarted,
)
from mtsession.audio.mixer import Mixer
from mtsession.audio.offline import RATE_HZ, parts, render_session
from mtsession.audio.ring import Ring
from mtsession.audio.sounds import load_bank
from mtsession.audio.stream import OfflineStream
from mtsession.clock import ManualClock
from mtsession.events import (
    Action,
    AudioEpoch,
    Contact,
    ContactId,
    Control,
    Event,
    NoteOff,
    NoteOn,
    Released,
    Seat,
    SetupChange,
    Sounded,
)
from mtsession.session import Player, Role, Session, Setup

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
PLAYERS = (
    Player(CLIENT, Role.CLIENT, "keyboard", "dawn"),
    Player(THERAPIST, Role.THERAPIST, "keyboard", "open-keys"),
)


def session_of(events: list[Event], duration_s: float = 3.0) -> Session:
    ordered = tuple(events)
    return Session("test", datetime(2026, 1, 1, tzinfo=UTC), duration_s, PLAYERS, ordered, (), Setup("dawn", "C"))


def rendered(session: Session) -> NDArray[np.float32]:
    return np.concatenate(list(render_session(session)))


def epoch(number: int, time_s: float) -> AudioEpoch:
    return AudioEpoch(number, time_s, "offline", RATE_HZ, 128, 0.0, 0.0, "offline")


def note_on(contact: int, time_s: float, seat: Seat, pitch: int = 60) -> NoteOn:
    return NoteOn(ContactId(contact), time_s, seat, pitch, 90, "felt piano")


class Performance:
    """Plays into an offline stream as the live engine does, and keeps what it would keep."""

    def __init__(self, *, began_s: float = 0.0, number: int = 0) -> None:
        self.mixer = Mixer(load_bank(RATE_HZ), RATE_HZ)
        self.ring = Ring(RATE_HZ, seconds=10)
        self.stream = OfflineStream(self.mixer, self.ring, ManualClock(began_s))
        self.number = number
        self.events: list[Event] = [epoch(number, began_s)]
        self.stream.start()

    def at(self, time_s: float, command: SoundCommand, *kept: Event) -> None:
        self.stream.run_until(time_s)
        self.mixer.push(command)
        self.events += kept
        self.note_reports()

    def note_reports(self) -> None:
        for report in self.mixer.reports():
            kind = Sounded if isinstance(report, VoiceStarted) else Released
            time_s = self.stream.time_of_frame_s(report.frame)
            self.events.append(kind(report.contact_id, time_s, self.number, report.frame))

    def play(self, contact: int, time_s: float, seat: Seat, pitch: int) -> None:
        attack_s, index = (0.008, 0) if seat == CLIENT else (0.0, 1)
        start = StartVoice(ContactId(contact), index, "felt piano", pitch, 90, attack_s=attack_s)
        self.at(time_s, start, note_on(contact, time_s, seat, pitch))

    def end(self, time_s: float) -> NDArray[np.float32]:
        self.stream.run_until(time_s)
        self.note_reports()
        return self.ring.read_since(0).output


def improvised(performance: Performance, begin_s: float = 0.0) -> None:
    random = np.random.default_rng(4)
    for contact in range(1, 41):
        time_s = begin_s + 0.05 * contact + 0.001
        performance.play(contact, time_s, CLIENT if contact % 2 else THERAPIST, int(random.integers(40, 90)))
        if contact > 4:
            performance.at(time_s + 0.02, ReleaseVoice(ContactId(contact - 4)))


def test_the_render_is_sample_equal_to_what_was_heard() -> None:
    performance = Performance()
    improvised(performance)
    heard = performance.end(3.0)
    again = rendered(session_of(performance.events))
    assert np.abs(heard).max() > 0.05
    assert np.array_equal(again, heard[: len(again)])


def test_a_panic_leaves_out_what_it_silenced() -> None:
    performance = Performance()
    performance.play(1, 0.5, CLIENT, 60)
    performance.at(1.0, Silence(), Control(1.0, THERAPIST, Action.PANIC))
    performance.play(2, 1.5, CLIENT, 64)
    performance.end(3.0)
    again = rendered(session_of(performance.events))
    assert np.abs(again[RATE_HZ // 2 : RATE_HZ]).max() > 0.01
    assert not again[int(1.06 * RATE_HZ) :].any()


def test_the_level_is_that_of_the_session() -> None:
    quiet, loud = Performance(), Performance()
    loud.at(0.1, SetLevel(-12.0), SetupChange(0.1, None, "level", "-12.0"))
    for performance in (quiet, loud):
        performance.play(1, 1.0, THERAPIST, 60)
        performance.end(2.0)
    low, high = (np.abs(rendered(session_of(p.events))).max() for p in (quiet, loud))
    assert 20 * np.log10(high / low) == pytest.approx(6.0, abs=0.05)


def test_a_fade_goes_and_the_therapist_brings_the_sound_back() -> None:
    performance = Performance()
    performance.at(0.2, FadeOut(0.5), Control(0.2, THERAPIST, Action.FADE))
    performance.play(1, 0.25, CLIENT, 60)
    performance.at(2.5, Resume(), Control(2.5, THERAPIST, Action.RESUME))
    performance.play(2, 2.6, CLIENT, 64)
    performance.end(3.0)
    again = np.abs(rendered(session_of(performance.events))[:, 0])
    assert again[int(0.3 * RATE_HZ) : RATE_HZ].any()
    assert not again[int(2.3 * RATE_HZ) : int(2.6 * RATE_HZ)].any()
    assert again[int(2.7 * RATE_HZ) :].max() > 0.005


def test_the_end_of_a_session_fades_within_a_quarter_of_a_second() -> None:
    performance = Performance()
    performance.play(1, 0.5, CLIENT, 40)
    performance.events.append(Control(1.0, THERAPIST, Action.STOP))
    performance.end(2.0)
    again = rendered(session_of(performance.events))
    assert again[RATE_HZ - 1000 : RATE_HZ].any()
    assert not again[int(1.26 * RATE_HZ) :].any()


def test_a_change_of_palette_or_key_changes_nothing_that_sounds() -> None:
    performance = Performance()
    performance.play(1, 0.5, CLIENT, 60)
    performance.end(1.0)
    changes: list[Event] = [Control(0.6, THERAPIST, Action.PALETTE, "wood"), SetupChange(0.6, None, "palette", "wood")]
    plain = rendered(session_of(performance.events))
    assert np.array_equal(rendered(session_of([*performance.events, *changes])), plain)


def test_a_client_does_not_resume_what_was_silenced() -> None:
    performance = Performance()
    events = [
        *performance.events,
        Control(0.1, THERAPIST, Action.PANIC),
        Control(0.2, CLIENT, Action.RESUME),
        note_on(1, 0.5, CLIENT),
        Sounded(ContactId(1), 0.5, 0, 24_000),
    ]
    assert not rendered(session_of(events)).any()


def test_after_a_new_start_of_the_engine_the_sound_goes_on_in_its_own_time() -> None:
    first, second = Performance(), Performance(began_s=1.5, number=1)
    first.play(1, 0.2, CLIENT, 60)
    first.note_reports()
    first.end(1.2)
    second.play(2, 2.0, THERAPIST, 67)
    heard = second.end(3.0)
    again = rendered(session_of([*first.events, *second.events]))
    assert len(again) == 3 * RATE_HZ
    assert np.array_equal(again[int(1.5 * RATE_HZ) :], heard[: len(again) - int(1.5 * RATE_HZ)])


def test_a_silence_outlasts_a_new_start() -> None:
    events: list[Event] = [
        epoch(0, 0.0),
        note_on(1, 0.1, CLIENT),
        Sounded(ContactId(1), 0.1, 0, 4800),
        Control(0.5, THERAPIST, Action.PANIC),
        epoch(1, 1.0),
        note_on(2, 1.5, CLIENT),
        Sounded(ContactId(2), 1.5, 1, 24_000),
    ]
    assert not rendered(session_of(events))[RATE_HZ:].any()


def test_an_imported_session_sounds_at_its_contact_times() -> None:
    events: list[Event] = []
    for contact, time_s in ((1, 0.5), (2, 1.0)):
        seat = CLIENT if contact == 1 else THERAPIST
        events += [
            Contact(ContactId(contact), time_s, seat, "file", 60, 90),
            note_on(contact, time_s, seat),
            NoteOff(ContactId(contact), time_s + 0.3, seat, 60),
        ]
    out = rendered(session_of(events))
    onset = int(np.flatnonzero(np.abs(out[:, 0]) > 1e-7)[0])
    assert onset / RATE_HZ == pytest.approx(0.5, abs=0.001)
    assert len(out) == 3 * RATE_HZ


def test_a_session_without_notes_is_as_long_as_it_was_and_silent() -> None:
    out = rendered(session_of([], duration_s=1.25))
    assert out.shape == (60_000, 2)
    assert not out.any()


def test_pieces_are_a_second_at_most_so_that_nothing_large_is_held() -> None:
    performance = Performance()
    improvised(performance)
    performance.end(3.0)
    assert max(len(piece) for piece in render_session(session_of(performance.events))) <= RATE_HZ


def test_frames_of_another_rate_are_brought_to_the_render_s() -> None:
    events: list[Event] = [
        AudioEpoch(0, 0.0, "card", 44_100, 128, 0.0, 0.0, "compiled"),
        note_on(1, 1.0, THERAPIST),
        Sounded(ContactId(1), 1.0, 0, 44_100),
    ]
    (part,) = parts(session_of(events))
    assert [step.frame for step in part.steps] == [RATE_HZ]
