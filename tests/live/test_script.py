import math

from mtsession.events import Contact, ContactId, Event, Lift, Seat
from mtsession.live.script import ScriptDevice

CLIENT = Seat("client")


def touch(number: int, time_s: float) -> Contact:
    return Contact(ContactId(number), time_s, CLIENT, "simulated", 60, 80)


def lift(number: int, time_s: float) -> Lift:
    return Lift(ContactId(number), time_s, CLIENT)


def test_an_event_is_put_when_its_time_has_come() -> None:
    played: list[Event] = []
    device = ScriptDevice((touch(1, 1.0), lift(1, 1.5), touch(2, 2.0)), played.append)

    device.play(0.999)
    assert (played, device.next_s) == ([], 1.0)
    device.play(1.5)
    assert (played, device.next_s) == ([touch(1, 1.0), lift(1, 1.5)], 2.0)
    device.play(60)
    assert (played[2:], device.next_s) == ([touch(2, 2.0)], math.inf)


def test_a_lift_comes_before_the_touch_of_the_same_time() -> None:
    played: list[Event] = []
    ScriptDevice((touch(2, 1.0), lift(1, 1.0), touch(1, 0.5)), played.append).play(1.0)

    assert played == [touch(1, 0.5), lift(1, 1.0), touch(2, 1.0)]


def test_an_engine_started_anew_plays_only_what_is_still_to_come() -> None:
    played: list[Event] = []
    ScriptDevice((touch(1, 1.0), lift(1, 1.5), touch(2, 2.0)), played.append, from_s=1.2).play(60)

    assert played == [lift(1, 1.5), touch(2, 2.0)]
