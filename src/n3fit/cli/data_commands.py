"""The command ``n3fit data cuts``: the data of a runcard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.formatting import align
from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import PATH, data_option, debug_option, json_option, pdf_option, theory_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, print_json

if TYPE_CHECKING:
    from n3fit.api import CutSummary, DatasetCuts, RemovedPoints


@click.group(cls=Subcommands, invoke_without_command=True)
@click.pass_context
def data(context: click.Context, /) -> None:
    """Show, make and check data sets, and the data of a runcard."""
    show_help_without_command(context)


@data.command("cuts")
@click.argument("runcard", type=PATH)
@theory_option
@pdf_option
@data_option
@json_option
@debug_option
@click.pass_obj
def show_cuts(
    session: Session,
    /,
    runcard: Path,
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Show the points that a fit of RUNCARD keeps, and the rules that remove the others.

    Of the theory only the card is needed. With --json the output is a list with one object for each data set.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    if session.json:
        print_json(api.data_cuts(runcard, theory_path=theory_path, pdf_path=pdf_path, data_path=data_path).datasets)
        return
    with open_reporter(session) as reporter:
        summary = api.data_cuts(
            runcard, theory_path=theory_path, pdf_path=pdf_path, data_path=data_path, progress=reporter
        )
    click.echo("\n".join(describe_cut_summary(summary)))


def describe_cut_summary(summary: CutSummary) -> list[str]:
    """Return the points of each data set, and what each rule removes."""
    penalties = (*summary.positivity, *summary.integrability)
    legend = RuleLegend(entry.removed for entry in (*summary.datasets, *penalties))

    def table(title: str, entries: Sequence[DatasetCuts]) -> list[str]:
        rows = [
            (entry.dataset, entry.variant or "", str(entry.points), str(entry.kept), legend.count(entry.removed))
            for entry in entries
        ]
        return align((title, "variant", "in the file", "after cuts", "removed"), rows, "<<>><")

    lines = [*table("data set", summary.datasets), f"points: {summary.points}"]
    if penalties:
        lines += ["", *table("positivity or integrability set", penalties)]
    return [*lines, *legend.lines]


class RuleLegend:
    """Numbers of the rules that remove points, in the order in which they first do.

    Parameters
    ----------
    removed : iterable of sequences of RemovedPoints
        By data set.
    """

    def __init__(self, removed: Iterable[Sequence[RemovedPoints]]) -> None:
        rules = dict.fromkeys(_rule(entry) for entries in removed for entry in entries)
        self._numbers = {rule: number for number, rule in enumerate(rules, start=1)}

    def count(self, removed: Sequence[RemovedPoints]) -> str:
        """Return how many points each rule removes from a data set, such as ``15 by [2]``."""
        return ", ".join(f"{len(entry.points)} by [{self._numbers[_rule(entry)]}]" for entry in removed)

    @property
    def lines(self) -> list[str]:
        """The rules with their numbers, nothing if there are none."""
        if not self._numbers:
            return []
        return ["", "kept are points with", *(f"  [{number}] {rule}" for rule, number in self._numbers.items())]


def _rule(entry: RemovedPoints) -> str:
    """Return a rule with its origin, without the number in its list, so that equal rules have one line."""
    origin = re.sub(r"\[\d+\]$", "", entry.origin)
    return f"{entry.rule} ({'; '.join(text for text in (origin, entry.reason) if text)})"
