"""The commands ``hessian`` and ``compress``: sets with fewer members than the replicas that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.formatting import align
from n3fit.cli.options import PATH, debug_option, force_option, json_option, pdf_option, shared_options
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import COMPRESSED_REPLICAS, COMPRESSION_SEED, HESSIAN_DIRECTIONS, RANDOM_CHOICES

if TYPE_CHECKING:
    from n3fit.api import CompressedSet, DeviationRow, ErrorFunctionRow, HessianSet

set_options = shared_options(
    click.option("--name", metavar="SET", help="Name of the PDF set.  [default: that of FIT, kind and N]"),
    click.option("--output", "-o", type=PATH, help="Folder of PDF sets for it.  [default: that of your own sets]"),
    pdf_option,
    force_option,
    json_option,
    debug_option,
)


@click.command()
@click.argument("fit", metavar="FIT")
@click.option(
    "--directions", "-n", type=click.IntRange(min=1), metavar="N", default=HESSIAN_DIRECTIONS, show_default=True,
    help="Number of eigenvectors.",
)  # fmt: skip
@click.option(
    "--scaled/--unscaled", default=True, show_default=True,
    help="Take the covariance in units of its errors, or that of x f itself.",
)  # fmt: skip
@set_options
@click.pass_obj
def hessian(session: Session, /, fit: str, as_json: bool, debug: bool, **options: Any) -> None:
    """Write a Hessian set of the replicas of FIT, a fit folder or a PDF set.

    Its error members are the N principal directions of the covariance of the replicas in x and flavour at the initial
    scale. The table shows how far its central value, standard deviation and 68 % interval are from the replicas.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        written = api.hessian(fit, progress=reporter, **options)
    if session.json:
        emit_json("result", {"hessian": written})
    else:
        click.echo("\n".join(describe_hessian(written)))


@click.command()
@click.argument("fit", metavar="FIT")
@click.option(
    "--replicas", "-n", type=click.IntRange(min=1), metavar="N", default=COMPRESSED_REPLICAS, show_default=True,
    help="Number of replicas to choose.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=COMPRESSION_SEED, show_default=True, help="Of the choice.")
@set_options
@click.pass_obj
def compress(session: Session, /, fit: str, as_json: bool, debug: bool, **options: Any) -> None:
    """Choose N replicas of FIT, a fit folder or a PDF set, with the statistics of all, and write their set.

    Compared are means, standard deviations, skewness, kurtosis, Kolmogorov distances and correlations in x and flavour
    at the initial scale. The table shows their error functions beside those of random choices of as many replicas.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        written = api.compress(fit, progress=reporter, **options)
    if session.json:
        emit_json("result", {"compression": written})
    else:
        click.echo("\n".join(describe_compression(written)))


def describe_hessian(written: HessianSet) -> list[str]:
    """Return the deviations from the replicas by flavour, and the folder of the set."""
    units = "in units of standard deviations" if written.scaled else "of x f"
    return [
        f"{written.directions} directions of {written.replicas} replicas of {written.source} have "
        f"{100 * written.retained:.4g} % of the variance {units}, at {written.q:.4g} GeV",
        "",
        *describe_deviations(written.rows),
        "",
        f"PDF set: {written.folder}",
    ]


def describe_compression(written: CompressedSet) -> list[str]:
    """Return the error functions beside those of random choices, the deviations, and the folder of the set."""
    from n3fit import api

    rows = [
        (row.name, *(f"{value:.3g}" for value in (row.chosen, row.median, row.low, row.high)), _ratio(row))
        for row in written.errors
    ]
    header = ("error function", "chosen", "random, median", "16 %", "84 %", "chosen / median")
    return [
        f"{len(written.chosen)} of {written.replicas} replicas of {written.source}, at {written.q:.4g} GeV: "
        f"{api.format_replicas(written.chosen)}",
        "",
        *align(header, rows, "<>>>>>"),
        f"the best of {RANDOM_CHOICES} random choices has a total of {written.best_random:.3g}",
        "",
        *describe_deviations(written.rows),
        "",
        f"PDF set: {written.folder}",
    ]


def describe_deviations(rows: tuple[DeviationRow, ...]) -> list[str]:
    """Return a table of median and largest deviation of central value, deviation and interval, by flavour."""
    header = ("flavour", "central: median", "largest", "deviation: median", "largest", "at x", "68 %: median",
              "largest", "at x")  # fmt: skip
    cells = [
        (
            row.flavour, f"{row.central.median:.3f}", f"{row.central.largest:.3f}",
            *(
                text
                for part in (row.deviation, row.interval)
                for text in (_percent(part.median), _percent(part.largest), f"{part.x:.2g}")
            ),
        )
        for row in rows
    ]  # fmt: skip
    note = "central values in standard deviations; standard deviations and half widths of 68 % intervals relative"
    return [*align(header, cells, "<" + ">" * 8), note]


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %"


def _ratio(row: ErrorFunctionRow) -> str:
    return f"{row.chosen / row.median:.3f}" if row.median else "-"
