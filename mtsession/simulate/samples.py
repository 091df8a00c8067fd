"""Which sample sessions lie in the repository, and how are they made?

`python -m mtsession.simulate.samples --to sample_sessions` writes each as NAME.mid (a track a seat) and NAME.json (what
it is for, every parameter, the seed, the players and the truth). The same version writes the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import msgspec

from mtsession.events import Contact, Lift, Seat
from mtsession.midi.files import PlayedNote, PlayedTrack, write_tracks
from mtsession.session import Role
from mtsession.simulate.coupling import Coupling, pair
from mtsession.simulate.ensemble import BeatPlayer, Ensemble
from mtsession.simulate.free import FreePlayer, FreePlaying, QuietClient
from mtsession.simulate.hands import Hands
from mtsession.simulate.loudness import LoudnessFollowing
from mtsession.simulate.performance import Performance
from mtsession.simulate.turn_taking import GapLaw, Imitation, TurnTaker, TurnTaking

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
SECOND_CLIENT, THIRD_CLIENT = Seat("client-2"), Seat("client-3")
"""The seats that an imported file of so many tracks gets, in the order of its tracks."""

Plain: TypeAlias = dict[str, Any]


class Scene(Protocol):
    """A value that holds every parameter of a kind of playing."""

    def perform(self, seed: int) -> Performance: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample session: what it is for, in a sentence; its parameters; its seed."""

    purpose: str
    scene: Scene
    seed: int

    def performance(self) -> Performance:
        """What is played."""
        return self.scene.perform(self.seed)


TAKING_TURNS = TurnTaking(
    first=TurnTaker(THERAPIST, Role.THERAPIST, GapLaw(0.45), Imitation(0.7, 0.1, 0.15), velocity=62, first_step=3),
    second=TurnTaker(
        CLIENT, Role.CLIENT, GapLaw(0.75), Imitation(0.4, 0.2, 0.3), Hands(delay_s=0.04, jitter_sd_s=0.015),
        instrument="pads", velocity=70, first_step=5,
    ),
    turns=40,
)  # fmt: skip

TOGETHER_IN_TIME = Ensemble(
    players=(
        BeatPlayer(
            CLIENT, Role.CLIENT, Hands(delay_s=0.015, jitter_sd_s=0.003, dropped=0.04, extra=0.02), steps=(5, 10)
        ),
        BeatPlayer(THERAPIST, Role.THERAPIST, Hands(jitter_sd_s=0.003), velocity=60, steps=(0, 5)),
    ),
    coupling=pair(0.45, 0.45, keeper_sd_s=0.020, motor_sd_s=0.004),
    beats=220,
    tempo=((0.0, 84.0), (0.4, 84.0), (0.7, 100.0), (1.0, 100.0)),
)

FOLLOWING = Ensemble(
    players=(
        BeatPlayer(CLIENT, Role.CLIENT, Hands(jitter_sd_s=0.005), velocity=64, steps=(5, 10)),
        BeatPlayer(THERAPIST, Role.THERAPIST, velocity=64, steps=(0, 5)),
    ),
    coupling=Coupling(((0.0, 0.7), (0.0, 0.0)), ((0.0, 0.0), (0.0, 0.0)), (0.008, 0.030), (0.004, 0.004)),
    beats=160,
    tempo=((0.0, 92.0), (1.0, 92.0)),
    loudness=LoudnessFollowing(lag_s=0.8, gain=0.7),
)

FREE_AND_PULSELESS = FreePlaying(
    players=(
        FreePlayer(CLIENT, Role.CLIENT, rate_per_s=1.6, instrument="pads"),
        FreePlayer(THERAPIST, Role.THERAPIST, rate_per_s=1.1, held_s=0.7, velocity=56),
    ),
    length_s=100.0,
)

