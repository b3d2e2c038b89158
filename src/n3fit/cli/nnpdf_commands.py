"""The commands of nnpdf by their names: scripts need only ``n3fit`` in front of them. Help does not list them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from n3fit.cli.fetch_commands import get_pdf, get_theory
from n3fit.cli.options import (
    PATH,
    data_option,
    debug_option,
    force_option,
    json_option,
    net_option,
    pdf_option,
    theory_option,
    without_effect_option,
)
from n3fit.cli.product_commands import evolve, report
from n3fit.cli.runcard_commands import check, next_runcard
from n3fit.defaults import REPLICAS


@click.command("vp-setupfit", hidden=True)
@click.argument("runcard", type=PATH)
@without_effect_option("--output", "-o", type=PATH, help="Without effect: nothing is written before a fit.")
@without_effect_option("--no-eko-download", help="Without effect: nothing is downloaded.")
@net_option
@theory_option
@pdf_option
@data_option
@json_option
@debug_option
@click.pass_context
def setup_fit(context: click.Context, /, **options: Any) -> None:
    """Check a RUNCARD as `n3fit check` does: n3fit has no set-up step, `n3fit fit` reads data and theory itself."""
    context.invoke(check, replicas=REPLICAS, **options)


@click.group("evolven3fit", hidden=True)
@net_option
def evolven3fit() -> None:
    """Evolve fits: `evolven3fit evolve FOLDER` is `n3fit evolve FOLDER`."""


@click.command("vp-get", hidden=True)
@click.argument("resource_type", type=click.Choice(["theoryID", "pdf"]))
@click.argument("resource_name")
@json_option
@debug_option
@click.pass_context
def get_resource(context: click.Context, /, resource_type: str, resource_name: str, **options: Any) -> None:
    """Fetch a theory or a PDF set as `n3fit theory get` and `n3fit pdf get` do."""
    options |= {"output": None, "urls": (), "force": False}
    if resource_type == "theoryID":
        context.invoke(get_theory, theoryid=resource_name, **options)
    else:
        context.invoke(get_pdf, name=resource_name, **options)


_OPERATORS = "Without effect: operators are kept in the cache."


@evolven3fit.command("evolve")
@click.argument("folder", type=PATH)
@without_effect_option("--load", "-l", type=PATH, help=_OPERATORS)
@without_effect_option("--dump", "-d", type=PATH, help=_OPERATORS)
@force_option
@json_option
@debug_option
@click.pass_context
def evolve_fit(context: click.Context, /, **options: Any) -> None:
    """Evolve the replicas of a fit FOLDER as `n3fit evolve` does; postfit may follow or have run before."""
    context.invoke(evolve, **options)


@click.command("vp-nextfitruncard", hidden=True)
@click.argument("folder", metavar="FIT", type=PATH)
@click.argument("output_dir", type=PATH, required=False)
@without_effect_option("--no-interactive", help="Without effect: no input is expected.")
@force_option
@json_option
@debug_option
@click.pass_context
def next_fit_runcard(context: click.Context, /, folder: Path, output_dir: Path | None, **options: Any) -> None:
    """Write the runcard of the next iteration into OUTPUT_DIR, as `n3fit next-runcard FIT` does."""
    output = None if output_dir is None else output_dir / f"{folder.resolve().name}_next.yml"
    context.invoke(next_runcard, folder=folder, output=output, **options)


@click.command("vp-comparefits", hidden=True)
@click.argument("current_fit", type=PATH)
@click.argument("reference_fit", type=PATH)
@click.option("--output", "-o", type=PATH, help="The page (*.html), or a folder for it.")
@without_effect_option("--title", type=str, help="Without effect: the page is named after the fits.")
@without_effect_option("--author", type=str, help="Without effect: the page has no author.")
@without_effect_option("--keywords", type=str, multiple=True, help="Without effect: the page has no keywords.")
@net_option
@pdf_option
@force_option
@json_option
@debug_option
@click.pass_context
def compare_fits(context: click.Context, /, current_fit: Path, reference_fit: Path, **options: Any) -> None:
    """Compare two fits as `n3fit report REFERENCE_FIT CURRENT_FIT` does: PDFs are divided by those of the first."""
    context.invoke(report, folders=(reference_fit, current_fit), **options)
