"""`mtsession clients`: the clients of the case record, by code, and who sat where."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import click

from mtsession.cli.keys import open_session, record
from mtsession.config import DataFolder
from mtsession.errors import SettingError
from mtsession.events import Seat
from mtsession.wording import say


@click.group("clients", epilog="Example: mtsession clients add C-014")
def clients_command() -> None:
    """List clients by their codes, add one, or say who sat where. Names are kept apart, in the record."""


@clients_command.command("list", epilog="Example: mtsession clients list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_clients(folder: DataFolder, *, as_json: bool) -> None:
    """List the clients' codes."""
    with record(folder) as opened:
        codes = [client.code for client in opened.clients()]
    if as_json:
        click.echo(json.dumps(codes))
    else:
        click.echo("\n".join(codes) or say("cli.no_clients"))


@clients_command.command("add", epilog="Example: mtsession clients add C-014")
@click.argument("code")
@click.pass_obj
def add_client(folder: DataFolder, code: str) -> None:
    """Add a client by CODE. Use a code that says nothing about the person."""
    with record(folder) as opened:
        opened.add_client(code)
    click.echo(say("cli.client_added", code=code))


@clients_command.command("attach", epilog="Example: mtsession clients attach last client=C-014")
@click.argument("session")
@click.argument("seats", nargs=-1, required=True, metavar="SEAT=CODE…")
@click.pass_obj
def attach_clients(folder: DataFolder, session: str, seats: tuple[str, ...]) -> None:
    """Say who sat where in SESSION: SEAT=CODE, as often as there are clients."""
    wanted = dict(seat_and_code(text) for text in seats)
    with record(folder) as opened:
        kept = open_session(folder, session, opened.opener).read()
        check_seats(wanted, {player.seat for player in kept.players})
        opened.attach(kept.id, wanted)
    click.echo(say("cli.attached", id=kept.id))


def check_seats(wanted: Iterable[Seat], known: Collection[Seat]) -> None:
    """Raises SettingError for a seat on which nobody sat."""
    for seat in wanted:
        if seat not in known:
            raise SettingError(say("cli.no_such_seat", seat=seat), say("cli.seats_are", seats=", ".join(sorted(known))))


def seat_and_code(text: str) -> tuple[Seat, str]:
    """Split "client=C-014" into seat and code; raises SettingError without both halves."""
    seat, _, code = text.partition("=")
    if not seat or not code:
        raise SettingError(say("cli.seat_code_form", text=text), say("cli.seat_code_form_next"))
    return Seat(seat), code
