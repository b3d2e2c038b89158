"""The command ``chi2``: PDF sets and fits compared with the data of a runcard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.completion import complete_pdf_sets, complete_sets_or_files
from n3fit.cli.formatting import align, format_number
from n3fit.cli.options import PATH, data_option, debug_option, force_option, json_option, pdf_option, theory_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json

if TYPE_CHECKING:
    from n3fit.api import Chi2Summary, SetChi2


@click.command()
@click.argument("runcard", type=PATH)
@click.option(
    "--pdf",
    metavar="SET",
    multiple=True,
    required=True,
    shell_complete=complete_sets_or_files,
    help="PDF set, or folder of a set or a fit; may be repeated.",
)
@click.option(
    "--t0",
    metavar="SET",
    shell_complete=complete_pdf_sets,
    help="PDF set of the t0 covariance.  [default: that of the runcard]",
)
@click.option("--output", "-o", type=PATH, help="Folder for a page with figures, and tables as CSV.")
@theory_option
@pdf_option
@data_option
@force_option
@json_option
@debug_option
@click.pass_obj
def chi2(session: Session, /, runcard: Path, pdf: tuple[str, ...], as_json: bool, debug: bool, **options: Any) -> None:
    """Compute the chi2 of PDF sets to the data of a RUNCARD, with its cuts, theory and covariances.

    The runcard needs dataset_inputs, theory and datacuts only; that of a fit is found in the folder of the fit.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        summary = api.chi2(runcard, pdf, progress=reporter, **options)
    if session.json:
        emit_json("result", {"chi2": chi2_content(summary)})
    else:
        click.echo("\n".join(describe_chi2(summary)))


def chi2_content(summary: Chi2Summary) -> Mapping[str, Any]:
    """Return the summary as the object of the JSON output, without the predictions."""
    names = ("runcard", "theory", "t0_set", "t0_given", "points", "sets", "page")
    return {name: getattr(summary, name) for name in names}


def describe_chi2(summary: Chi2Summary) -> list[str]:
    """Return the table of chi2 per point of the central members, and the totals of members and means."""
    rows = summary.sets[0].rows
    covariances = list(dict.fromkeys(row.covariance for row in rows))
    groups = dict.fromkeys((row.level, row.name, row.points) for row in rows)
    cells = [
        (
            f"  {name}" if level == "dataset" else name,
            str(points),
            *(
                format_number(entry.row(name, covariance, level).central / points)
                for entry in summary.sets
                for covariance in covariances
            ),
        )
        for level, name, points in groups
    ]
    labels = (label for entry in summary.sets for label in (entry.label, *[""] * (len(covariances) - 1)))
    header = ("", "points", *(name for _ in summary.sets for name in covariances))
    lines = align(("", "", *labels), [header, *cells], "<" + ">" * (len(header) - 1))
    lines.insert(len(lines) - 1, "-" * max(map(len, lines)))
    lines += [line for entry in summary.sets for line in _describe_members(entry, covariances)]
    origin = "" if summary.t0_given else " (comes with n3fit: the runcard has no datacuts.t0pdfset)"
    lines.append(f"chi2 per point of the central members; theory {summary.theory}, t0 set {summary.t0_set}{origin}")
    if summary.page is not None:
        lines.append(f"page: {summary.page}")
    return lines


def _describe_members(entry: SetChi2, covariances: list[str]) -> list[str]:
    """Return the total chi2 per point of the mean prediction and of the replicas."""
    if entry.kind != "replicas":
        return []
    lines = []
    for name in covariances:
        row = entry.row("total", name, "total")
        members = [value / row.points for value in row.members]
        mean = sum(members) / len(members)
        spread = (sum((value - mean) ** 2 for value in members) / max(len(members) - 1, 1)) ** 0.5
        lines.append(
            f"{entry.label}, {name}: {format_number(row.mean / row.points)} of the mean prediction, "
            f"{format_number(mean)} +- {format_number(spread)} of the {len(members)} members"
        )
    return lines
