"""The command ``closure`` and its tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.options import PATH, debug_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.cli.tables import align

if TYPE_CHECKING:
    from n3fit.api.closure_tests import ClosureSummary
    from n3fit.results.closure import ClosureEstimates
    from n3fit.results.closure_statistics import ClosureStatistics


@click.command()
@click.argument("folders", type=PATH, nargs=-1, required=True)
@json_option
@debug_option
@click.pass_obj
def closure(session: Session, /, folders: tuple[Path, ...], as_json: bool, debug: bool) -> None:
    """Judge closure tests: the fit FOLDERS of runcards with closuretest.

    One folder: chi2, bias, variance and phi of that fit. Several, of level 2 and with different seeds: the ratio of
    bias to variance with its bootstrap interval, which tells whether the uncertainties are faithful.
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
    """Give the table of one fit, or that of all fits together."""
    if summary.statistics is None:
        return describe_estimates(summary.fits[0])
    return describe_statistics(summary.statistics)


def describe_estimates(fit: ClosureEstimates) -> list[str]:
    """Give the estimators of one fit by data set, by experiment and in total."""
    header = ("", "points", "chi2", "of truth", "Delta", "phi", "bias", "variance", "sqrt(b/v)", "xi")
    rows = [
        (
            row.name, str(row.points), _number(row.chi2), _number(row.chi2_truth), _number(row.delta_chi2),
            _number(row.phi), _number(row.bias, 4), _number(row.variance, 4), _number(row.ratio, 2),
            _number(row.coverage, 2),
        )
        for row in fit.rows
    ]  # fmt: skip
    seed = "" if fit.filterseed is None else f", filterseed {fit.filterseed}"
    title = f"closure test of level {fit.test_level} from {fit.pdf_set}{seed}; {fit.replicas} replicas; per point"
    return [title, *align(header, rows, "<" + ">" * 9)]


def describe_statistics(statistics: ClosureStatistics) -> list[str]:
    """Give what many fits tell together."""
    header = ("", "points", "chi2", "Delta", "bias", "variance", "R_bv", "95 %", "xi", "95 %", "from R_bv")
    rows = [
        (
            row.name, str(row.points), _number(row.chi2), _number(row.delta_chi2), _number(row.bias, 4),
            _number(row.variance, 4), _number(row.ratio.value, 2), f"{row.ratio.low:.2f} to {row.ratio.high:.2f}",
            _number(row.coverage.value, 2), f"{row.coverage.low:.2f} to {row.coverage.high:.2f}",
            _number(row.expected_coverage, 2),
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


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"
