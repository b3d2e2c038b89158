"""The commands ``postfit`` and ``merge``: the replicas of a fit."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.completion import complete_folders
from n3fit.cli.formatting import align, format_number
from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.cli.tables import describe_fit
from n3fit.defaults import ARC_LENGTH_DEVIATIONS, CHI2_DEVIATIONS, INTEGRABILITY_LIMIT

if TYPE_CHECKING:
    from n3fit.api import Postfit, PostfitSummary


@click.command()
@click.argument("places", metavar="[N] FOLDER", nargs=-1, required=True, shell_complete=complete_folders)
@click.option(
    "--count",
    "-n",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of replicas to choose.  [default: all that pass]",
)
@click.option("--at-least-nrep", "at_least", is_flag=True, help="Choose all that pass, and require N of them.")
@click.option(
    "--chi2",
    "--chi2-threshold",
    type=float,
    default=CHI2_DEVIATIONS,
    show_default=True,
    help="Largest deviation of chi2 above the mean of the replicas, in standard deviations.",
)
@click.option(
    "--arc-length",
    "--arclength-threshold",
    type=float,
    default=ARC_LENGTH_DEVIATIONS,
    show_default=True,
    help="Largest deviation of the arc lengths above the mean, in standard deviations.",
)
@click.option(
    "--integrability",
    "--integrability-threshold",
    type=float,
    default=INTEGRABILITY_LIMIT,
    show_default=True,
    help="Largest integrability number.",
)
@click.option("--skip-damaged", is_flag=True, help="Ignore replicas with damaged files.")
@json_option
@debug_option
@click.pass_obj
def postfit(
    session: Session,
    /,
    places: tuple[str, ...],
    count: int | None,
    as_json: bool,
    debug: bool,
    **options: Any,
) -> None:
    """Choose the replicas of a fit FOLDER that are good enough for its PDF set.

    A replica is vetoed if it is not finite, misses a sum rule, positivity or integrability, or if its chi2 or an arc
    length lies far above those of the others. The choice is written to postfit.json in the folder; evolve and report
    use it. If the replicas are evolved already, their PDF set is put together. N in front of the folder is --count N.
    """
    session.configure(json=as_json, debug=debug)
    folder, count = _folder_and_count(places, count)
    session.begin("choosing replicas")
    from n3fit import api

    try:
        summary = api.postfit(folder, count=count, **options)
    except api.TooFewReplicasError as error:
        print_selection(session, error.selection)
        raise
    if session.json:
        emit_json("result", postfit_content(summary))
    else:
        click.echo("\n".join([*describe_selection(summary.selection), *describe_postfit(summary)]))


@click.command()
@click.argument(
    "folders", metavar="FOLDER FOLDER...", type=PATH, nargs=-1, required=True, shell_complete=complete_folders
)
@click.option("--output", "-o", type=PATH, required=True, help="Folder of the merged fit.")
@force_option
@json_option
@debug_option
@click.pass_obj
def merge(
    session: Session, /, folders: tuple[Path, ...], output: Path, force: bool, as_json: bool, debug: bool
) -> None:
    """Merge fits of the same runcard with different replicas, from different machines or days."""
    session.configure(json=as_json, debug=debug)
    session.begin("merging fits")
    from n3fit import api

    merged = api.merge(folders, output=output, force=force)
    summary = merged.summary()
    if session.json:
        emit_json("result", {"folder": merged.path, "summary": summary})
    else:
        click.echo("\n".join([*describe_fit(summary), f"fit folder: {merged.path}"]))


def _folder_and_count(places: tuple[str, ...], count: int | None) -> tuple[Path, int | None]:
    """Return folder and number of replicas of ``FOLDER`` or ``N FOLDER``.

    Raises
    ------
    click.UsageError
    """
    if len(places) == 1:
        return Path(places[0]), count
    if len(places) > 2 or not places[0].isdecimal() or int(places[0]) < 1 or count is not None:
        raise click.UsageError(f"expected FOLDER, or N FOLDER without --count, received {' '.join(places)}")
    return Path(places[1]), int(places[0])


def postfit_content(summary: PostfitSummary) -> dict[str, Any]:
    """Return the content of the JSON result of a selection."""
    return {
        "folder": summary.folder,
        "file": summary.file,
        "outdated": list(summary.outdated),
        "pdf_set": summary.pdf_set,
        "selection": summary.selection.model_dump(),
    }


def print_selection(session: Session, selection: Postfit) -> None:
    """Print the vetoes of a selection that was not written."""
    if session.json:
        emit_json("selection", selection.model_dump())
    else:
        click.echo("\n".join(describe_selection(selection)))


def describe_selection(selection: Postfit) -> list[str]:
    """Return the vetoed replicas with the reason, one by one, and the number of each veto."""
    from n3fit.api import format_replicas

    rows = [
        (
            str(entry.replica), entry.veto, entry.quantity, format_number(entry.value, ".4g"),
            format_number(entry.limit, ".4g"),
        )
        for entry in selection.vetoes
    ]  # fmt: skip
    rows += [(str(entry.replica), "damaged", entry.reason, "", "") for entry in selection.damaged]
    lines = align(("replica", "veto", "quantity", "value", "limit"), rows, "><<>>") if rows else []
    by_veto = [f"{veto} {len(replicas)}" for veto, replicas in selection.vetoed_by().items()]
    lines.append(f"vetoed: {', '.join(by_veto) or 'none'}")
    lines.append(f"replicas: {len(selection.passing)} of {selection.total} pass ({format_replicas(selection.passing)})")
    return lines


def describe_postfit(summary: PostfitSummary) -> list[str]:
    """Return the chosen replicas, and the PDF sets that were made of others."""
    from n3fit.api import format_replicas

    chosen = summary.selection.chosen
    lines = [f"chosen: {len(chosen)} ({format_replicas(chosen)})", f"selection: {summary.file}"]
    if summary.pdf_set is not None:
        lines.append(f"PDF set of the chosen replicas: {summary.pdf_set}")
    lines += [
        f"made of other replicas: {entry}; make it again with `n3fit evolve {quote(str(summary.folder))} --force`"
        for entry in summary.outdated
    ]
    return lines
