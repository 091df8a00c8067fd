"""The whole duo, 109 s in real time, held to the same account as the test's thirty seconds."""

from __future__ import annotations

import numpy as np

from tests.bench.stage import duo, stage
from tests.bench.table import Cell, Table
from tests.e2e.heard import Comparison
from tests.e2e.jack_server import best_scheduling
from tests.e2e.kept import analysed, of_seat
from tests.e2e.real_session import CLIENTS, Held, hold_duo

END_S = 110.0


def seat_row(held: Held, seat: str, bpm: float | None) -> tuple[Cell, ...]:
    """What became of one player's notes."""
    sent, kept = held.hits(seat), held.notes(seat)
    same = [(n.pitch, n.velocity) for n in kept] == [(m.data[1], m.data[2]) for m in sent]
    delays_ms = held.delays_ms(seat) if len(sent) == len(kept) else np.array([np.nan])
    return (
        CLIENTS[seat],
        len(sent),
        len(kept),
        "yes" if same else "NO",
        float(np.median(delays_ms)),
        float(np.percentile(delays_ms, 99)),
        sum(note.sounded_s is not None for note in kept),
        bpm,
    )


def run() -> Table:
    """Play, record, keep, compare, measure."""
    with stage(*best_scheduling()) as at:
        held = hold_duo(at.room, duo(), 0.0, END_S)
        measures, compared = analysed(at.room), held.comparison
    tempi = {seat: (of_seat(measures, seat)["tempo"].get("value") or {}).get("median_bpm") for seat in CLIENTS}
    return Table(
        "The whole duo in real time (limits: onsets 3 ms median, 8 ms p99; sound −50 dB)",
        ("player", "sent", "kept", "same notes", "onset median ms", "onset p99 ms", "sounded", "tempo bpm"),
        tuple(seat_row(held, seat, tempi[seat]) for seat in CLIENTS),
        (*sound_remarks(compared), f"asynchrony: {measures['pairs'][0]['asynchrony']}"),
    )


def sound_remarks(compared: Comparison) -> tuple[str, str]:
    """How the recording compares with the render, and what it could not be compared for."""
    shifts = [note.shift_frames for note in compared.notes]
    worst_db = max(note.error_db for note in compared.notes)
    found = f"{min(shifts)} to {max(shifts)} frames from the reported times"
    return (
        f"first 100 ms of {len(shifts)} notes, recorded beside rendered: worst {worst_db:.0f} dB, {found}",
        f"{compared.unrecorded} notes more fell into cycles that the server did not give the recorder",
    )
