"""`knackpunkt desk`: who may moderate."""

from __future__ import annotations

import click

from knack_server.cli.orders import order


@click.group()
def desk() -> None:
    """Give out and revoke the personal tokens of moderators."""


@desk.command("add")
@click.argument("name")
def add(name: str) -> None:
    """Print a personal desk token for NAME; it is kept as a hash and cannot be shown again."""
    click.echo(order("desk-add", name=name)["token"])


@desk.command("list")
def list_names() -> None:
    """List who has a token."""
    for name in order("desk-list")["names"]:
        click.echo(name)


@desk.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Make NAME's token worthless and close the desks opened with it."""
    order("desk-revoke", name=name)
    click.echo(f"{name} can no longer use the desk.")
