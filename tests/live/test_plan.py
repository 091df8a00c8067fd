import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.errors import SettingError, WireError
from mtsession.events import Contact, ContactId, Lift, Seat
from mtsession.live.plan import (
    AS_PLAYED,
    CLIENT_ATTACK_S,
    MAX_SEATS,
    LivePlan,
    SeatPlan,
    plan_from_json,
    plan_to_json,
    seat_plans,
)
from mtsession.session import Player, Role

times_s = st.floats(min_value=0, max_value=7200)
ids = st.integers(min_value=1, max_value=10**6).map(ContactId)
names = st.text(max_size=30)
contacts = st.builds(
    Contact, ids, times_s, names.map(Seat), names, st.integers(0, 127), st.integers(1, 127), st.booleans()
)
lifts = st.builds(Lift, ids, times_s, names.map(Seat))
plans = st.builds(
    LivePlan,
    session_id=names,
    seats=st.lists(st.builds(SeatPlan, names.map(Seat), st.sampled_from(Role), names, names), max_size=3).map(tuple),
    device=st.none() | names,
    script=st.lists(contacts | lifts, max_size=5).map(tuple),
    length_s=st.none() | times_s,
    origin_ns=st.integers(0, 2**62),
    callback=st.sampled_from(["compiled", "python"]),
)


@given(plans)
def test_a_plan_comes_back_from_json_as_it_was(plan: LivePlan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


@given(plans)
def test_a_plan_is_one_line(plan: LivePlan) -> None:
    assert b"\n" not in plan_to_json(plan)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[1]",
        b"not json",
        b'{"settings": {"session_id": 3, "seats": []}, "script": []}',
        b'{"settings": {"session_id": "s", "seats": []}, "script": [{"kind": "Gap", "value": {}}]}',
    ],
)
def test_what_is_no_plan_is_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        plan_from_json(line)


def test_the_role_is_in_the_seats_name() -> None:
    specs = ["client=LPK25", "client-2=MPD218", "therapist=Digital Piano", "co-therapist=Organ", "peer-1=Pads"]

    roles = [(seat.seat, seat.role) for seat in seat_plans(specs)]

    assert roles == [
        ("client", Role.CLIENT),
        ("client-2", Role.CLIENT),
        ("therapist", Role.THERAPIST),
        ("co-therapist", Role.CO_THERAPIST),
        ("peer-1", Role.PEER),
    ]


def test_a_port_may_have_an_equals_sign_and_colons_in_its_name() -> None:
    (seat,) = seat_plans(["client = a=b:port 0"])

    assert (seat.seat, seat.port) == ("client", "a=b:port 0")


def test_a_port_that_says_drums_is_an_instrument_of_drums() -> None:
    seats = seat_plans(["client=TD-17 Drum Module", "therapist=LPK25"])

    assert [seat.instrument for seat in seats] == ["drums", "keyboard"]


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (["doctor=LPK25"], "“doctor” is not a seat"),
        (["client-0=LPK25"], "“client-0” is not a seat"),
        (["=LPK25"], "“” is not a seat"),
        (["client"], "no input was named for the seat client"),
        (["client="], "no input was named for the seat client"),
        (["client=A", "client=B"], "the seat client was given twice"),
        (["client=A", "therapist=A"], "the input A was given to two seats"),
        ([f"client-{n}=P{n}" for n in range(1, MAX_SEATS + 2)], "more than 16 seats"),
    ],
)
def test_a_seat_that_makes_no_sense_is_named(specs: list[str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        seat_plans(specs)


def test_the_palette_is_the_clients_and_the_therapists_keys_are_as_played() -> None:
    plan = LivePlan("s", seat_plans(["client=A", "therapist=B", "peer=C", "co-therapist=D"]), palette="dawn")

    assert [player.palette for player in plan.players()] == ["dawn", AS_PLAYED, "dawn", AS_PLAYED]
    assert plan.players()[0] == Player(Seat("client"), Role.CLIENT, "keyboard", "dawn")


def test_client_seats_rise_slowly_and_therapists_at_once() -> None:
    attacks_s = [SeatPlan(Seat("s"), role).attack_s for role in Role]

    assert attacks_s == [CLIENT_ATTACK_S, 0.0, CLIENT_ATTACK_S, 0.0]
