"""What `play` and `watch` have in common: running a client, and saying in one line what went wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from knack_client.address import Address
from knack_client.errors import KnackClientError, ServerFault

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Failed(click.ClickException):
    """A client that could not go on."""

    exit_code = 2


class BrokenWord(click.ClickException):
    """A server that did not keep to the protocol or the rules: not a failure of the client but its finding."""

    exit_code = 1


def run(client: Coroutine[Any, Any, None]) -> None:
    """Run a client to its end; failures become one line, Ctrl-C a quiet end."""
    try:
        asyncio.run(client)
    except ServerFault as fault:
        raise BrokenWord(str(fault)) from fault
    except KnackClientError as error:
        raise Failed(str(error)) from error
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def check_url(_context: click.Context, _option: click.Parameter, url: str) -> str:
    """Refuse what is no server's address before anything is tried."""
    try:
        Address.parse(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return url


url_option = click.option(
    "--url",
    default="ws://127.0.0.1:8000",
    show_default=True,
    callback=check_url,
    help="Address of the server, ws: or http:.",
)
event_option = click.option(
    "--event", default="", metavar="ID", help="Which event; the current one if not given."
)
course_option = click.option(
    "--course", default="sprint", show_default=True, help="A course of the event, such as sprint or climb."
)
