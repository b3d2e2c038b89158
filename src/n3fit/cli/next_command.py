"""The command ``next``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.cli.tables import align

if TYPE_CHECKING:
    from n3fit.api import NextRuncard


@click.command("next")
@click.argument("folder", type=PATH)
@click.option("--output", "-o", type=PATH, help="The runcard to write.  [default: FIT_next.yml]")
@click.option("--t0", metavar="SET", help="Name of the PDF set of the fit.  [default: the name of the fit]")
@force_option
@json_option
@debug_option
@click.pass_obj
def next_iteration(
    session: Session, /, folder: Path, output: Path | None, t0: str | None, force: bool, as_json: bool, debug: bool
) -> None:
    """Write the runcard of the next iteration of a fit FOLDER.

    It is the runcard of the fit with the fit's PDF set for t0, preprocessing ranges from the effective exponents of
    the replicas, and new seeds; nothing else changes, comments included.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("writing the runcard")
    from n3fit import api

    card = api.next_runcard(folder, output=output, t0=t0, force=force)
    if session.json:
        emit_json("result", {"next": card})
    else:
        click.echo("\n".join(describe_next(card, folder)))


def describe_next(card: NextRuncard, folder: Path) -> list[str]:
    """Give the ranges before and after, the seeds, and where the t0 set is or how it is made."""
    rows = [
        (entry.flavour, *map(_range, (before.smallx, entry.smallx, before.largex, entry.largex)))
        for before, entry in zip(card.before, card.ranges, strict=True)
    ]
    place = quote(str(folder))
    lines = align(("flavour", "smallx was", "is", "largex was", "is"), rows, "<<<<<")
    lines.append(f"ranges from {card.replicas} replicas; new seeds: {', '.join(card.seeds)}")
    if card.t0_folder is None:
        lines.append(f"t0 set: {card.t0}, which is not there yet: `n3fit evolve {place}` makes it")
    elif card.t0_outdated:
        lines.append(f"t0 set: {card.t0}, made of other replicas: `n3fit evolve {place} --force` makes it again")
    else:
        lines.append(f"t0 set: {card.t0}; fit with --pdf-path {card.t0_folder}")
    lines.append(f"runcard: {card.path}")
    return lines


def _range(limits: tuple[float, float] | None) -> str:
    return "-" if limits is None else f"[{limits[0]:.4g}, {limits[1]:.4g}]"
