"""The command `crowd`: its commands in one table."""

from typing import Final

import click

from knack_loadtest.crowd.commands.compare import compare_runs
from knack_loadtest.crowd.commands.doctor import doctor
from knack_loadtest.crowd.commands.find_limit import find_limit
from knack_loadtest.crowd.commands.hostile import hostile
from knack_loadtest.crowd.commands.plan import plan
from knack_loadtest.crowd.commands.replay import replay
from knack_loadtest.crowd.commands.report import report
from knack_loadtest.crowd.commands.run import run
from knack_loadtest.crowd.commands.verify import verify
from knack_loadtest.crowd.commands.words import explain, list_words

COMMANDS: Final = (
    run,
    replay,
    verify,
    report,
    compare_runs,
    plan,
    doctor,
    find_limit,
    hostile,
    list_words,
    explain,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def crowd() -> None:
    """Play a whole festival against a Knackpunkt server, and prove that what everybody saw was true."""


for command in COMMANDS:
    crowd.add_command(command)


def main() -> None:
    """Run the command."""
    crowd(prog_name="crowd")
