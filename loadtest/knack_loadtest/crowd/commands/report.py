"""`crowd report`: make the reports of a run anew from its `result.json`."""

from pathlib import Path

import click

from knack_loadtest.crowd.reports import formats, reading
from knack_loadtest.crowd.verdict import USAGE


@click.command()
@click.argument("run", metavar="RUNDIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where they go; into RUNDIR when not given.",
)
@click.pass_context
def report(context: click.Context, run: Path, out: Path | None) -> None:
    """Make report.html, report.md, junit.xml, summary.csv and timeline.csv of RUNDIR anew.

    They are made from its result.json alone, over what stood there. `crowd run` makes them at its end by itself.
    """
    try:
        result = reading.read(run)
        folder = out or (run if run.is_dir() else run.parent)
        folder.mkdir(parents=True, exist_ok=True)
        made = formats.write(result, folder)
    except reading.NoResult as wrong:
        click.echo(f"crowd: {wrong}", err=True)
        context.exit(USAGE)
    except OSError as error:
        click.echo(f"crowd: nothing can be written to {error.filename}: {error.strerror}", err=True)
        context.exit(USAGE)
    for path in made:
        click.echo(f"{path}")
