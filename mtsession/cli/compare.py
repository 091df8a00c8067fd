"""How does a client's last session stand beside the earlier ones? For `mtsession analyse --compare`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import click
import msgspec

from mtsession.analysis.change import Comparison, compare
from mtsession.analysis.change_words import comparison_in_words, does_not_show_change
from mtsession.analysis.playing import KINDS
from mtsession.analysis.set_up import SetUp, set_up_of
from mtsession.analysis.summary import SessionMeasures
from mtsession.events import Control, Seat
from mtsession.record.store import Record
from mtsession.session import Session
from mtsession.wording import say

KINDS_OF_CHANGE = (*KINDS, Control)
"""What measures and the set-up are told by."""


@dataclass(frozen=True, slots=True)
class SetUps:
    """The set-up of each session that was read, by its id."""

    kept: dict[str, SetUp] = field(default_factory=dict)

    def see(self, session: Session) -> None:
        """Keep this session's."""
        self.kept[session.id] = set_up_of(session)


def on_one_seat(book: Record, code: str, session_ids: Sequence[str]) -> tuple[str, ...]:
    """The sessions in which the client sat where they sat in the last one; of the others it is told.

    Another seat's measures carry other names: side by side they would be another person's.
    """
    by_session = {session_id: _seat_of(book, code, session_id) for session_id in session_ids}
    last = by_session[session_ids[-1]]
    for session_id, seat in by_session.items():
        if seat != last:
            click.echo(say("cli.analyse_other_seat", id=session_id, code=code, seat=seat, last=last), err=True)
    return tuple(session_id for session_id, seat in by_session.items() if seat == last)


def comparison(found: Iterable[SessionMeasures], set_ups: SetUps) -> Comparison:
    """The last of the sessions that could be measured beside those before."""
    measures = list(found)
    return compare(measures, [set_ups.kept[measured.session_id] for measured in measures])


def figures(compared: Comparison) -> str:
    """As one line of JSON."""
    return msgspec.json.encode(compared).decode()


def words(compared: Comparison) -> str:
    """As sentences, below the sessions that were compared."""
    sessions = say("cli.analyse_compared", n=len(compared.session_ids), ids=", ".join(compared.session_ids))
    lines = (*comparison_in_words(compared), does_not_show_change())
    return "\n".join((sessions, *(f"  {line}" for line in lines)))


def _seat_of(book: Record, code: str, session_id: str) -> Seat:
    return next(seat for seat, sat in book.session_clients(session_id).items() if sat == code)
