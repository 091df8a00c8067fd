from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.audio.commands import FadeOut, ReleaseVoice, Resume, SetLevel, Silence, StartVoice
from mtsession.audio.palettes import palettes
from mtsession.events import (
    Action,
    AudioOnset,
    Choice,
    Contact,
    ContactId,
    Control,
    DeviceChange,
    Event,
    Expression,
    Gap,
    Lift,
    Mark,
    NoteOff,
    NoteOn,
    Pass,
    Pedal,
    Refused,
    Seat,
    SetupChange,
    Sounded,
)
from mtsession.live.access import Accept, Access, Refuse, Verdict
from mtsession.live.engine import SILENT, UNKNOWN_SEAT, LiveEngine, SoundNow
from mtsession.live.master import FADE_S
from mtsession.live.plan import AS_PLAYED, CLIENT_ATTACK_S, LivePlan, seat_plans
from mtsession.live.seats import STUCK, STUCK_AFTER_S, Command, Keep
from mtsession.live.state import RecentNote
from mtsession.session import notes_from_events

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
PLAN = LivePlan("s", seat_plans(["client=A", "therapist=B"]), palette="dawn")
SOUND = SoundNow(-30.0, audio_alive=True, late_blocks=1, lost_blocks=2, recording_audio=False)


def engine(plan: LivePlan = PLAN, access: dict[Seat, Access] | None = None) -> LiveEngine:
    return LiveEngine(plan, palettes(), access)


def touch(
    number: int, time_s: float = 1.0, seat: Seat = CLIENT, *, key: int = 60, velocity: int = 80, drum: bool = False
) -> Contact:
    return Contact(ContactId(number), time_s, seat, "test", key, velocity, drum)


def lift(number: int, time_s: float = 2.0, seat: Seat = CLIENT) -> Lift:
    return Lift(ContactId(number), time_s, seat)


def control(action: Action, value: str = "", *, time_s: float = 3.0, seat: Seat = THERAPIST) -> Control:
    return Control(time_s, seat, action, value)


def kept(commands: list[Command]) -> list[Event]:
    return [command.event for command in commands if isinstance(command, Keep)]


def sounds(commands: list[Command]) -> list[Command]:
    return [command for command in commands if not isinstance(command, Keep)]


def feed_all(playing: LiveEngine, events: list[Event]) -> list[Command]:
    return [command for event in events for command in playing.feed(event)]


# One touch


def test_a_touch_sounds_before_anything_is_written() -> None:
    commands = engine().feed(touch(1, 1.0, THERAPIST, key=61))

    assert commands == [
        StartVoice(ContactId(1), 1, "felt piano", 61, 80, attack_s=0.0),
        Keep(touch(1, 1.0, THERAPIST, key=61)),
        Keep(NoteOn(ContactId(1), 1.0, THERAPIST, 61, 80, "felt piano")),
    ]


def test_a_lift_lets_the_note_go() -> None:
    playing = engine()
    playing.feed(touch(1, key=60))

    assert playing.feed(lift(1, 2.0)) == [
        ReleaseVoice(ContactId(1)),
        Keep(NoteOff(ContactId(1), 2.0, CLIENT, 60)),
        Keep(lift(1, 2.0)),
    ]


def test_a_clients_keys_go_to_the_palette_and_the_therapists_are_as_played() -> None:
    playing = engine()
    client = playing.feed(touch(1, seat=CLIENT, key=61))[0]
    therapist = playing.feed(touch(2, seat=THERAPIST, key=61))[0]

    assert isinstance(client, StartVoice)
    assert isinstance(therapist, StartVoice)
    assert (client.pitch, client.sound) == (palettes()["dawn"].snap(61, "C"), palettes()["dawn"].sound)
    assert (therapist.pitch, therapist.sound) == (61, palettes()[AS_PLAYED].sound)


def test_client_sounds_rise_over_8_ms() -> None:
    start = engine().feed(touch(1))[0]

    assert isinstance(start, StartVoice)
    assert start.attack_s == CLIENT_ATTACK_S == 0.008


