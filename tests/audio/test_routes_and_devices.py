"""The right device is chosen, or a person is told which there are; a driver that hangs hurts nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from mtsession.audio.devices import AudioDevice, audio_devices, devices_from
from mtsession.audio.driver import refusal
from mtsession.audio.routes import choose_route
from mtsession.errors import AudioDeviceError


def device(name: str, *, inputs: int = 0, outputs: int = 2, api: str = "ALSA", default: str = "") -> AudioDevice:
    return AudioDevice(name, api, inputs, outputs, 48_000.0, "in" in default, "out" in default)


SPEAKERS = device("Speakers", default="out")
HEADSET = device("USB Headset", inputs=1)
MICROPHONE = device("Microphone", inputs=1, outputs=0, default="in")
OTHER_MICROPHONE = device("Far microphone", inputs=2, outputs=0, api="JACK Audio Connection Kit")


def test_the_usual_output_is_taken_unless_another_is_wanted() -> None:
    assert choose_route((HEADSET, SPEAKERS), None).name == "Speakers"
    assert choose_route((HEADSET, device("Line out")), None).name == "USB Headset"
    assert choose_route((HEADSET, SPEAKERS), "usb").output_index == 0


def test_an_exact_name_goes_before_a_part_of_another() -> None:
    assert choose_route((device("Speakers two"), device("Speakers")), "Speakers").output_index == 1


def test_a_device_that_can_listen_listens_itself_so_that_there_is_one_clock() -> None:
    assert choose_route((MICROPHONE, HEADSET), "headset").input_index == 1


def test_else_the_usual_input_of_the_same_driver_listens_and_else_none() -> None:
    assert choose_route((SPEAKERS, MICROPHONE), None).input_index == 1
    assert choose_route((SPEAKERS, OTHER_MICROPHONE), None).input_index is None


def test_no_output_at_all_is_told_with_what_to_do() -> None:
    with pytest.raises(AudioDeviceError, match=r"no audio output.*mtsession devices"):
        choose_route((MICROPHONE,), None)


def test_an_unknown_name_is_told_with_the_names_that_are_there() -> None:
    with pytest.raises(AudioDeviceError, match=r"“piano”.*Speakers, USB Headset"):
        choose_route((SPEAKERS, HEADSET), "piano")


def test_a_part_that_fits_two_is_refused() -> None:
    with pytest.raises(AudioDeviceError, match="several"):
        choose_route((device("USB one"), device("USB two")), "usb")


def test_jack_paces_itself() -> None:
    assert choose_route((device("system", api="JACK Audio Connection Kit"),), None).paces_itself
    assert not choose_route((SPEAKERS,), None).paces_itself


@pytest.mark.parametrize(
    ("code", "told"), [(-9997, "44100 Hz"), (-9985, "another program"), (-9999, "could not be opened: no luck")]
)
def test_what_the_driver_refuses_is_told_with_what_to_do(code: int, told: str) -> None:
    error = refusal("Speakers", 44_100.0, RuntimeError("no luck", code))
    assert told in error.what
    assert "Speakers" in error.what
    assert error.next_step


def test_the_driver_s_rows_become_devices_with_their_host_and_default() -> None:
    row = {"name": "A", "hostapi": 0, "max_input_channels": 1, "max_output_channels": 2, "default_samplerate": 48e3}
    (found,) = devices_from([row], [{"name": "Core Audio"}], (-1, 0))
    assert found == AudioDevice("A", "Core Audio", 1, 2, 48e3, is_default_input=False, is_default_output=True)


def test_the_devices_are_asked_for_without_loading_a_driver_here() -> None:
    program = "import sys; from mtsession.audio.devices import audio_devices; print(type(audio_devices()).__name__)"
    program += "; print('sounddevice' in sys.modules, 'numba' in sys.modules)"
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=paths, check=True)
    assert told.stdout.split() == ["tuple", "False", "False"]


def test_a_driver_that_does_not_answer_costs_the_time_limit_and_no_more() -> None:
    began_s = time.monotonic()
    assert audio_devices(timeout_s=0.001) == ()
    assert time.monotonic() - began_s < 2.0
