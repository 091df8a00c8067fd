"""Errors that a person can mend."""

from __future__ import annotations

import inspect
import pickle

from mtsession import errors
from mtsession.errors import MtSessionError


def test_an_error_says_what_happened_and_what_to_do_next() -> None:
    error = MtSessionError("no MIDI input is called “drums”", "Connect it, or choose from: mtsession devices")
    assert str(error) == "no MIDI input is called “drums”. Connect it, or choose from: mtsession devices"


def test_every_error_of_the_house_is_one_that_the_command_line_catches() -> None:
    own = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(cls, MtSessionError) for cls in own)


def test_an_error_comes_whole_out_of_another_process() -> None:
    error = pickle.loads(pickle.dumps(MtSessionError("it is full", "Make room")))
    assert (error.what, error.next_step) == ("it is full", "Make room")
