"""How does one note sound: its samples at its pitch, its rise and release, and when must it give way?

Amplitudes run in straight lines between ticks of `TICK_FRAMES`; positions are 32.32 integers. Both make every
sample depend on its frame alone and never on how the stream was cut into blocks.
"""

from __future__ import annotations

import math

import numpy as np

from mtsession.audio.intrinsics import add_to, njit, read
from mtsession.audio.layout import (
    DYING,
    FREE,
    HELD,
    PROFILE_BITS,
    RELEASED,
    SEAT_VOICES,
    TICK_FRAMES,
    TOTAL_VOICES,
    VOICE_SLOTS,
    Number,
    Pair,
    Record,
    Samples,
)

ONE_SAMPLE = 1 << 32
_FRACTION = ONE_SAMPLE - 1
_FRACTION_DROPPED = np.uint32(8)
"""Of the fraction's 32 bits, float32 holds 24."""
_FRACTION_SCALE = np.float32(2.0**-24)
_HALF, _TWO = np.float32(0.5), np.float32(2.0)
_THREE_HALVES, _FIVE_HALVES = np.float32(1.5), np.float32(2.5)
GIVE_WAY_FRAMES = 256
"""A voice that gives way is silent after this (5.3 ms at 48 kHz): short, and no click."""
SILENT = 1e-4
"""−80 dB: a release ends here."""
AUDIBLE_BESIDE = 0.0316
"""A voice 30 dB under its seat's loudest does not count as a further voice."""


@njit
def frames_to_tick(frame: int) -> int:
    """Frames from here to the next tick: 1 … TICK_FRAMES."""
    return TICK_FRAMES - frame % TICK_FRAMES


@njit
def is_sounding(voice: Record) -> Number:
    """Whether the voice sounds and has not given way."""
    return voice.state == HELD or voice.state == RELEASED


@njit
def envelope_at(voice: Record, frame: int) -> Number:
    """The voice's envelope on its present line."""
    span = TICK_FRAMES - voice.line_origin % TICK_FRAMES
    return voice.envelope + (voice.envelope_to - voice.envelope) * ((frame - voice.line_origin) / span)


@njit
def envelope_after(voice: Record, envelope: float, frames: int) -> Number:
    """Where the envelope will be after some frames: a straight rise, an exponential release, a straight end."""
    if voice.state == DYING:
        return max(0.0, envelope - frames / GIVE_WAY_FRAMES)
    if voice.state == RELEASED:
        later = envelope * math.exp(-frames / voice.release_frames)
        return later if later > SILENT else 0.0
    if envelope >= 1.0 or voice.attack_frames <= frames:
        return 1.0
    return min(1.0, envelope + frames / voice.attack_frames)


@njit
def draw_line(state: Record, voice: Record, frame: int) -> None:
    """Lay the voice's amplitude line from here to the next tick; `voice.envelope` holds its value here."""
    frames = frames_to_tick(frame)
    share = (TICK_FRAMES - frames) / TICK_FRAMES
    seat = voice.seat
    seat_gain = state.seat_gain[seat] + (state.seat_gain_to[seat] - state.seat_gain[seat]) * share
    voice.envelope_to = envelope_after(voice, voice.envelope, frames)
    voice.line_origin = frame
    voice.line_from = voice.envelope * voice.gain * seat_gain
    line_to = voice.envelope_to * voice.gain * state.seat_gain_to[seat]
    voice.line_slope = (line_to - voice.line_from) / frames


@njit
def go_on(state: Record, voice: Record, frame: int) -> None:
    """At a tick: free the voice if its envelope has ended, else lay the next line."""
    voice.envelope = voice.envelope_to
    if voice.envelope <= 0.0 and voice.state >= RELEASED:
        voice.state = FREE
    else:
        draw_line(state, voice, frame)


@njit
def turn_into(state: Record, voice: Record, new_state: int, frame: int) -> None:
    """Begin the voice's release or its giving way, from where its envelope is."""
    voice.envelope = envelope_at(voice, frame)
    voice.state = new_state
    draw_line(state, voice, frame)


@njit
def loudness(profile: Samples, voice: Record, frame: int) -> Number:
    """How loud the voice is now, from its sound's profile and its envelope."""
    place = voice.profile_start + (voice.position >> (32 + PROFILE_BITS))
    return profile[place] * voice.gain * envelope_at(voice, frame)


@njit
def count_voices(state: Record, profile: Samples, frame: int) -> None:
    """Sounding voices in all, and each seat's that count for its level."""
    state.seat_voices[:] = 0
    state.seat_loudest[:] = 0.0
    state.n_sounding = 0
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if is_sounding(voice):
            loud = loudness(profile, voice, frame)
            state.n_sounding += 1
            state.seat_loudest[voice.seat] = max(state.seat_loudest[voice.seat], loud)
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if is_sounding(voice):
            loud = loudness(profile, voice, frame)
            if loud >= AUDIBLE_BESIDE * state.seat_loudest[voice.seat]:
                state.seat_voices[voice.seat] += 1


