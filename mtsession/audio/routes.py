"""Which device is to sound, and which is to listen beside it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtsession.audio.devices import AudioDevice
from mtsession.errors import AudioDeviceError
from mtsession.wording import say


@dataclass(frozen=True, slots=True)
class Route:
    """Indices of the driver's devices; `input_index` None sounds without listening."""

    name: str
    host_api: str
    output_index: int
    input_index: int | None

    @property
    def paces_itself(self) -> bool:
        """Whether the server alone decides the length of a block (JACK): asking for another makes bursts."""
        return "jack" in self.host_api.lower()


def choose_route(devices: Sequence[AudioDevice], wanted: str | None) -> Route:
    """The wanted device, or the usual one; listening on the same device where it can, to share one clock.

    `wanted` is a device's name or a part of it that only one has. Raises AudioDeviceError where there is no
    output at all, none of that name, or several.
    """
    outputs = [index for index, device in enumerate(devices) if device.outputs >= 2]
    if not outputs:
        raise AudioDeviceError(say("audio.no_output"), say("audio.no_output_next"))
    index = _usual(devices, outputs) if wanted is None else _named(devices, outputs, wanted)
    device = devices[index]
    return Route(device.name, device.host_api, index, _listening_beside(devices, index))


def _usual(devices: Sequence[AudioDevice], outputs: list[int]) -> int:
    return next((index for index in outputs if devices[index].is_default_output), outputs[0])


def _named(devices: Sequence[AudioDevice], outputs: list[int], wanted: str) -> int:
    exact = [index for index in outputs if devices[index].name == wanted]
    alike = [index for index in outputs if wanted.casefold() in devices[index].name.casefold()]
    found = exact or alike
    if not found:
        names = ", ".join(sorted({devices[index].name for index in outputs}))
        raise AudioDeviceError(say("audio.unknown_device", name=wanted), say("audio.unknown_device_next", names=names))
    if len({devices[index].name for index in found}) > 1:
        names = ", ".join(devices[index].name for index in found)
        raise AudioDeviceError(
            say("audio.several_devices", name=wanted), say("audio.several_devices_next", names=names)
        )
    return _usual(devices, found)


def _listening_beside(devices: Sequence[AudioDevice], output: int) -> int | None:
    """The output's own input; else the usual input of the same driver."""
    if devices[output].inputs:
        return output
    host_api = devices[output].host_api
    beside = [i for i, device in enumerate(devices) if device.inputs and device.host_api == host_api]
    return next((i for i in beside if devices[i].is_default_input), None)
