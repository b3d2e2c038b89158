"""The commands ``check`` and ``next-runcard``: runcards before and after a fit."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from n3fit.cli.colours import colour_difference, has_colours
from n3fit.cli.completion import complete_folders, complete_pdf_sets
from n3fit.cli.data_commands import RuleLegend
from n3fit.cli.formatting import align, format_number, format_range
from n3fit.cli.options import (
    PATH,
    data_option,
    debug_option,
    force_option,
    json_option,
    pdf_option,
    replicas_option,
    theory_option,
)
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.durations import format_seconds

if TYPE_CHECKING:
    from n3fit.api import CheckSummary, NextRuncard, OtherCardSummary, TrialCheck


@click.command()
@click.argument("runcard", type=PATH)
@replicas_option
@theory_option
@pdf_option
@data_option
@json_option
@debug_option
@click.pass_obj
def check(
    session: Session,
    /,
    runcard: Path,
    replicas: Sequence[int],
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Check a RUNCARD, its data and theory without fitting.

    Prints the number of points of each data set, and an estimate of the memory and time of the fit.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        summary = api.check(
            runcard,
            replicas=replicas,
            theory_path=theory_path,
            pdf_path=pdf_path,
            data_path=data_path,
            progress=reporter,
        )
    if session.json:
        emit_json("result", {"summary": summary})
    elif isinstance(summary, api.OtherCardSummary):
        click.echo("\n".join(describe_other_card(summary)))
    else:
        click.echo("\n".join(describe_check(summary)))


@click.command("next-runcard")
@click.argument("folder", type=PATH, shell_complete=complete_folders)
@click.option("--output", "-o", type=PATH, help="The runcard to write.  [default: FIT_next.yml]")
@click.option(
    "--t0",
    metavar="SET",
    shell_complete=complete_pdf_sets,
    help="Name of the PDF set of the fit.  [default: the name of the fit]",
)
@force_option
@json_option
@debug_option
@click.pass_obj
def next_runcard(
    session: Session, /, folder: Path, output: Path | None, t0: str | None, force: bool, as_json: bool, debug: bool
) -> None:
    """Write the runcard of the next iteration of a fit FOLDER.

    It is the runcard of the fit with the fit's PDF set for t0, preprocessing ranges from the effective exponents of
    the replicas, and new seeds; nothing else changes, comments included. The changes are printed. `n3fit next` does
    the same.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("writing the runcard")
    from n3fit import api

    card = api.next_runcard(folder, output=output, t0=t0, force=force)
    if session.json:
        emit_json("result", {"next": card})
    else:
        colours = has_colours()
        lines = [*colour_difference(card.changes, colours=colours), *describe_next(card, folder)]
        click.echo("\n".join(lines), color=colours)


@click.command()
@click.option("--output", "-o", type=PATH, help="File to write.  [default: print the schema]")
@force_option
@json_option
@debug_option
@click.pass_obj
def schema(session: Session, /, output: Path | None, force: bool, as_json: bool, debug: bool) -> None:
    """Write the JSON schema of runcards, for editors.

    With it they complete keys, show their meaning and mark errors.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    text = api.schema(output=output, force=force)
    if session.json:
        emit_json("result", {"schema": json.loads(text), "output": output})
    else:
        click.echo(text.rstrip("\n") if output is None else f"schema: {output}")


def describe_check(summary: CheckSummary) -> list[str]:
    """Return the data sets with their points, the penalties, and the estimate of memory and time."""
    legend = RuleLegend(row.removed for row in summary.datasets)
    rows = [
        (
            *(row.name, row.variant or "", str(row.points_file), str(row.points_kept), str(row.tables)),
            legend.count(row.removed),
        )
        for row in summary.datasets
    ]
    return [
        *align(("data set", "variant", "in the file", "after cuts", "tables", "removed"), rows, "<<>>><"),
        f"points: {summary.points}",
        f"positivity sets: {', '.join(summary.positivity) or 'none'}",
        f"integrability sets: {', '.join(summary.integrability) or 'none'}",
        f"free parameters of a replica: {summary.parameters}",
        f"estimate: {summary.memory_mb:.0f} MB of memory, {summary.seconds_per_epoch:.3g} s per epoch,"
        f" {format_seconds(60 * summary.minutes)} in all",
        *describe_trials(summary.trials),
        *legend.lines,
    ]


def describe_trials(trials: Sequence[TrialCheck]) -> list[str]:
    """Return the trials of a scan that the replicas use, and their networks; nothing without ``trial_specs``."""
    if not trials:
        return []
    rows = [
        (
            *(str(entry.trial), format_number(entry.loss), " ".join(map(str, entry.replicas)) or "none"),
            "-".join(map(str, entry.hyperparameters["nodes_per_layer"])),
            *(str(entry.hyperparameters[key]) for key in ("activation", "optimizer", "epochs")),
        )
        for entry in trials
    ]
    return align(("trial", "loss", "replicas", "nodes", "activation", "optimizer", "epochs"), rows, "<><<<<>")


def describe_other_card(summary: OtherCardSummary) -> list[str]:
    """Return the actions and PDF sets of a card for validphys."""
    return [
        f"not a card of a fit: its actions are of validphys ({', '.join(summary.actions) or 'none'})",
        f"PDF sets that are here: {', '.join(summary.pdf_sets) or 'none'}",
    ]


def describe_next(card: NextRuncard, folder: Path) -> list[str]:
    """Return the ranges before and after, the seeds, and the location of the t0 set or the command that makes it."""
    rows = [
        (entry.flavour, *map(format_range, (before.smallx, entry.smallx, before.largex, entry.largex)))
        for before, entry in zip(card.before, card.ranges, strict=True)
    ]
    place = quote(str(folder))
    lines = align(("flavour", "smallx was", "is", "largex was", "is"), rows, "<<<<<")
    lines.append(f"ranges from {card.replicas} replicas; new seeds: {', '.join(card.seeds)}")
    if card.t0_folder is None:
        lines.append(f"t0 set: {card.t0}, which does not exist yet: make it with `n3fit evolve {place}`")
    elif card.t0_outdated:
        lines.append(f"t0 set: {card.t0}, of other replicas: make it again with `n3fit evolve {place} --force`")
    else:
        fitted = sorted(card.fitted)
        consecutive = bool(fitted) and fitted[-1] - fitted[0] + 1 == len(fitted)
        replicas = ["-r", f"{fitted[0]}-{fitted[-1]}"] if consecutive else []
        command = shlex.join(["n3fit", "fit", str(card.path), *replicas, "--pdf-path", str(card.t0_folder)])
        lines.append(f"t0 set: {card.t0}; fit with `{command}`")
    lines.append(f"runcard: {card.path}")
    return lines
