"""The commands ``evolve``, ``report`` and ``closure``: what is made of fit folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.completion import complete_folders
from n3fit.cli.formatting import align, format_number
from n3fit.cli.options import PATH, debug_option, force_option, json_option, pdf_option, theory_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import Q_MAX

if TYPE_CHECKING:
    from n3fit.api import ClosureEstimates, ClosureStatistics, ClosureSummary


@click.command()
@click.argument("folder", type=PATH, shell_complete=complete_folders)
@click.option("--name", metavar="SET", help="Name of the PDF set.  [default: the name of the fit]")
@click.option("--output", "-o", type=PATH, help="Folder of PDF sets for it.  [default: postfit, inside the fit folder]")
@click.option(
    "--theory", metavar="CARD", help="Evolve with another theory: number, name or file.  [default: that of the fit]"
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Replace a key of the card; repeatable.")
@theory_option
@click.option(
    "--members",
    type=click.Choice(["chosen", "passing", "finite", "central"]),
    default="chosen",
    show_default=True,
    help="Those that postfit chose (else that pass), all that pass, all that are finite, or only the mean.",
)
@click.option("--q-max", type=float, default=Q_MAX, show_default=True, help="Largest scale in GeV.")
@force_option
@json_option
@debug_option
@click.pass_obj
def evolve(session: Session, /, folder: Path, as_json: bool, debug: bool, **options: Any) -> None:
    """Evolve a fit FOLDER and write its LHAPDF set.

    Member 0 is the mean of the replicas. The first set of a theory takes a few minutes, later ones seconds.

    With --theory or --set the same PDFs at the initial scale are evolved with another coupling, order, number of
    flavours (MaxNfPdf) or other masses; the name of the set says what differs: FIT_as_01190, FIT_nf_4.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        written = api.evolve(folder, progress=reporter, **options)
    if session.json:
        emit_json("result", {"folder": written})
    else:
        click.echo(f"PDF set: {written}")


@click.command()
@click.argument("folders", metavar="FOLDER...", type=PATH, nargs=-1, required=True, shell_complete=complete_folders)
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

    The figures are written as PDF, with their numbers as CSV, into a folder beside the page.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        page = api.report(folders, progress=reporter, **options)
    if session.json:
        emit_json("result", {"report": page})
    else:
        click.echo(f"report: {page}")


@click.command()
@click.argument("folders", metavar="FOLDER...", type=PATH, nargs=-1, required=True, shell_complete=complete_folders)
@json_option
@debug_option
@click.pass_obj
def closure(session: Session, /, folders: tuple[Path, ...], as_json: bool, debug: bool) -> None:
    """Compute the estimators of closure tests: fit FOLDERs of runcards with closuretest.

    One folder: chi2, bias, variance and phi of that fit. Several, of level 2 and with different seeds: the ratio of
    bias to variance with its bootstrap interval, which is 1 for faithful uncertainties.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("reading the fits")
    from n3fit import api

    summary = api.closure(folders)
    if session.json:
        emit_json("result", {"closure": summary})
    else:
        click.echo("\n".join(describe_closure(summary)))


def describe_closure(summary: ClosureSummary) -> list[str]:
    """Return the table of one fit, or that of all fits together."""
    if summary.statistics is None:
        return describe_estimates(summary.fits[0])
    return describe_statistics(summary.statistics)


def describe_estimates(fit: ClosureEstimates) -> list[str]:
    """Return the estimators of one fit by data set, by experiment and in total."""
    header = ("", "points", "chi2", "of truth", "Delta", "phi", "bias", "variance", "sqrt(b/v)", "xi")
    rows = [
        (
            row.name, str(row.points), format_number(row.chi2), format_number(row.chi2_truth),
            format_number(row.delta_chi2), format_number(row.phi), format_number(row.bias, ".4f"),
            format_number(row.variance, ".4f"), format_number(row.ratio, ".2f"), format_number(row.coverage, ".2f"),
        )
        for row in fit.rows
    ]  # fmt: skip
    seed = "" if fit.filterseed is None else f", filterseed {fit.filterseed}"
    title = f"closure test of level {fit.test_level} from {fit.pdf_set}{seed}; {fit.replicas} replicas; per point"
    return [title, *align(header, rows, "<" + ">" * 9)]


def describe_statistics(statistics: ClosureStatistics) -> list[str]:
    """Return the estimators of many fits together."""
    header = ("", "points", "chi2", "Delta", "bias", "variance", "R_bv", "95 %", "xi", "95 %", "from R_bv")
    rows = [
        (
            row.name, str(row.points), format_number(row.chi2), format_number(row.delta_chi2),
            format_number(row.bias, ".4f"), format_number(row.variance, ".4f"),
            format_number(row.ratio.value, ".2f"), f"{row.ratio.low:.2f} to {row.ratio.high:.2f}",
            format_number(row.coverage.value, ".2f"), f"{row.coverage.low:.2f} to {row.coverage.high:.2f}",
            format_number(row.expected_coverage, ".2f"),
        )
        for row in statistics.rows
    ]  # fmt: skip
    total = statistics.total.ratio
    verdict = "contains 1" if total.contains(1.0) else "does not contain 1"
    return [
        f"closure tests of level 2: {statistics.fits} fits; per point, means over the fits",
        *align(header, rows, "<" + ">" * 10),
        f"R_bv = {total.value:.3f} +- {total.deviation:.3f}; the 95 % interval {verdict}",
    ]