@njit
def gives_way(state: Record, profile: Samples, frame: int, seat: int) -> int:
    """The slot of the quietest voice, the oldest of equals; `seat` −1 looks at all seats. −1: there is none."""
    found = -1
    least = 0.0
    born = 0
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if not is_sounding(voice) or (seat >= 0 and voice.seat != seat):
            continue
        loud = loudness(profile, voice, frame)
        if found < 0 or loud < least or (loud == least and voice.born < born):
            found, least, born = slot, loud, voice.born
    return found


@njit
def sounding(state: Record, seat: int) -> int:
    """Voices that sound and have not given way: of one seat, or with −1 of all."""
    count = 0
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if is_sounding(voice) and (seat < 0 or voice.seat == seat):
            count += 1
    return count


@njit
def free_slot(state: Record) -> int:
    """A slot for a new voice: a free one, else that of the voice nearest the end of giving way."""
    best = -1
    least = 0.0
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if voice.state == FREE:
            return slot
        if voice.state == DYING and (best < 0 or voice.envelope < least):
            best, least = slot, voice.envelope
    return best


@njit
def make_room(state: Record, profile: Samples, frame: int, seat: int) -> None:
    """Let voices give way until one more fits the seat and the whole."""
    if sounding(state, seat) >= SEAT_VOICES:
        turn_into(state, state.voices[gives_way(state, profile, frame, seat)], DYING, frame)
    if sounding(state, -1) >= TOTAL_VOICES:
        turn_into(state, state.voices[gives_way(state, profile, frame, -1)], DYING, frame)


@njit
def choke_others(state: Record, command: Record, frame: int) -> None:
    """The seat's sounding voices of the same group give way: a closed hi-hat ends an open one."""
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if voice.choke == command.choke and voice.seat == command.seat and is_sounding(voice):
            turn_into(state, voice, DYING, frame)


@njit
def start_voice(state: Record, profile: Samples, command: Record, frame: int) -> None:
    """Sound the command's note from this frame on."""
    if command.choke > 0:
        choke_others(state, command, frame)
    make_room(state, profile, frame, command.seat)
    voice = state.voices[free_slot(state)]
    voice.state = HELD
    voice.seat = command.seat
    voice.choke = command.choke
    voice.contact_id = command.contact_id
    voice.born = frame
    voice.first_sample = command.first_sample
    voice.profile_start = command.profile_start
    voice.position = 0
    voice.step = command.step
    voice.end = command.end
    voice.loop_length = command.loop_length
    voice.attack_frames = command.attack_frames
    voice.release_frames = command.release_frames
    voice.gain = command.gain
    voice.left = command.left
    voice.right = command.right
    voice.envelope = 0.0 if command.attack_frames > 0.0 else 1.0
    draw_line(state, voice, frame)


@njit
def mix_unaltered(samples: Samples, line: Pair, k: int, mix: Samples, pan: Pair, start: int, n: int) -> None:
    """Samples at their own pitch: what `mix_interpolated` gives where every fraction is 0, sooner."""
    left, right = mix[0, start : start + n], mix[1, start : start + n]
    for i in range(n):
        sample = read(samples, i) * (line[0] + line[1] * np.float32(np.int32(k + i)))
        add_to(left, i, sample * pan[0])
        add_to(right, i, sample * pan[1])


@njit
def mix_interpolated(
    samples: Samples, fraction: int, step: int, line: Pair, k: int, mix: Samples, pan: Pair, start: int, n: int
) -> None:
    """Samples from one before the position on, read at any pitch: four points, third order (Hermite)."""
    left, right = mix[0, start : start + n], mix[1, start : start + n]
    for i in range(n):
        place = fraction + step * i
        at = place >> 32
        x = np.float32(np.int32(np.uint32(place) >> _FRACTION_DROPPED)) * _FRACTION_SCALE
        before, here, after, beyond = (
            read(samples, at),
            read(samples, at + 1),
            read(samples, at + 2),
            read(samples, at + 3),
        )
        c1 = _HALF * (after - before)
        c2 = before - _FIVE_HALVES * here + _TWO * after - _HALF * beyond
        c3 = _HALF * (beyond - before) + _THREE_HALVES * (here - after)
        sample = ((c3 * x + c2) * x + c1) * x + here
        sample *= line[0] + line[1] * np.float32(np.int32(k + i))
        add_to(left, i, sample * pan[0])
        add_to(right, i, sample * pan[1])


@njit
def mix_voice(voice: Record, samples: Samples, mix: Samples, frame: int, n: int) -> None:
    """Add the voice's next `n` frames to the mix; free it where its samples end."""
    line = (np.float32(voice.line_from), np.float32(voice.line_slope))
    pan = (voice.left, voice.right)
    done = 0
    while done < n:
        run = min(n - done, (voice.end - voice.position + voice.step - 1) // voice.step)
        here = voice.first_sample + (voice.position >> 32)
        fraction = voice.position & _FRACTION
        k = frame - voice.line_origin + done
        if voice.step == ONE_SAMPLE and fraction == 0:
            mix_unaltered(samples[here:], line, k, mix, pan, done, run)
        else:
            mix_interpolated(samples[here - 1 :], fraction, voice.step, line, k, mix, pan, done, run)
        voice.position += voice.step * run
        done += run
        if voice.position >= voice.end:
            if voice.loop_length == 0:
                voice.state = FREE
                return
            voice.position -= voice.loop_length