def test_drums_keep_their_number_and_have_a_drums_sound() -> None:
    start = engine().feed(touch(1, key=37, drum=True))[0]

    assert isinstance(start, StartVoice)
    assert (start.pitch, start.sound) == (37, palettes()["dawn"].percussion_sound)


def test_two_touches_of_one_pitch_do_not_cut_each_other() -> None:
    playing = engine()
    feed_all(playing, [touch(1, 1.0, key=60), touch(2, 1.5, key=60)])

    assert sounds(playing.feed(lift(1, 2.0))) == [ReleaseVoice(ContactId(1))]
    assert sounds(playing.feed(lift(2, 3.0))) == [ReleaseVoice(ContactId(2))]


def test_a_second_lift_of_a_touch_does_nothing() -> None:
    playing = engine()
    feed_all(playing, [touch(1), lift(1)])

    assert playing.feed(lift(1, 2.5)) == [Keep(lift(1, 2.5))]


def test_a_touch_that_comes_twice_sounds_once() -> None:
    playing = engine()
    playing.feed(touch(1))

    assert playing.feed(touch(1)) == [Keep(touch(1))]


def test_a_touch_for_a_seat_that_is_not_planned_is_refused_and_kept() -> None:
    stranger = touch(1, seat=Seat("peer-9"))

    assert engine().feed(stranger) == [Keep(stranger), Keep(Refused(ContactId(1), 1.0, UNKNOWN_SEAT))]


class NothingSoft:
    """Refuses soft touches."""

    def judge(self, contact: Contact) -> Verdict:
        return Refuse("too soft") if contact.velocity < 20 else Accept(contact.time_s + 0.25)


def test_what_a_seats_access_refuses_is_kept_and_does_not_sound() -> None:
    playing = engine(access={CLIENT: NothingSoft()})
    soft = touch(1, velocity=10)

    assert playing.feed(soft) == [Keep(soft), Keep(Refused(ContactId(1), 1.0, "too soft"))]
    assert kept(playing.feed(lift(1))) == [lift(1)]


def test_a_note_has_the_time_of_its_acceptance_and_the_touch_its_own() -> None:
    contact, note = kept(engine(access={CLIENT: NothingSoft()}).feed(touch(1, 1.0)))

    assert isinstance(contact, Contact)
    assert isinstance(note, NoteOn)
    assert (contact.time_s, note.accepted_s) == (1.0, 1.25)


# Pedal


def test_the_pedal_holds_what_is_lifted_until_it_comes_up() -> None:
    playing = engine()
    feed_all(playing, [touch(1), Pedal(1.2, CLIENT, 127)])

    assert sounds(playing.feed(lift(1, 2.0))) == []
    assert playing.feed(Pedal(5.0, CLIENT, 0))[:2] == [
        ReleaseVoice(ContactId(1)),
        Keep(NoteOff(ContactId(1), 5.0, CLIENT, 60)),
    ]


def test_the_pedal_does_not_end_what_is_still_held() -> None:
    playing = engine()
    feed_all(playing, [Pedal(0.5, CLIENT, 127), touch(1)])

    assert sounds(playing.feed(Pedal(5.0, CLIENT, 0))) == []


def test_a_pedal_is_one_seats_own() -> None:
    playing = engine()
    feed_all(playing, [touch(1), Pedal(1.2, THERAPIST, 127)])

    assert sounds(playing.feed(lift(1))) == [ReleaseVoice(ContactId(1))]


def test_drums_have_no_pedal() -> None:
    playing = engine()
    feed_all(playing, [Pedal(0.5, CLIENT, 127), touch(1, drum=True)])

    assert sounds(playing.feed(lift(1))) == [ReleaseVoice(ContactId(1))]


# The whole instrument


def test_a_session_starts_at_minus_18_db() -> None:
    assert engine().opening() == [SetLevel(-18.0)]