GROUP_OF_FOUR = Ensemble(
    players=(
        BeatPlayer(CLIENT, Role.CLIENT, Hands(delay_s=0.02, jitter_sd_s=0.006, dropped=0.08), steps=(6, 10)),
        BeatPlayer(THERAPIST, Role.THERAPIST, velocity=60, steps=(0, 4)),
        BeatPlayer(SECOND_CLIENT, Role.PEER, Hands(jitter_sd_s=0.006, dropped=0.10), steps=(3, 8)),
        BeatPlayer(THIRD_CLIENT, Role.PEER, Hands(jitter_sd_s=0.006, extra=0.03), steps=(2, 6)),
    ),
    coupling=Coupling(
        phase=(
            (0.00, 0.60, 0.00, 0.00),
            (0.00, 0.00, 0.00, 0.00),
            (0.00, 0.20, 0.00, 0.30),
            (0.00, 0.20, 0.30, 0.00),
        ),
        period=((0.0,) * 4,) * 4,
        keeper_sd_s=(0.010, 0.025, 0.012, 0.012),
        motor_sd_s=(0.004, 0.004, 0.004, 0.004),
    ),
    beats=150,
    tempo=((0.0, 88.0), (1.0, 96.0)),
)

QUIET_CLIENT = QuietClient(
    client=CLIENT,
    other=FreePlayer(THERAPIST, Role.THERAPIST, rate_per_s=0.5, apart_s=0.4, held_s=1.2, velocity=44),
    groups=12,
)

SAMPLES: Mapping[str, Sample] = {
    "taking-turns": Sample("40 turns that alternate, with gaps of two known laws and echoes", TAKING_TURNS, 11),
    "together-in-time": Sample("Two coupled players on one pulse that goes from 84 to 100", TOGETHER_IN_TIME, 12),
    "following": Sample("The client follows the therapist, in time and in loudness", FOLLOWING, 13),
    "free-and-pulseless": Sample("Two players without a pulse who do not hear each other", FREE_AND_PULSELESS, 14),
    "group-of-four": Sample("Three follow one, and two of them each other", GROUP_OF_FOUR, 15),
    "quiet-client": Sample("A few soft notes at a time, and many pauses", QUIET_CLIENT, 16),
}
"""By the name of the file."""


def write_samples(folder: Path) -> None:
    """Write all samples into a folder that exists. Raises OSError."""
    for name, sample in SAMPLES.items():
        performance = sample.performance()
        write_tracks(folder / f"{name}.mid", tracks_of(performance))
        (folder / f"{name}.json").write_bytes(description(name, sample, performance))


def tracks_of(performance: Performance) -> tuple[PlayedTrack, ...]:
    """A track a seat, the client's first, then the therapist's: as `mtsession import` seats them."""
    lifted = {event.contact_id: event.time_s for event in performance.script if isinstance(event, Lift)}
    notes: dict[Seat, list[PlayedNote]] = {seat: [] for seat in _seats(performance)}
    for event in performance.script:
        if isinstance(event, Contact):
            notes[event.seat].append(PlayedNote(event.time_s, lifted[event.id], event.number, event.velocity))
    return tuple(PlayedTrack(seat, tuple(played)) for seat, played in notes.items())


def description(name: str, sample: Sample, performance: Performance) -> bytes:
    """What a sample is for, every parameter and the truth, as JSON to read. Times to a microsecond."""
    kind = type(sample.scene).__name__
    plain = {
        "name": name,
        "purpose": sample.purpose,
        "seed": sample.seed,
        "parameters": {"kind": kind, **msgspec.to_builtins(sample.scene)},
        "players": msgspec.to_builtins(performance.players),
        "truth": msgspec.to_builtins(performance.truth),
    }
    return msgspec.json.format(msgspec.json.encode(_rounded(plain)), indent=1) + b"\n"


def _seats(performance: Performance) -> list[Seat]:
    return sorted((player.seat for player in performance.players), key=lambda seat: (seat != CLIENT, seat != THERAPIST))


def _rounded(plain: Any) -> Any:  # noqa: ANN401 — whatever JSON can hold
    match plain:
        case float():
            return round(plain, 6)
        case dict():
            return {key: _rounded(value) for key, value in plain.items()}
        case list() | tuple():
            return [_rounded(value) for value in plain]
        case _:
            return plain


def main() -> None:
    """Write the samples into the folder that is named."""
    parser = argparse.ArgumentParser(description="Write the sample sessions.")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    write_samples(folder)


if __name__ == "__main__":
    main()
