"""The commands: each reads its words, calls a function of :mod:`n3fit.api` and prints what it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from n3fit import __version__
from n3fit.cli import tables
from n3fit.cli.closure_command import closure
from n3fit.cli.fit_commands import fit, fit_replicas
from n3fit.cli.groups import Commands, show_help_without_command
from n3fit.cli.next_command import next_iteration
from n3fit.cli.options import (
    PATH,
    debug_option,
    force_option,
    json_option,
    pdf_option,
    replicas_option,
    theory_option,
)
from n3fit.cli.pdf_commands import pdf
from n3fit.cli.postfit_commands import merge, postfit
from n3fit.cli.reporters import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.cli.theory_commands import theory


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="n3fit")
@click.pass_context
def cli(context: click.Context, /) -> None:
    """Fit ensembles of neural-network parton distribution functions, all replicas at once."""
    show_help_without_command(context)


cli.add_command(fit)
cli.add_command(fit_replicas)
cli.add_command(postfit)
cli.add_command(merge)


@cli.command()
@click.argument("folder", type=PATH)
@click.option("--name", metavar="SET", help="Name of the PDF set.  [default: the name of the fit]")
@click.option(
    "--output", "-o", type=PATH, help="Folder of PDF sets to put it in.  [default: postfit, inside the fit folder]"
)
@click.option(
    "--members",
    type=click.Choice(["passing", "finite", "central"]),
    default="passing",
    show_default=True,
    help="Those that postfit chose (else that pass positivity), all that are finite, or only the mean.",
)
@click.option("--q-max", type=float, default=1e5, show_default=True, help="Largest scale in GeV.")
@force_option
@json_option
@debug_option
@click.pass_obj
def evolve(session: Session, /, folder: Path, as_json: bool, debug: bool, **options: Any) -> None:
    """Evolve a fit FOLDER and write its LHAPDF set.

    Member 0 is the mean of the replicas. The first set of a theory takes a few minutes, later ones seconds.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        written = api.evolve(folder, progress=reporter, **options)
    if session.json:
        emit_json("result", {"folder": written})
    else:
        click.echo(f"PDF set: {written}")


@cli.command()
@click.argument("folders", metavar="FOLDER...", type=PATH, nargs=-1, required=True)
@click.option("--reference", metavar="SET", help="PDF set or fit folder to divide PDFs by.  [default: the first fit]")
@click.option(
    "--output", "-o", type=PATH, help="The page (*.html), or a folder for it.  [default: inside the fit folder]"
)
@pdf_option
@force_option
@json_option
@debug_option
@click.pass_obj
def report(session: Session, /, folders: tuple[Path, ...], as_json: bool, debug: bool, **options: Any) -> None:
    """Write the HTML report of a fit FOLDER, or compare several.

    The figures go as PDF, with their numbers as CSV, into a folder beside the page.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        page = api.report(folders, progress=reporter, **options)
    if session.json:
        emit_json("result", {"report": page})
    else:
        click.echo(f"report: {page}")


@cli.command()
@click.argument("runcard", type=PATH)
@replicas_option
@theory_option
@pdf_option
@json_option
@debug_option
@click.pass_obj
def check(
    session: Session,
    /,
    runcard: Path,
    replicas: range,
    theory_path: Path | None,
    pdf_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Check a RUNCARD, its data and theory without fitting.

    Tells the points of each data set, and how much memory and time the fit will need.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        summary = api.check(runcard, replicas=replicas, theory_path=theory_path, pdf_path=pdf_path, progress=reporter)
    if session.json:
        emit_json("result", {"summary": summary})
    else:
        click.echo("\n".join(tables.describe_check(summary)))


cli.add_command(next_iteration)
cli.add_command(closure)
cli.add_command(pdf)
cli.add_command(theory)