@pytest.mark.parametrize(("asked", "level_db"), [("-20", -20.0), ("0", -12.0), ("60", -12.0), ("-1e9", -60.0)])
def test_a_level_stays_under_the_cap(asked: str, level_db: float) -> None:
    assert sounds(engine().feed(control(Action.LEVEL, asked))) == [SetLevel(level_db)]


@pytest.mark.parametrize("asked", ["", "loud", "nan", "inf", "-inf"])
def test_what_is_no_level_changes_nothing_and_is_told(asked: str) -> None:
    playing = engine()

    assert sounds(playing.feed(control(Action.LEVEL, asked))) == []
    assert "not a level" in playing.state(4.0, SOUND).message


def test_a_plan_cannot_start_above_its_cap() -> None:
    plan = LivePlan("s", PLAN.seats, level_db=6.0, level_cap_db=-10.0)

    assert engine(plan).opening() == [SetLevel(-10.0)]


def test_a_fade_takes_two_seconds_and_then_ends_what_was_held() -> None:
    playing = engine()
    playing.feed(touch(1))

    assert sounds(playing.feed(control(Action.FADE, time_s=3.0))) == [FadeOut(2.0)]
    assert playing.tick(3.0 + FADE_S - 0.01) == []
    assert sounds(playing.tick(3.0 + FADE_S)) == [ReleaseVoice(ContactId(1))]


@pytest.mark.parametrize("first", [Action.FADE, Action.PANIC])
def test_a_fade_of_what_fades_or_is_silent_changes_nothing(first: Action) -> None:
    playing = engine()
    feed_all(playing, [touch(1), control(first, time_s=3.0)])

    assert sounds(playing.feed(control(Action.FADE, time_s=4.0))) == []
    playing.tick(3.0 + FADE_S)
    assert playing.state(6.0, SOUND).seats[0].notes_held == 0


def test_a_resumed_fade_lets_held_notes_go_on() -> None:
    playing = engine()
    feed_all(playing, [touch(1), control(Action.FADE, time_s=3.0), control(Action.RESUME, time_s=4.0)])

    assert playing.tick(10.0) == []


def test_a_panic_is_silence_at_once_and_ends_every_note() -> None:
    playing = engine()
    feed_all(playing, [touch(1), touch(2, seat=THERAPIST)])

    commands = playing.feed(control(Action.PANIC))

    assert commands[0] == Silence()
    assert sounds(commands)[1:] == [ReleaseVoice(ContactId(1)), ReleaseVoice(ContactId(2))]


@pytest.mark.parametrize("action", [Action.FADE, Action.PANIC])
def test_a_silenced_instrument_refuses_touches_until_it_is_resumed(action: Action) -> None:
    playing = engine()
    playing.feed(control(action))

    assert kept(playing.feed(touch(1, 4.0))) == [touch(1, 4.0), Refused(ContactId(1), 4.0, SILENT)]
    assert sounds(playing.feed(control(Action.RESUME))) == [Resume()]
    assert len(sounds(playing.feed(touch(2, 5.0)))) == 1


def test_a_palette_and_a_key_hold_for_the_touches_after_them() -> None:
    playing = engine()
    feed_all(playing, [control(Action.PALETTE, "wood"), control(Action.KEY, "D")])
    start = playing.feed(touch(1, key=61))[0]

    assert isinstance(start, StartVoice)
    assert (start.pitch, start.sound) == (palettes()["wood"].snap(61, "D"), palettes()["wood"].sound)


def test_a_palettes_scale_is_logged_as_an_assist() -> None:
    playing = engine()
    changes = [
        event
        for name in ("wood", AS_PLAYED)
        for event in kept(playing.feed(control(Action.PALETTE, name)))
        if isinstance(event, SetupChange) and event.setting == "scale palette"
    ]

    assert [change.value for change in changes] == ["wood", "off"]


