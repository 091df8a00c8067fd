"""Who are the clients, what may be done with their sessions, and who sat where?

A client is a code and a colour; the name lies apart, sealed, and whoever reads it is accounted for.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nacl.secret import SecretBox
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from mtsession.errors import RecordError
from mtsession.events import ConsentTo, Seat
from mtsession.record.audit import Action, Ledger
from mtsession.record.models import ClientNameRow, ClientRow, ClientSeatRow, ConsentRow, SessionRow
from mtsession.record.refusals import refusal

COLOURS = ("orange", "sky blue", "bluish green", "yellow", "blue", "vermilion", "reddish purple")
"""Okabe–Ito, by turns: with the code they say whose record is open."""

LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the record's lists know them."""

    code: str
    colour: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the consent register."""

    consent: ConsentTo
    given: bool
    given_by: str
    at: datetime


def clients(transaction: Transaction) -> tuple[Client, ...]:
    """All clients, also closed ones, by code."""
    return tuple(_client(row) for row in transaction.scalars(select(ClientRow).order_by(ClientRow.code)))


def client_row(transaction: Transaction, code: str) -> ClientRow:
    """The client of that code; RecordError where there is none."""
    row = transaction.scalars(select(ClientRow).where(ClientRow.code == code)).one_or_none()
    if row is None:
        raise refusal(RecordError, "no_client", code=code)
    return row


def add_client(ledger: Ledger, code: str, colour: str | None) -> Client:
    """A new client; RecordError for an unfit code, or one that is taken (capitals make no difference)."""
    code = code.strip()
    if not 0 < len(code) <= LONGEST_CODE or not code.isprintable():
        raise refusal(RecordError, "code_unfit")
    known = ledger.transaction.scalars(select(ClientRow.code)).all()
    if code.casefold() in {other.casefold() for other in known}:
        raise refusal(RecordError, "code_taken", code=code)
    colour = colour or COLOURS[len(known) % len(COLOURS)]
    row = ClientRow(id=secrets.token_hex(16), code=code, colour=colour, created_at=ledger.at, closed_at=None)
    ledger.transaction.add(row)
    ledger.enter(Action.ADDED_CLIENT, "client", row.id)
    return _client(row)


def close_client(ledger: Ledger, code: str) -> None:
    """No more sessions are expected."""
    row = client_row(ledger.transaction, code)
    row.closed_at = ledger.at
    ledger.enter(Action.CLOSED_CLIENT, "client", row.id)


def set_name(ledger: Ledger, code: str, name: str, box: SecretBox) -> None:
    """Seal a client's name in place of the one before."""
    row = client_row(ledger.transaction, code)
    ledger.transaction.merge(ClientNameRow(client_id=row.id, sealed=bytes(box.encrypt(name.encode()))))
    ledger.enter(Action.NAMED_CLIENT, "client", row.id)


def read_name(ledger: Ledger, code: str, box: SecretBox) -> str | None:
    """A client's name, None where none was given."""
    row = client_row(ledger.transaction, code)
    kept = ledger.transaction.get(ClientNameRow, row.id)
    ledger.enter(Action.READ_NAME, "client", row.id)
    return box.decrypt(kept.sealed).decode() if kept else None


def session_row(transaction: Transaction, session_id: str) -> SessionRow:
    """The session as the record knows it, from now on if not before."""
    row = transaction.get(SessionRow, session_id)
    if row is None:
        row = SessionRow(id=session_id)
        transaction.add(row)
        transaction.flush()
    return row


def attach(ledger: Ledger, session_id: str, wanted: Mapping[Seat, str]) -> None:
    """Put clients on seats; each change is accounted for with who sat there before."""
    session_row(ledger.transaction, session_id)
    for seat, code in wanted.items():
        client = client_row(ledger.transaction, code)
        kept = ledger.transaction.get(ClientSeatRow, (session_id, seat))
        before = kept.client_id if kept else ""
        if before == client.id:
            continue
        ledger.transaction.merge(ClientSeatRow(session_id=session_id, seat=seat, client_id=client.id))
        detail = {"seat": seat, "client": client.id, "before": before}
        ledger.enter(Action.ATTACHED, "session", session_id, detail)


def seats(transaction: Transaction, session_id: str) -> Mapping[Seat, str]:
    """Which client's code is on which seat."""
    wanted = select(ClientSeatRow.seat, ClientRow.code).join(ClientRow).where(ClientSeatRow.session_id == session_id)
    return {Seat(seat): code for seat, code in transaction.execute(wanted.order_by(ClientSeatRow.seat))}


def enter_consent(ledger: Ledger, code: str, consent: Consent) -> None:
    """Add to the register."""
    row = ConsentRow(
        id=secrets.token_hex(16),
        client_id=client_row(ledger.transaction, code).id,
        consent=consent.consent.value,
        given=consent.given,
        given_by=consent.given_by,
        at=consent.at,
    )
    ledger.transaction.add(row)
    ledger.enter(Action.CONSENT, "client", row.client_id, {"consent": row.consent, "entry": row.id})


def consents(transaction: Transaction, code: str) -> tuple[Consent, ...]:
    """A client's register, oldest first."""
    client_id = client_row(transaction, code).id
    found = transaction.scalars(select(ConsentRow).where(ConsentRow.client_id == client_id).order_by(ConsentRow.at))
    return tuple(Consent(ConsentTo(row.consent), row.given, row.given_by, row.at) for row in found)


def _client(row: ClientRow) -> Client:
    return Client(row.code, row.colour, row.created_at, row.closed_at)
