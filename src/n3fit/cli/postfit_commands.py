"""The commands ``postfit`` and ``merge``."""

from __future__ import annotations

import math
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.cli.tables import align, describe_fit

if TYPE_CHECKING:
    from n3fit.api import PostfitSummary
    from n3fit.results import Postfit


@click.command()
@click.argument("folder", type=PATH)
@click.option(
    "--replicas", "-n", type=click.IntRange(min=1), metavar="N", help="How many to choose.  [default: all that pass]"
)
@click.option(
    "--chi2", type=float, default=4.0, show_default=True, help="Deviations of chi2 above the mean of the replicas."
)
@click.option(
    "--arc-length", type=float, default=4.0, show_default=True, help="Deviations of the arc lengths above the mean."
)
@click.option("--integrability", type=float, default=0.5, show_default=True, help="Largest integrability number.")
@click.option("--skip-damaged", is_flag=True, help="Leave replicas with damaged files out.")
@json_option
@debug_option
@click.pass_obj
def postfit(session: Session, /, folder: Path, as_json: bool, debug: bool, **options: Any) -> None:
    """Choose the replicas of a fit FOLDER that are good enough for its PDF set.

    A replica is out when it is not finite, misses a sum rule, positivity or integrability, or when its chi2 or an
    arc length lies far above those of the others. The choice goes to postfit.json in the folder; evolve and report
    use it.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("choosing replicas")
    from n3fit import api
    from n3fit.results import TooFewReplicasError

    try:
        summary = api.postfit(folder, **options)
    except TooFewReplicasError as error:
        tell_selection(session, error.selection)
        raise
    if session.json:
        emit_json("result", postfit_content(summary))
    else:
        click.echo("\n".join([*describe_selection(summary.selection), *describe_postfit(summary)]))


@click.command()
@click.argument("folders", metavar="FOLDER FOLDER...", type=PATH, nargs=-1, required=True)
@click.option("--output", "-o", type=PATH, required=True, help="Folder for the whole.")
@force_option
@json_option
@debug_option
@click.pass_obj
def merge(
    session: Session, /, folders: tuple[Path, ...], output: Path, force: bool, as_json: bool, debug: bool
) -> None:
    """Put fits of the same runcard together, with different replicas from different machines or days."""
    session.configure(json=as_json, debug=debug)
    session.begin("putting fits together")
    from n3fit import api

    merged = api.merge(folders, output=output, force=force)
    summary = merged.summary()
    if session.json:
        emit_json("result", {"folder": merged.path, "summary": summary})
    else:
        click.echo("\n".join([*describe_fit(summary), f"fit folder: {merged.path}"]))


def postfit_content(summary: PostfitSummary) -> dict[str, Any]:
    """Give what a machine is told of a selection."""
    return {
        "folder": summary.folder,
        "file": summary.file,
        "outdated": list(summary.outdated),
        "selection": summary.selection.model_dump(),
    }


def tell_selection(session: Session, selection: Postfit) -> None:
    """Print who is out and why, of a selection that was not written."""
    if session.json:
        emit_json("selection", selection.model_dump())
    else:
        click.echo("\n".join(describe_selection(selection)))


def describe_selection(selection: Postfit) -> list[str]:
    """Give who is out and why, replica by replica, and how many there are of each."""
    from n3fit.results.layout import format_replicas

    rows = [
        (str(entry.replica), entry.veto, entry.quantity, _number(entry.value), _number(entry.limit))
        for entry in selection.vetoes
    ]
    rows += [(str(entry.replica), "damaged", entry.reason, "", "") for entry in selection.damaged]
    lines = align(("replica", "veto", "quantity", "value", "limit"), rows, "><<>>") if rows else []
    by_veto = [f"{veto} {len(replicas)}" for veto, replicas in selection.vetoed_by().items()]
    lines.append(f"vetoed: {', '.join(by_veto) or 'none'}")
    lines.append(f"replicas: {len(selection.passing)} of {selection.total} pass ({format_replicas(selection.passing)})")
    return lines


def describe_postfit(summary: PostfitSummary) -> list[str]:
    """Give which replicas were chosen, and the PDF sets that are not of them."""
    from n3fit.results.layout import format_replicas

    chosen = summary.selection.chosen
    lines = [f"chosen: {len(chosen)} ({format_replicas(chosen)})", f"selection: {summary.file}"]
    lines += [
        f"made of other replicas: {entry}; `n3fit evolve {quote(str(summary.folder))} --force` makes it again"
        for entry in summary.outdated
    ]
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.4g}"
