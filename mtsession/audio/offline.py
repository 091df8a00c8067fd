"""How did the session sound? The same mixer again, told what its callback reported: the same samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.audio.bank import SoundBank
from mtsession.audio.commands import (
    FadeOut,
    ReleaseVoice,
    Resume,
    SetLevel,
    Silence,
    SoundCommand,
    StartVoice,
)
from mtsession.audio.mixer import Mixer
from mtsession.audio.sounds import load_bank
from mtsession.events import (
    Action,
    AudioEpoch,
    Control,
    NoteOn,
    Released,
    Seat,
    SetupChange,
    Sounded,
)
from mtsession.session import Role, Session

RATE_HZ = 48_000
GUEST_ATTACK_S = 0.008
"""Sounds of clients and peers rise over at least 8 ms (care rules, §4)."""
STOP_FADE_S = 0.25
PIECE_FRAMES = RATE_HZ

Frames: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Step:
    """Tell the mixer this when it comes to this frame of its epoch."""

    frame: int
    command: SoundCommand


@dataclass(frozen=True, slots=True)
class Part:
    """One audio epoch: it begins at `start_frame` of the session; its steps are in order."""

    start_frame: int
    n_frames: int
    steps: tuple[Step, ...]


def render_session(session: Session) -> Iterator[Frames]:
    """The whole session at 48 kHz, float32 (n, 2) a piece of at most a second.

    Notes begin and end at the frames that were reported as they sounded; where nothing sounded (an imported
    session) they begin at their contact times. What a panic or a fade kept from sounding stays silent.
    """
    bank = load_bank(RATE_HZ)
    frame = 0
    for part in parts(session):
        yield from _silence(part.start_frame - frame)
        yield from _render(part, bank)
        frame = part.start_frame + part.n_frames


def parts(session: Session) -> tuple[Part, ...]:
    """The session's epochs, each with what its mixer is to be told; one part where there was no audio."""
    end = round(session.duration_s * RATE_HZ)
    epochs = [event for event in session.events if isinstance(event, AudioEpoch)]
    if not any(isinstance(event, Sounded) for event in session.events):
        return (Part(0, end, tuple(_imported(session))),)
    starts = [max(0, round(epoch.time_s * RATE_HZ)) for epoch in epochs]
    spans = [(start, max(0, following - start)) for start, following in pairwise([*starts, end])]
    return tuple(
        Part(
            start,
            n_frames,
            tuple(_in_order([*_opening(session, epoch), *_notes(session, epoch), *_acts(session, epoch)])),
        )
        for epoch, (start, n_frames) in zip(epochs, spans, strict=True)
    )


def start_of(note: NoteOn, session: Session, at_frame: int) -> StartVoice:
    """The command with which a note was begun, as the live engine gives it."""
    seats = [player.seat for player in session.players]
    guest = session.player(note.seat).role in (Role.CLIENT, Role.PEER)
    return StartVoice(
        note.contact_id,
        seats.index(note.seat),
        note.sound,
        note.pitch,
        note.velocity,
        attack_s=GUEST_ATTACK_S if guest else 0.0,
        at_frame=at_frame,
    )


def _steps(session: Session, epoch: AudioEpoch) -> list[Step]:
    acts = [step for step in _acts(session, epoch) if step.frame >= 0]
    return [*_opening(session, epoch), *_in_order([*_notes(session, epoch), *acts])]


def _notes(session: Session, epoch: AudioEpoch) -> Iterator[Step]:
    """Beginnings and releases of one epoch; a frame of another rate is brought to 48 kHz."""
    notes = {event.contact_id: event for event in session.events if isinstance(event, NoteOn)}
    for event in session.events:
        if isinstance(event, Sounded | Released) and event.epoch == epoch.epoch:
            frame = round(event.frame * RATE_HZ / epoch.sample_rate_hz)
            if isinstance(event, Released):
                yield Step(frame, ReleaseVoice(event.contact_id, frame))
            elif event.contact_id in notes:
                yield Step(frame, start_of(notes[event.contact_id], session, frame))


def _imported(session: Session) -> list[Step]:
    steps: list[Step] = []
    for note in (note for player in session.players for note in session.notes(player.seat)):
        begin, end = round(note.contact_s * RATE_HZ), round(note.end_s * RATE_HZ)
        played = NoteOn(
            note.contact_id, note.accepted_s, note.seat, note.pitch, note.velocity, note.sound, note.percussion
        )
        steps.append(Step(begin, start_of(played, session, begin)))
        steps.append(Step(end, ReleaseVoice(note.contact_id, end)))
    return _in_order(steps)


def _opening(session: Session, epoch: AudioEpoch) -> list[Step]:
    """What a new mixer was told of the level, and of a silence that goes on, from before its epoch."""
    acts = [step.command for step in _acts(session, epoch) if step.frame < 0]
    levels = [command for command in acts if isinstance(command, SetLevel)]
    gates = [command for command in acts if not isinstance(command, SetLevel)]
    told: list[SoundCommand] = [*levels[-1:]]
    if gates and not isinstance(gates[-1], Resume):
        told.append(Silence())
    return [Step(0, command) for command in told]


def _acts(session: Session, epoch: AudioEpoch) -> Iterator[Step]:
    """What was done to the whole, with the epoch's frame at which it was; below 0 before the epoch."""
    for event in session.events:
        if isinstance(event, Control | SetupChange):
            act: SoundCommand | None = _act(event, session)
            if act is not None:
                yield Step(round((event.time_s - epoch.time_s) * RATE_HZ), act)


def _act(event: Control | SetupChange, session: Session) -> SoundCommand | None:
    if isinstance(event, SetupChange):
        return SetLevel(float(event.value)) if event.setting == "level" else None
    match event.action:
        case Action.FADE:
            return FadeOut()
        case Action.PANIC:
            return Silence()
        case Action.RESUME:
            return None if _is_guest(session, event.seat) else Resume()
        case Action.STOP:
            return FadeOut(STOP_FADE_S)
        case Action.LEVEL | Action.PALETTE | Action.KEY:
            return None


def _is_guest(session: Session, seat: Seat) -> bool:
    roles = {player.seat: player.role for player in session.players}
    return roles.get(seat) in (Role.CLIENT, Role.PEER)


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.frame)


def _render(part: Part, bank: SoundBank) -> Iterator[Frames]:
    """The part, cut at its steps."""
    mixer = Mixer(bank, RATE_HZ)
    for step in part.steps:
        yield from _run(mixer, min(part.n_frames, _due(step, mixer)))
        mixer.push(step.command)
        mixer.reports()
    yield from _run(mixer, part.n_frames)


def _run(mixer: Mixer, until: int) -> Iterator[Frames]:
    while mixer.frame < until:
        yield mixer.render(min(until - mixer.frame, PIECE_FRAMES))


def _due(step: Step, mixer: Mixer) -> int:
    """When to push: notes are timed by the frame at which they leave the limiter, acts by when they were done."""
    timed = isinstance(step.command, StartVoice | ReleaseVoice)
    return step.frame - mixer.lookahead_frames if timed else step.frame


def _silence(n_frames: int) -> Iterator[Frames]:
    for start in range(0, max(0, n_frames), PIECE_FRAMES):
        yield np.zeros((min(PIECE_FRAMES, n_frames - start), 2), np.float32)
