"""What does compiled code need that Python has not? Addresses, a memory fence, the session's counter."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from mtsession.audio.layout import Number, Record, Samples

F = TypeVar("F", bound=Callable[..., object])


def njit(function: F) -> F:
    """Compile for the callback: no interpreter, no lock. The function keeps its type."""
    return cast("F", numba.njit(function))


array_at: Callable[[object, tuple[int, ...], object], Record] = vars(numba)["carray"]
"""`array_at(pointer, shape, dtype)`: an array over memory that somebody else keeps."""


@intrinsic
def _pointer_at(_context: Record, _address: Record) -> Record:
    """A pointer from an address kept in the shared memory."""

    def generate(_: Record, builder: Record, _signature: Record, arguments: Record) -> Record:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


@intrinsic
def _fence(_context: Record) -> Record:
    """What was written before is seen before what is written after, also on ARM."""

    def generate(context: Record, builder: Record, _signature: Record, _arguments: Record) -> Record:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


_struct_of: Callable[[object], Record] = vars(cgutils)["create_struct_proxy"]


def _read_only_scope(module: Record) -> Record:
    domain = module.add_metadata(["mtsession"])
    return module.add_metadata([module.add_metadata(["mtsession samples", domain])])


def _pointer_into(context: Record, builder: Record, kind: Record, array: Record, place: Record) -> Record:
    return builder.gep(_struct_of(kind)(context, builder, array).data, [place])


@intrinsic
def _read(_context: Record, array: Record, _place: Record) -> Record:
    def generate(context: Record, builder: Record, _signature: Record, arguments: Record) -> Record:
        value = builder.load(_pointer_into(context, builder, array, *arguments), align=4)
        value.set_metadata("alias.scope", _read_only_scope(builder.module))
        return value

    return types.float32(array, types.int64), generate


@intrinsic
def _add_to(_context: Record, array: Record, _place: Record, _addend: Record) -> Record:
    def generate(context: Record, builder: Record, _signature: Record, arguments: Record) -> Record:
        pointer = _pointer_into(context, builder, array, *arguments[:2])
        scope = _read_only_scope(builder.module)
        value = builder.load(pointer, align=4)
        store = builder.store(builder.fadd(value, arguments[2]), pointer, align=4)
        for access in (value, store):
            access.set_metadata("noalias", scope)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.float32), generate


pointer_at = cast("Callable[[int], object]", _pointer_at)
fence = cast("Callable[[], None]", _fence)
read = cast("Callable[[Samples, int], np.float32]", _read)
"""`read(samples, place)`: an element of the bank, which nothing writes to."""
add_to = cast("Callable[[Samples, int, np.float32], None]", _add_to)
"""`add_to(mix, place, addend)`: never into the bank. Knowing both, the compiler reads many samples at once."""


_COUNTER_SYMBOL = {"win32": "QueryPerformanceCounter", "darwin": "clock_gettime_nsec_np"}.get(
    sys.platform, "clock_gettime"
)
"""The C function behind `time.perf_counter_ns` on this platform."""


def counter_is_compilable() -> bool:
    """Whether compiled code can read the session's counter here; where not, the Python callback is used."""
    return hasattr(ctypes.CDLL("kernel32" if sys.platform == "win32" else None), _COUNTER_SYMBOL)


def _external(signature: Signature) -> Callable[..., int]:
    return cast("Callable[..., int]", types.ExternalFunction(_COUNTER_SYMBOL, signature))


if sys.platform == "darwin":
    _clock_gettime_nsec_np: Callable[..., int] = _external(types.uint64(types.int32))
    _CLOCK_UPTIME_RAW = 8

    @njit
    def counter_ns(_scratch: Samples) -> Number:
        """`perf_counter_ns`, which is `mach_absolute_time` in ns (macOS: CLOCK_UPTIME_RAW)."""
        return int(_clock_gettime_nsec_np(_CLOCK_UPTIME_RAW))

elif sys.platform == "win32":
    _query_counter: Callable[..., int] = _external(types.int32(types.uintp))
    _frequency = ctypes.c_int64()
    ctypes.windll.kernel32.QueryPerformanceFrequency(ctypes.byref(_frequency))
    _TICKS_PER_S = _frequency.value

    @njit
    def counter_ns(scratch: Samples) -> Number:
        """`perf_counter_ns` from the performance counter; `scratch` int64 (2,)."""
        _query_counter(scratch.ctypes.data)
        whole, part = divmod(scratch[0], _TICKS_PER_S)
        return whole * 1_000_000_000 + part * 1_000_000_000 // _TICKS_PER_S

else:
    _clock_gettime: Callable[..., int] = _external(types.int32(types.int32, types.uintp))
    _CLOCK_MONOTONIC = 1

    @njit
    def counter_ns(scratch: Samples) -> Number:
        """`perf_counter_ns`, which is CLOCK_MONOTONIC (Linux); `scratch` int64 (2,) for its timespec."""
        _clock_gettime(_CLOCK_MONOTONIC, scratch.ctypes.data)
        return scratch[0] * 1_000_000_000 + scratch[1]
