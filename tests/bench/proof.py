"""What proves the measures: each case, what must hold, and what is measured.

`python -m tests.bench.proof`, some twenty seconds. The tests assert the bounds; this prints the numbers that stand in
docs/measures.md. Chance bands have tests.bench.chance, who moved toward whom tests.bench.tempo_lead.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.random import default_rng

from mtsession.analysis.balance import of_shares
from mtsession.analysis.intervals import least_squares_slope, mean_bpm, slope_bpm_per_s
from mtsession.analysis.meetings import nearest
from mtsession.analysis.participation import Shares
from mtsession.analysis.phase_correction import phase_correction
from mtsession.analysis.result import Measured, Window
from mtsession.analysis.summary import measure
from mtsession.analysis.tempo import tempo_curve
from mtsession.analysis.togetherness import asynchrony, spread
from mtsession.analysis.trend import asynchrony_trend
from mtsession.analysis.turns import floor_transfers
from mtsession.session import onset_stream
from mtsession.simulate.hands import Hands
from mtsession.simulate.samples import CLIENT, TAKING_TURNS, THERAPIST
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets
from tests.analysis.test_change import streams
from tests.analysis.test_following_duo import authors_coupling, read_beats
from tests.analysis.test_imitation import above, of_duo, outside
from tests.analysis.test_imitation import duo as answering
from tests.analysis.test_intervals import beats_of, bpm_by_second
from tests.analysis.test_tempo import INSTRUMENTS, WITHIN_OCTAVES, Trios, duo, judged, right_and_stated
from tests.analysis.test_turns import both_turns, offset_ms, told_by_fixture_only
from tests.bench import stage
from tests.bench.table import Cell, Table

Rows: TypeAlias = Iterator[tuple[Cell, ...]]

PLAYERS = ("keys", "drums")


def run() -> Table:
    """All of them that take seconds."""
    data = stage.duo().parent
    known = msgspec.json.decode((data / "known_answers.json").read_bytes())
    proofs = (
        _duo(data, known),
        _statistics(data, known),
        _turns(known),
        _coupling(data, known),
        _tempo(data, known),
        _bands(),
    )
    rows = tuple(row for proof in proofs for row in proof)
    return Table("What proves the measures", ("case", "must hold", "measured"), rows)


def _duo(data: Path, known: dict[str, Any]) -> Rows:
    beats = {player: read_beats(data / "duo_keys_drums" / f"{player}_beats.mid") for player in PLAYERS}
    slopes = [bpm_by_second(beats_s) for beats_s in beats.values()]
    seconds = sorted(set(slopes[0]) | set(slopes[1]))
    both = [np.mean([bpm[second] for bpm in slopes if second in bpm]) for second in seconds]
    slope = least_squares_slope(np.array(seconds, dtype=np.float64), np.array(both))
    yield "duo: tempo slope", "−0.20807082 BPM/s ± 1e-6", f"{slope:.8f}"
    keys_s, drums_s = beats.values()
    rms_ms = 1000 * np.sqrt(np.mean((keys_s - drums_s[nearest(keys_s, drums_s)]) ** 2))
    yield "duo: RMS asynchrony, no window", "75.890 ms ± 0.01", f"{rms_ms:.4f}"
    met = asynchrony(onset_stream(CLIENT, keys_s), onset_stream(THERAPIST, drums_s), Window(7.0, 101.0), 0)
    if isinstance(met, Measured) and met.value.rms_s is not None:
        yield "duo: RMS asynchrony, own window", "64.53 ms on 117 pairs", f"{1000 * met.value.rms_s:.3f} on {met.n}"
    for player, other, must in (("keys", "drums", ".69753"), ("drums", "keys", ".59937")):
        coupling, rows = authors_coupling(beats[player], beats[other])
        yield f"duo: coupling of the {player}", f"{must} ± 1e-5", f"{coupling:.7f} on {rows}"


def _statistics(data: Path, known: dict[str, Any]) -> Rows:
    by_interval: dict[str, list[float]] = {}
    with (data / "sync_tapping" / "tapping_data_baath_madison_2012.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            by_interval.setdefault(row["isi"], []).append(float(row["asynch"]) / 1000)
    off = []
    for interval, (mean_ms, sd_ms, _) in known["sync_tapping: interval_ms -> [mean_ms, sd_ms, n]"].items():
        value = spread(np.array(by_interval[interval]), 1.0)
        off += [1000 * (value.mean_s or np.nan) - mean_ms, 1000 * value.sd_s - sd_ms]
    yield "sync_tapping: means and SDs, 5 intervals", "0.1 ms", f"largest difference {np.max(np.abs(off)):.3f} ms"
    jazz = [(beats_of(data, track), of) for track, of in known["jazz_trios"].items()]
    tempo = max(abs(mean_bpm(beats_s) - of["tempo_bpm_manual_beats"]) for beats_s, of in jazz)
    slope = max(abs(slope_bpm_per_s(beats_s) - of["tempo_slope_bpm_per_s_manual_beats"]) for beats_s, of in jazz)
    yield f"jazz_trios: mean tempo of the beats, {len(jazz)} tracks", "1e-3 BPM", f"largest difference {tempo:.1e}"
    yield "jazz_trios: slope of the beats", "1e-3 BPM/s", f"largest difference {slope:.1e}"


def _turns(known: dict[str, Any]) -> Rows:
    fixture = known["floor_transfer_offsets_ms"]
    utterances = fixture["utts"]
    told = [None if told_by_fixture_only(utterances, k) else offset_ms(utterances, k) for k in range(len(utterances))]
    same = sum(one == other for one, other in zip(told, fixture["window 10000 buffer 200"], strict=True))
    yield "fixture: floor transfers", "exact", f"{same} of {len(utterances)}"
    whole, part = (of_shares(Shares(one, other, 0.0, 0.0)) for one, other in ((0.5, 0.5), (1 / 3, 2 / 3)))
    yield "fixture: tau-tau, balance", "1, 2/3", f"{whole.tau_tau:.6f}, {part.balance:.6f}"
    for gap_s in (None, 0.5, 1.0):
        found = floor_transfers(*both_turns(gap_s), Window(0.0, 200.0))
        yield f"turns, true gap 0.42 s, G = {gap_s or 'default'}", "39 of 39", f"{found.n} of 39"
    clumsy = Hands(delay_s=0.05, jitter_sd_s=0.02, dropped=0.1, extra=0.1)
    scene = replace(TAKING_TURNS, second=replace(TAKING_TURNS.second, hands=clumsy))
    counts, off_s = [], [0.0]
    for seed in range(12):
        played = scene.perform(seed)
        pair = measure(played.session(), n_surrogates=0).pair(CLIENT, THERAPIST)
        counts.append(pair.floor_transfers.n)
        for way in (pair.transfers_from_first, pair.transfers_from_second):
            if isinstance(way, Measured):
                true_s = [transfer.gap_s for transfer in played.truth.transfers if transfer.giver == way.value.giver]
                off_s.append(abs(way.value.median_s - float(np.median(true_s))))
    yield "turns, hits dropped and added (12 sessions)", "39 of 39", f"{min(counts)} to {max(counts)}"
    yield "the same: median silence before an answer", "5 ms", f"largest difference {1000 * max(off_s):.2f} ms"


def _coupling(data: Path, known: dict[str, Any]) -> Rows:
    onsets_s = np.loadtxt(data / "phase_correction_onsets.csv", delimiter=",") / 1000
    alphas, sigmas = [], []
    for player in (1, 2):
        fit = phase_correction([(onsets_s[:, player - 1], onsets_s[:, 2 - player])], first_interval_s=0.5)
        alpha, clock_ms, motor_ms = known["phase_correction"][f"player{player} [alpha, sigma_T_ms, sigma_M_ms]"]
        if fit is not None:
            alphas.append(abs(fit.alpha - alpha))
            sigmas += [abs(1000 * fit.clock_sd_s - clock_ms), abs(1000 * fit.motor_sd_s - motor_ms)]
    yield "phase_correction_onsets.csv: α", "1e-7", f"largest difference {max(alphas):.1e}"
    yield "the same: σ", "1e-6 ms", f"largest difference {max(sigmas):.1e} ms"
    for truth in ((0.1, 0.3), (0.25, 0.25), (0.6, 0.1), (0.0, 0.5)):
        rng, keepers = default_rng(16), [Timekeeper(one) for one in truth]
        blocks = [[coupled_pulse(rng, np.full(39, 0.6), *keepers) for _ in range(16)] for _ in range(12)]
        swapped = [[(b, a) for a, b in block] for block in blocks]
        fits = [[phase_correction(block) for block in several] for several in (blocks, swapped)]
        means = [float(np.mean([fit.alpha for fit in several if fit is not None])) for several in fits]
        yield f"α = {truth[0]}, {truth[1]}: 16 × 40 events", "± 0.05", f"{means[0]:.3f}, {means[1]:.3f} (12 blocks)"


def _tempo(data: Path, known: dict[str, Any]) -> Rows:
    for rate in (1.0, 2.0, 4.0):
        rng, stated = default_rng(17), 0
        for _ in range(40):
            found = tempo_curve(onset_stream(CLIENT, poisson_onsets(rng, rate, 60.0)), Window(0.0, 60.0))
            stated += found.n if isinstance(found, Measured) else 0
        asked = 40 * 51
        yield f"random onsets, {rate:g} a second: tempo stated", "≤ .02", f"{stated / asked:.4f} of {asked} windows"
    for player in PLAYERS:
        for name, middle in (("mean", np.mean), ("median", np.median)):
            right, said = right_and_stated(list(judged(*duo(data, player), middle)))
            yield f"duo {player}, truth: {name} beat interval", "≥ .95 of ≥ .80", f"{right:.3f} of {said:.3f}"
    tracks = sorted(known["jazz_trios"], key=lambda track: known["jazz_trios"][track]["tempo_bpm_manual_beats"])
    trios = Trios(data, tracks)
    bounds = {"bass": "≥ .96 of ≥ .70", "drums": "≥ .92 of ≥ .65", "piano": "≥ .75 of ≥ .25"}
    for part in INSTRUMENTS:
        for half in ("reported on", "chosen on", "all"):
            alone, given = (trios.of(part, half, given=given) for given in (False, True))
            (right, said), (right_given, said_given) = right_and_stated(alone), right_and_stated(given)
            stated_off = [off - round(off) for off in alone if off is not None]
            forgiven = np.mean(np.abs(stated_off) < WITHIN_OCTAVES)
            which = {"reported on": "other half", "chosen on": "half for settings", "all": "all"}[half]
            yield f"jazz {part}, {which}", bounds[part], f"{right:.3f} of {said:.3f}, {len(alone)} windows"
            yield "  octave forgiven", "≥ .98", f"{forgiven:.3f}"
            yield "  partners given", "more than alone", f"{right_given:.3f} of {said_given:.3f}"


def _bands() -> Rows:
    for takes_up, rounds, at_least in ((1.0, 20, 0.95), (0.3, 20, 0.3), (0.6, 20, 0.9), (0.3, 60, 0.85)):
        claims = [above(of_duo(answering(default_rng(seed), rounds, takes_up)).value) for seed in range(100, 140)]
        client = np.mean([bool(found & {"client rhythm", "client contour"}) for found in claims])
        other = np.mean([bool(found & {"therapist rhythm", "therapist contour"}) for found in claims])
        case = f"imitation: client takes up {takes_up:.0%} of the turns, {rounds} exchanges, 40 sessions"
        yield case, f"≥ {at_least:g}", f"{client:.3f}; therapist {other:.3f}"
    nobody = [outside(of_duo(answering(default_rng(seed), 20, 0.0)).value) for seed in range(200)]
    yield "imitation: nobody takes up, 200 sessions", "≤ .07 outside", f"{np.mean(nobody):.3f}"
    rng, keeper, apart = default_rng(5), Timekeeper(0.25, keeper_sd_s=0.02), []
    for _ in range(200):
        pair = streams(*coupled_pulse(rng, np.full(150, 0.6), keeper, keeper))
        found = asynchrony_trend(*pair, Window(0.0, 91.0), 199)
        if isinstance(found, Measured) and found.band is not None:
            apart.append(not found.band.low <= found.value.change_s <= found.band.high)
    yield f"trend: coupled players without one, {len(apart)} sessions", "≤ .07 outside", f"{np.mean(apart):.3f}"


if __name__ == "__main__":
    print(run().text())
