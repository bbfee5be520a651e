"""The `knackpunkt` command: its groups, and how every failure of the world becomes one line and exit 2."""

from __future__ import annotations

import sys

import click

import knack_server
from knack_server.app import PortError
from knack_server.cli.bundle import bundle
from knack_server.cli.desk import desk
from knack_server.cli.event import event
from knack_server.cli.export import export
from knack_server.cli.flags import flags
from knack_server.cli.orders import OrderRefused
from knack_server.cli.play import play
from knack_server.cli.serve import serve
from knack_server.cli.vectors import vectors
from knack_server.cli.verify import verify
from knack_server.cli.watch import watch
from knack_server.config import ConfigError
from knack_server.shell.control import ControlError
from knack_server.shell.folder import FolderError
from knack_server.store.errors import StoreError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(knack_server.__version__, prog_name="knackpunkt")
def knackpunkt() -> None:
    """Live highscore competitions in which a score cannot be faked."""


for command in (serve, event, desk, export, bundle, flags, play, watch, vectors, verify):
    knackpunkt.add_command(command)


def main() -> None:
    """Run the command; what the world makes impossible is said in one line, exit 2."""
    try:
        knackpunkt()
    except (ConfigError, ControlError, FolderError, PortError, OrderRefused, StoreError) as error:
        text = str(error)
        click.echo(text if text.startswith("knackpunkt: ") else f"knackpunkt: {text}", err=True)
    sys.exit(2)