@pytest.mark.parametrize(("action", "value"), [(Action.PALETTE, "no such"), (Action.KEY, "H")])
def test_an_unknown_palette_or_key_changes_nothing(action: Action, value: str) -> None:
    playing = engine()
    before = playing.state(4.0, SOUND)
    playing.feed(control(action, value))
    after = playing.state(4.0, SOUND)

    assert (after.palette, after.key) == (before.palette, before.key)
    assert value in after.message


@pytest.mark.parametrize("seat", [CLIENT, Seat("peer-3"), Seat("")])
def test_a_client_may_silence_and_lower_and_nothing_else(seat: Seat) -> None:
    asked = [
        control(Action.LEVEL, "-10", seat=seat),
        control(Action.RESUME, seat=seat),
        control(Action.PALETTE, "wood", seat=seat),
        control(Action.KEY, "D", seat=seat),
        control(Action.STOP, seat=seat),
    ]
    playing = engine()

    assert sounds(feed_all(playing, [*asked])) == []
    assert not playing.master.stopped
    assert sounds(playing.feed(control(Action.LEVEL, "-30", seat=seat))) == [SetLevel(-30.0)]
    assert sounds(playing.feed(control(Action.FADE, seat=seat))) == [FadeOut(2.0)]
    assert sounds(playing.feed(control(Action.PANIC, seat=seat))) == [Silence()]


def test_the_therapists_screen_needs_no_input_of_the_therapist() -> None:
    alone = engine(LivePlan("s", seat_plans(["client=A"])))

    assert sounds(alone.feed(control(Action.LEVEL, "-14"))) == [SetLevel(-14.0)]


def test_a_stop_ends_every_note_and_the_session() -> None:
    playing = engine()
    playing.feed(touch(1))

    assert sounds(playing.feed(control(Action.STOP))) == [ReleaseVoice(ContactId(1))]
    assert playing.master.stopped


# What goes wrong


def test_a_lost_input_ends_its_own_notes_and_lets_its_pedal_up() -> None:
    playing = engine()
    feed_all(playing, [touch(1), Pedal(1.1, CLIENT, 127), touch(2), lift(2), touch(3, seat=THERAPIST)])

    commands = playing.feed(DeviceChange(4.0, CLIENT, "LPK25", present=False))

    assert sounds(commands) == [ReleaseVoice(ContactId(1)), ReleaseVoice(ContactId(2))]
    assert sounds(feed_all(playing, [touch(4, 5.0), lift(4, 6.0)]))[-1] == ReleaseVoice(ContactId(4))


def test_an_input_that_comes_back_ends_nothing() -> None:
    playing = engine()
    playing.feed(touch(1))

    assert sounds(playing.feed(DeviceChange(4.0, CLIENT, "LPK25", present=True))) == []


def test_a_lost_output_ends_no_note() -> None:
    playing = engine()
    playing.feed(touch(1))

    assert sounds(playing.feed(DeviceChange(4.0, None, "system", present=False))) == []


def test_a_note_that_a_lost_message_left_on_is_ended_and_logged() -> None:
    playing = engine()
    playing.feed(touch(1, 1.0))

    assert playing.tick(1.0 + STUCK_AFTER_S - 0.1) == []
    assert playing.tick(1.0 + STUCK_AFTER_S) == [
        ReleaseVoice(ContactId(1)),
        Keep(NoteOff(ContactId(1), 121.0, CLIENT, 60)),
        Keep(SetupChange(121.0, CLIENT, STUCK, "1")),
    ]
    assert playing.tick(500.0) == []


@pytest.mark.parametrize(
    "sign", [Expression(60.0, CLIENT, "pressure", 0.5), Pedal(60.0, CLIENT, 0), touch(2, 60.0)], ids=type
)
def test_a_held_note_lives_as_long_as_something_comes_from_its_seat(sign: Event) -> None:
    playing = engine()
    feed_all(playing, [touch(1, 1.0), sign])

    assert playing.tick(1.0 + STUCK_AFTER_S) == []


