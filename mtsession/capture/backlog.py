"""What waits to be written? Rows in the order in which they came, as many as memory should hold."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

from mtsession.capture.schema import Row

MAX_ROWS = 250_000
"""Some 50 MB: the events of more than half an hour of the densest playing."""

MAX_AUDIO_BYTES = 64 * 2**20
"""Some four minutes of stereo."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One row to be written, what it tells of, and how much memory it holds beside its row."""

    sql: str
    row: Row
    start_s: float
    end_s: float
    audio_bytes: int = 0


@dataclass(slots=True)
class Loss:
    """What found no room any more, and its stretch of the session."""

    count: int = 0
    start_s: float = 0.0
    end_s: float = 0.0

    def add(self, statement: Statement) -> None:
        self.start_s = min(self.start_s, statement.start_s) if self.count else statement.start_s
        self.end_s = max(self.end_s, statement.end_s) if self.count else statement.end_s
        self.count += 1


class Backlog:
    """Rows waiting for the disk. When it is full what comes is lost and counted, so what was kept has no holes."""

    def __init__(self, max_rows: int = MAX_ROWS, max_audio_bytes: int = MAX_AUDIO_BYTES) -> None:
        self._max_rows, self._max_audio_bytes = max_rows, max_audio_bytes
        self._waiting: deque[Statement] = deque()
        self._audio_bytes = 0
        self.loss = Loss()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, statement: Statement) -> None:
        """Let it wait, or count it as lost where there is no room."""
        audio_bytes = self._audio_bytes + statement.audio_bytes
        if len(self._waiting) >= self._max_rows or (statement.audio_bytes and audio_bytes > self._max_audio_bytes):
            self.loss.add(statement)
            return
        self._audio_bytes = audio_bytes
        self._waiting.append(statement)

    def first(self, count: int) -> list[Statement]:
        """The oldest rows, which stay until they are done."""
        return list(islice(self._waiting, count))

    def done(self, count: int) -> None:
        """The oldest rows are on the disk."""
        for _ in range(count):
            self._audio_bytes -= self._waiting.popleft().audio_bytes

    def take_loss(self) -> Loss:
        """What was lost since the last time this was asked."""
        loss, self.loss = self.loss, Loss()
        return loss
