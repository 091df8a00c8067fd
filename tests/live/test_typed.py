import pytest

from mtsession.errors import WireError
from mtsession.events import Action, Contact, ContactId, Control, Mark, Seat
from mtsession.live.typed import TypedReader, encode

READER = TypedReader[Contact | Control]((Contact, Control))


def test_a_value_comes_back_with_its_class() -> None:
    values = [
        Contact(ContactId(3), 1.25, Seat("client"), "pads", 60, 90, percussion=True),
        Control(2.0, Seat("therapist"), Action.LEVEL, "-20"),
    ]

    assert [READER.decode(encode(value)) for value in values] == values


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b'{"kind": "Contact"}',
        b'{"kind": "Contact", "value": {"id": "three"}}',
        b'{"kind": "Popen", "value": {}}',
        b'{"kind": "Control", "value": {"time_s": 1, "seat": "s", "action": "explode"}}',
        b'{"kind": "Contact", "value": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        encode(Mark(1.0, Seat("therapist"), 0.0)),
    ],
)
def test_rubbish_is_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        READER.decode(line)