def test_a_drum_that_never_sends_a_lift_stays_short() -> None:
    playing = engine()
    playing.feed(touch(1, drum=True))

    assert kept(playing.tick(500.0)) == []
    assert playing.state(500.0, SOUND).seats[0].notes_held == 0


def test_a_gap_ends_what_was_held_when_it_began() -> None:
    playing = engine()
    playing.feed(touch(1, 1.0))
    gap = Gap(9.0, 300.0, "machine slept")

    assert playing.feed(gap)[1:] == [Keep(NoteOff(ContactId(1), 9.0, CLIENT, 60)), Keep(gap)]


# The glance


def test_the_state_shows_who_plays() -> None:
    playing = engine()
    feed_all(
        playing,
        [
            DeviceChange(0.1, CLIENT, "LPK25", present=True),
            touch(1, 1.0),
            lift(1, 1.5),
            touch(2, 2.0),
            AudioOnset(2.5, THERAPIST, 0.5, Pass.LIVE),
            Mark(3.0, THERAPIST, 0.0),
        ],
    )
    state = playing.state(4.0, SOUND)

    client, therapist = state.seats
    assert (client.source, client.alive, client.notes_held, client.notes_played) == ("LPK25", True, 1, 2)
    assert (therapist.alive, therapist.notes_played, therapist.last_onset_s) == (False, 1, 2.5)
    assert state.recent == (RecentNote(CLIENT, 1.0, 1.5, 80), RecentNote(CLIENT, 2.0, None, 80))
    assert state.marks_s == (3.0,)
    assert "LPK25" in state.message
    assert (state.late_blocks, state.lost_blocks, state.audio_alive) == (1, 2, True)


def test_only_the_last_minute_is_shown() -> None:
    playing = engine()
    feed_all(playing, [touch(1, 1.0), lift(1, 2.0), touch(2, 30.0), lift(2, 31.0)])

    assert [note.onset_s for note in playing.state(62.5, SOUND).recent] == [30.0]


def test_notes_behind_a_key_that_rests_held_are_forgotten_too() -> None:
    playing = engine()
    feed_all(playing, [touch(1, 1.0), touch(2, 2.0), lift(2, 3.0), touch(3, 30.0), lift(3, 31.0)])

    assert [note.onset_s for note in playing.state(70.0, SOUND).recent] == [1.0, 30.0]


# Taking up where another engine left off


def test_a_restored_engine_shows_and_does_the_same() -> None:
    first, second = engine(), engine()
    events: list[Event] = [
        touch(1, 1.0),
        lift(1, 1.5),
        control(Action.LEVEL, "-25"),
        control(Action.PALETTE, "wood"),
        control(Action.KEY, "D"),
        control(Action.FADE, time_s=3.5),
        Mark(3.6, THERAPIST, 0.0),
    ]
    log = kept(feed_all(first, events))

    second.restore(log)

    assert second.state(4.0, SOUND) == first.state(4.0, SOUND)
    assert second.opening() == [SetLevel(-25.0), Silence()]


def test_what_was_held_when_an_engine_died_ends_with_the_gap() -> None:
    first, second = engine(), engine()
    log = kept(feed_all(first, [touch(1, 1.0), lift(1, 2.0), touch(2, 3.0), touch(3, 3.1, drum=True)]))
    second.restore(log)

    log += kept(second.feed(Gap(3.5, 5.0, "engine restarted")))

    notes = notes_from_events(tuple(log), 60.0)[CLIENT]
    assert [note.duration_s for note in notes] == pytest.approx([1.0, 0.5, 0.25])


def test_a_stop_before_the_restart_does_not_stop_the_new_engine() -> None:
    playing = engine()
    playing.restore([control(Action.STOP)])

    assert not playing.master.stopped


# Whatever happens


