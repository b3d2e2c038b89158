"""The command ``campaign``: many fits with one table and one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.formatting import align, format_number
from n3fit.cli.options import PATH, data_option, debug_option, json_option, pdf_option, theory_option
from n3fit.cli.product_commands import describe_statistics
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.durations import format_seconds

if TYPE_CHECKING:
    from n3fit.api import CampaignResult


@click.command()
@click.argument("file", type=PATH)
@click.option("--output", "-o", type=PATH, help="Folder of the campaign.  [default: the name of the file]")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Run N fits at a time, in processes.")
@click.option("--cluster", metavar="FILE", help="Run the fits on a cluster: description or tcp://HOST:PORT.")
@theory_option
@pdf_option
@data_option
@json_option
@debug_option
@click.pass_obj
def campaign(
    session: Session,
    /,
    file: Path,
    output: Path | None,
    workers: int | None,
    cluster: str | None,
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Run all fits of a campaign FILE: closure tests, scans of alpha_s, lists of runcards.

    Runs that are done are not done again: after an interruption, or with more runs in the file, the same command goes
    on. A run that fails does not stop the others. At the end there is one table and one page of all.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        result = api.campaign(
            file,
            output=output,
            workers=workers,
            cluster=cluster,
            theory_path=theory_path,
            pdf_path=pdf_path,
            data_path=data_path,
            progress=reporter,
        )
    if session.json:
        emit_json("result" if result.error is None else "partial", {"campaign": campaign_content(result)})
    else:
        click.echo("\n".join(describe_campaign(result)))
    if result.error is not None:
        raise result.error


def campaign_content(result: CampaignResult) -> dict[str, object]:
    """Return the result for JSON."""
    from n3fit.api import describe_alphas

    analysis = result.analysis
    return {
        "folder": result.folder,
        "report": result.page,
        "table": result.table,
        "analysis": result.kind,
        "runs": list(result.rows),
        "closure": analysis.closure,
        "alphas": None if analysis.alphas is None else describe_alphas(analysis.alphas),
        "problem": None if analysis.problem is None else str(analysis.problem),
    }


def describe_campaign(result: CampaignResult) -> list[str]:
    """Return the table of the runs, and what follows from all of them."""
    header = ("run", "status", "theory", "alpha_s", "replicas", "chosen", "chi2", "exp", "of replicas", "time")
    rows = [
        (
            row.name, row.status, row.theory, format_number(row.alphas, ".4f"), _count(row.replicas),
            _count(row.chosen), format_number(row.chi2), format_number(row.chi2_experimental),
            f"{format_number(row.chi2_replicas)} +- {format_number(row.chi2_deviation)}",
            "-" if row.seconds is None else format_seconds(row.seconds),
        )
        for row in result.rows
    ]  # fmt: skip
    lines = align(header, rows, "<<<" + ">" * 7)
    if result.analysis.closure is not None:
        lines += ["", *describe_statistics(result.analysis.closure)]
    if result.analysis.alphas is not None:
        lines += ["", *describe_alphas_scan(result)]
    return [*lines, f"table: {result.table}", f"report: {result.page}"]


def describe_alphas_scan(result: CampaignResult) -> list[str]:
    """Return alpha_s, its uncertainty, and which curves it comes from."""
    scan = result.analysis.alphas
    if scan is None:
        return []
    found = scan.determination
    accepted, everything = int(found.accepted.sum()), len(found.replicas)
    left_out = ", ".join(f"{count} {reason}" for reason, count in found.left_out.items())
    rows = [
        (format_number(alphas, ".4f"), str(curves), format_number(mean, ".1f"), format_number(central, ".1f"))
        for alphas, curves, mean, central in zip(*scan.columns(), strict=True)
    ]
    lines = align(("alpha_s", "replicas", "mean chi2", "of the mean"), rows, ">>>>")
    lines.append(
        f"alpha_s(MZ) = {found.value:.5f} +- {found.uncertainty:.5f} from {accepted} of {everything} replicas"
        + (f" (left out: {left_out})" if left_out else "")
    )
    lines.append(
        f"errors of these two: {found.value_error:.5f}, {found.uncertainty_error:.5f}; "
        f"median {found.median:.5f}, 68 %: {found.low:.5f} to {found.high:.5f}"
    )
    if found.outside:
        lines.append(f"{found.outside} minima lie outside of the scan: add values of alpha_s there")
    return lines


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)
