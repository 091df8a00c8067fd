"""Which command is due at this frame, and what does it do?

Commands come through a ring that one thread writes and the callback reads; those for a later frame wait in the
order of their frames.
"""

from __future__ import annotations

from mtsession.audio.intrinsics import fence, njit
from mtsession.audio.layout import (
    COMMAND_RING,
    DYING,
    FADE,
    FREE,
    HELD,
    LEVEL,
    PENDING_COMMANDS,
    RELEASE,
    RELEASED,
    REPORT_RING,
    RESUME,
    SILENCE,
    START,
    VOICE_SLOTS,
    Number,
    Record,
    Samples,
)
from mtsession.audio.master import PANIC_S, RESUME_S, move_gate, set_level
from mtsession.audio.voices import start_voice, turn_into

_UNBOUNDED = 1 << 62


@njit
def report(state: Record, kind: int, contact_id: int, frame: int) -> None:
    """Tell when a voice began to sound or to end, as a frame of the output."""
    if state.report_tail - state.report_head >= REPORT_RING:
        state.reports_dropped += 1
        return
    place = state.reports[state.report_tail % REPORT_RING]
    place.kind = kind
    place.contact_id = contact_id
    place.frame = frame + state.limiter.lookahead
    fence()
    state.report_tail += 1


@njit
def internal_frame(state: Record, command: Record) -> Number:
    """The frame of the mix at which a command is due; what is late, or not timed, is due now."""
    due = max(state.frame, command.at_frame - state.limiter.lookahead)
    if command.kind == RELEASE:
        for i in range(state.n_pending):
            waiting = state.pending[i]
            if waiting.kind == START and waiting.contact_id == command.contact_id:
                return max(due, waiting.at_frame)
    return due


@njit
def take_commands(state: Record) -> None:
    """Move what has been pushed to the waiting list, in the order of its frames, and of pushing at one frame."""
    while state.command_head < state.command_tail and state.n_pending < PENDING_COMMANDS:
        command = state.commands[state.command_head % COMMAND_RING]
        due = internal_frame(state, command)
        place = state.n_pending
        while place > 0 and state.pending[place - 1].at_frame > due:
            state.pending[place] = state.pending[place - 1]
            place -= 1
        state.pending[place] = command
        state.pending[place].at_frame = due
        state.n_pending += 1
        fence()
        state.command_head += 1


@njit
def drop_waiting_notes(state: Record) -> None:
    """After a panic or a fade nothing that was waiting begins."""
    kept = 0
    for i in range(state.n_pending):
        if state.pending[i].kind != START:
            state.pending[kept] = state.pending[i]
            kept += 1
    state.n_pending = kept


@njit
def silence_voices(state: Record, frame: int) -> None:
    """Every voice gives way."""
    for slot in range(VOICE_SLOTS):
        if state.voices[slot].state != FREE:
            turn_into(state, state.voices[slot], DYING, frame)


@njit
def release_voice(state: Record, contact_id: int, frame: int) -> None:
    """Begin the release of the contact's voice, unless its sound rings out by itself."""
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if voice.state == HELD and voice.contact_id == contact_id and voice.release_frames > 0.0:
            turn_into(state, voice, RELEASED, frame)
            report(state, RELEASE, contact_id, frame)


@njit
def obey(state: Record, profile: Samples, command: Record, frame: int) -> None:
    """Do what one command says, at this frame of the mix."""
    master = state.master
    if command.kind == START:
        if not master.muted:
            start_voice(state, profile, command, frame)
            report(state, START, command.contact_id, frame)
    elif command.kind == RELEASE:
        release_voice(state, command.contact_id, frame)
    elif command.kind == FADE:
        move_gate(master, 0.0, int(command.value * state.sample_rate_hz), frame)
    elif command.kind == SILENCE:
        move_gate(master, 0.0, int(PANIC_S * state.sample_rate_hz), frame)
        master.muted = 1
    elif command.kind == RESUME:
        if master.muted:
            silence_voices(state, frame)
        master.muted = 0
        move_gate(master, 1.0, int(RESUME_S * state.sample_rate_hz), frame)
    elif command.kind == LEVEL:
        set_level(master, command.value)


@njit
def obey_what_is_due(state: Record, profile: Samples) -> Number:
    """All commands of this frame; returns the frame of the next one."""
    done = 0
    while done < state.n_pending and state.pending[done].at_frame <= state.frame:
        obey(state, profile, state.pending[done], state.frame)
        done += 1
    if done > 0:
        for i in range(done, state.n_pending):
            state.pending[i - done] = state.pending[i]
        state.n_pending -= done
    if state.master.muted and state.n_pending > 0:
        drop_waiting_notes(state)
    return state.pending[0].at_frame if state.n_pending > 0 else _UNBOUNDED
