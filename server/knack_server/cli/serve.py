"""`knackpunkt serve`: run the server."""

from __future__ import annotations

import asyncio

import click
import uvloop

from knack_server import app
from knack_server.config import load_settings, render_settings


class _WithSettings(click.Command):
    """A command whose help lists the settings as they are, not rewrapped."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Append the table of settings."""
        del ctx
        formatter.write(f"\nSettings, from the environment:\n\n{render_settings()}\n")


@click.command(cls=_WithSettings)
def serve() -> None:
    """Run the server until Ctrl-C; the next start goes on where it was."""
    settings = load_settings()
    with app.bind(settings) as bound, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(app.serve(settings, bound, click.echo))