@st.composite
def playing_of_two(draw: st.DrawFn) -> list[Event]:
    """Touches and lifts, some lost, with pedals, controls, devices and gaps in between, in order of time."""
    time_s, down, number = 0.0, list[Contact](), 0
    events: list[Event] = []
    for step in draw(st.lists(st.integers(0, 9), max_size=60)):
        time_s += draw(st.floats(0.0, 3.0))
        seat = draw(st.sampled_from([CLIENT, THERAPIST]))
        if step <= 4:
            number += 1
            key, velocity = draw(st.integers(-5, 140)), draw(st.integers(-5, 140))
            down.append(touch(number, time_s, seat, key=key, velocity=velocity, drum=draw(st.booleans())))
            events.append(down[-1])
        elif step <= 6 and down:
            lifted = down.pop(draw(st.integers(0, len(down) - 1)))
            events.append(Lift(lifted.id, time_s, lifted.seat))
        else:
            events.append(draw(disturbances(time_s, seat)))
    return [*events, *(Lift(held.id, time_s + 1, held.seat) for held in down)]


def disturbances(time_s: float, seat: Seat) -> st.SearchStrategy[Event]:
    return st.one_of(
        st.builds(Pedal, st.just(time_s), st.just(seat), st.sampled_from([0, 63, 64, 127])),
        st.builds(
            Control, st.just(time_s), st.just(seat), st.sampled_from(Action), st.sampled_from(["", "-30", "0", "wood"])
        ),
        st.builds(DeviceChange, st.just(time_s), st.just(seat), st.just("LPK25"), st.booleans()),
        st.builds(Gap, st.just(time_s), st.just(time_s), st.just("machine slept")),
        st.builds(Choice, st.just(time_s), st.just(seat), st.just("again")),
    )


def replies(events: list[Event]) -> Iterator[Command]:
    playing = engine()
    for event in events:
        yield from playing.feed(event)
        yield from playing.tick(max(0.0, getattr(event, "time_s", 0.0)))
    yield from playing.stop(1e6)


@given(playing_of_two())
def test_every_voice_that_starts_is_released_exactly_once(events: list[Event]) -> None:
    commands = list(replies(events))
    started = [command.contact_id for command in commands if isinstance(command, StartVoice)]
    released = [command.contact_id for command in commands if isinstance(command, ReleaseVoice)]

    assert len(set(started)) == len(started)
    assert Counter(released) == Counter(started)


@given(playing_of_two())
def test_every_note_on_has_its_voice_and_exactly_one_end(events: list[Event]) -> None:
    commands = list(replies(events))
    log = kept(commands)

    started = [command.contact_id for command in commands if isinstance(command, StartVoice)]
    assert [event.contact_id for event in log if isinstance(event, NoteOn)] == started
    assert Counter(event.contact_id for event in log if isinstance(event, NoteOff)) == Counter(started)


@given(playing_of_two())
def test_notes_stay_within_midi(events: list[Event]) -> None:
    for command in replies(events):
        if isinstance(command, StartVoice):
            assert 0 <= command.pitch <= 127
            assert 1 <= command.velocity <= 127


@given(playing_of_two())
def test_every_event_is_kept_exactly_once_and_in_order(events: list[Event]) -> None:
    playing = engine()
    log = [event for fed in events for event in kept(playing.feed(fed))]
    inputs = [event for event in log if not isinstance(event, NoteOn | NoteOff | Refused | SetupChange)]

    assert inputs == events


@given(playing_of_two())
def test_every_touch_is_either_a_note_or_refused(events: list[Event]) -> None:
    log = kept(list(replies(events)))
    answered = Counter(event.contact_id for event in log if isinstance(event, NoteOn | Refused))

    assert answered == Counter(event.id for event in events if isinstance(event, Contact))


@given(playing_of_two())
def test_the_state_has_no_note_held_in_the_end(events: list[Event]) -> None:
    playing = engine()
    feed_all(playing, events)
    playing.stop(1e6)

    assert [seat.notes_held for seat in playing.state(1e6, SOUND).seats] == [0, 0]


def test_reports_of_the_sound_are_kept_as_they_are() -> None:
    sounded = Sounded(ContactId(1), 1.01, 1, 480)

    assert engine().feed(sounded) == [Keep(sounded)]
