"""The `knackpunkt` command."""

from knack_server.cli.commands import main

__all__ = ["main"]
