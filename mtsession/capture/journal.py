"""Is the journal of a killed session whole? SQLite ignores all that follows a damaged place in it, without a word.

Format: sqlite.org/fileformat2.html, "The Write-Ahead Log". A header of 32 bytes, then frames: 24 bytes and a page. Each
frame's checksum goes on from the one before, so what follows a flipped bit does not fit any more.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PAGE_BYTES = 4096
HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
WORD = 2**32

TORN_COMMITS = 1
"""A power cut can tear the one transaction that was being written; it counts among the two ticks that may be lost."""

LOOKS = 3
"""A running session may begin its journal anew between two reads: damage is what is seen every time."""


def journal_of(path: Path) -> Path:
    """Where the journal of a session file lies while it is open, and after a kill."""
    return path.with_name(f"{path.name}-wal")


def journal_is_damaged(path: Path) -> bool:
    """Whether commits of a session are in its journal that SQLite would leave out."""
    return all(_ignored_commits_of(journal_of(path)) > TORN_COMMITS for _ in range(LOOKS))


def ignored_commits(journal: bytes) -> int:
    """How many commits of the journal's present run lie behind the place where its checksums end to fit."""
    if len(journal) < HEADER_BYTES + FRAME_BYTES:
        return 0
    magic, _, _, _, *salts = struct.unpack(">6I", journal[:24])
    n_frames = (len(journal) - HEADER_BYTES) // FRAME_BYTES
    rows = np.frombuffer(journal, np.uint8, n_frames * FRAME_BYTES, HEADER_BYTES).reshape(n_frames, FRAME_BYTES)
    heads = np.ascontiguousarray(rows[:, :FRAME_HEADER_BYTES]).view(">u4")
    order = ">u4" if magic & 1 else "<u4"
    whole = _frames_that_fit(journal[:HEADER_BYTES], rows, heads, order)
    ours = (heads[:, 2:4] == salts).all(axis=1) | (heads[:, 2:4] == heads[0, 2:4]).all(axis=1)
    commits = ours & (heads[:, 1] != 0)
    return int(commits[whole:].sum())


def _ignored_commits_of(journal: Path) -> int:
    try:
        return ignored_commits(journal.read_bytes())
    except FileNotFoundError:
        return 0


def _frames_that_fit(header: bytes, rows: NDArray[np.uint8], heads: NDArray[np.uint32], order: str) -> int:
    """How many frames SQLite reads: as far as salts and checksums fit."""
    words = np.frombuffer(header, order).astype(np.uint32)
    stored = struct.unpack(">2I", header[24:])
    (own,), step = _sums(words[None, :6])
    if (own[0], own[1]) != stored:
        return 0
    summed = np.hstack((rows[:, :8], rows[:, FRAME_HEADER_BYTES:]))
    sums, step = _sums(summed.view(order).astype(np.uint32))
    salts = struct.unpack(">2I", header[16:24])
    first, second = stored
    for number, (own, head) in enumerate(zip(sums, heads.tolist(), strict=True)):
        first, second = (
            (step[0][0] * first + step[0][1] * second + own[0]) % WORD,
            (step[1][0] * first + step[1][1] * second + own[1]) % WORD,
        )
        if (head[2], head[3]) != salts or (head[4], head[5]) != (first, second):
            return number
    return len(sums)


def _sums(words: NDArray[np.uint32]) -> tuple[list[list[int]], list[list[int]]]:
    """Each row's checksum from 0, and the matrix that carries the checksum before it over the row.

    SQLite's rule s1 += a + s2, s2 += b + s1 for each pair of words is s' = M s + (a, a + b), M = ((1, 1), (1, 2)), so a
    row's checksum is a sum weighted with powers of M, modulo 2^32.
    """
    first, both = words[:, 0::2], words[:, 0::2] + words[:, 1::2]
    powers = _powers(first.shape[1])
    weights = powers[-2::-1]
    parts = (first * weights[:, row, 0] + both * weights[:, row, 1] for row in (0, 1))
    sums = np.stack([part.sum(axis=1, dtype=np.uint32) for part in parts], axis=1)
    return sums.tolist(), powers[-1].tolist()


@cache
def _powers(count: int) -> NDArray[np.uint32]:
    """M⁰ … M^count modulo 2^32, (count + 1, 2, 2)."""
    powers, (first, second) = [], ((1, 0), (0, 1))
    for _ in range(count + 1):
        powers.append((first, second))
        summed = ((first[0] + second[0]) % WORD, (first[1] + second[1]) % WORD)
        first, second = summed, ((summed[0] + second[0]) % WORD, (summed[1] + second[1]) % WORD)
    return np.array(powers, dtype=np.uint32)
