"""The commands ``n3fit data new``, ``check`` and ``show``: data sets of the user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.formatting import align, format_number
from n3fit.cli.options import PATH, data_option, debug_option, force_option, json_option, theory_option
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import NEW_DATA_POINTS, NEW_DATA_PROCESS
from n3fit.errors import DataError

if TYPE_CHECKING:
    from n3fit.api import DataCheck, DatasetDescription

CHECK_FAILED = DataError.exit_code


@click.command("new")
@click.argument("name", metavar="EXPERIMENT_PROCESS_ENERGY_OBSERVABLE")
@click.option("--output", "-o", type=PATH, help="Folder of data sets.  [default: the working directory]")
@click.option(
    "--points", type=click.IntRange(min=1), default=NEW_DATA_POINTS, show_default=True, metavar="N", help="Points."
)
@click.option(
    "--process", default=NEW_DATA_PROCESS, show_default=True, metavar="TYPE", help="Process type, such as DY_Z_Y."
)
@click.option(
    "--systematic",
    "systematics",
    multiple=True,
    metavar="NAME[:MULT[:TYPE]]",
    help="A systematic uncertainty: ADD or MULT; CORR, UNCORR or a name; repeatable.  [default: one of each kind]",
)
@json_option
@debug_option
@click.pass_obj
def new_data(
    session: Session,
    /,
    name: str,
    output: Path | None,
    points: int,
    process: str,
    systematics: tuple[str, ...],
    as_json: bool,
    debug: bool,
) -> None:
    """Write the commented files of a new data set, with imaginary numbers, to be filled."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    folder = api.data_new(name, output=output, points=points, process=process, systematics=systematics or None)
    if session.json:
        emit_json("result", {"folder": folder})
    else:
        click.echo(f"data set: {folder}")
        click.echo(f"fill its files, then `n3fit data check {folder}`; in runcards it is called {name}")


@click.command("check")
@click.argument("target", metavar="PATH|NAME")
@click.option("--theory", metavar="ID|FOLDER", help="Theory that must have the FK tables of the data.")
@theory_option
@data_option
@json_option
@debug_option
@click.pass_obj
def check_data(
    session: Session,
    /,
    target: str,
    theory: str | None,
    theory_path: Path | None,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> int:
    """Check the files of data sets: the folder of a set, a folder of sets, or a name.

    All problems are reported at once, with file and line; the exit code is 3 if there are any.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    found = api.data_check(target, theory=theory, theory_path=theory_path, data_path=data_path)
    if session.json:
        emit_json("result", {"passed": found.passed, "check": found})
    else:
        click.echo("\n".join(describe_data_check(found)))
    return 0 if found.passed else CHECK_FAILED


@click.command("show")
@click.argument("name")
@click.option("--variant", metavar="NAME", help="Variant of the data set.")
@click.option("--output", "-o", type=PATH, help="Draw it: FILE.svg, .png or .pdf.")
@force_option
@data_option
@json_option
@debug_option
@click.pass_obj
def show_data(
    session: Session,
    /,
    name: str,
    variant: str | None,
    output: Path | None,
    force: bool,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Show a data set of nnpdf-data or your own: points, kinematics, uncertainties, variants, references."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    found = api.data_show(name, variant=variant, output=output, data_path=data_path, force=force)
    if session.json:
        emit_json("result", {"dataset": found, "figure": output})
        return
    click.echo("\n".join(describe_data(found)))
    if output is not None:
        click.echo(f"figure: {output}")


def describe_data_check(found: DataCheck) -> list[str]:
    """Return the data sets that could be read, what is wrong, and the verdict."""
    header = ("data set", "variant", "points", "systematics", "smallest eigenvalue", "condition number")
    rows = [
        (
            entry.name, entry.variant or "", str(entry.points), str(entry.systematics),
            "-" if entry.covariance is None else f"{entry.covariance.smallest_eigenvalue:.3g}",
            "-" if entry.covariance is None else f"{entry.covariance.condition_number:.3g}",
        )
        for entry in found.variants
    ]  # fmt: skip
    lines = [*align(header, rows, "<<>>>>"), ""] if rows else []
    lines += [f"{'PROBLEM' if entry.serious else 'note'}: {entry}" for entry in found.findings]
    names = ", ".join(entry.name for entry in found.sets)
    tables = f"; the tables of theory {found.theory} are there" if found.theory else ""
    problems = sum(len(entry.problems) for entry in found.sets)
    verdict = f"passed{tables}" if found.passed else f"{problems} problem{'s' if problems > 1 else ''}"
    return [*lines, f"{names}: {verdict}"]


def describe_data(found: DatasetDescription) -> list[str]:
    """Return the properties of a data set, and tables of kinematics and uncertainties."""
    entries = {
        "data set": found.name + (f", variant {found.variant}" if found.variant else ""),
        "label": found.label,
        "from": f"{found.source}, {found.folder}",
        "experiment": found.experiment,
        "process": f"{found.process}, category {found.category or 'unknown'}",
        "points": str(found.points),
        "units": found.units or "none",
        "variants": ", ".join(found.variants) or "none",
        "tables": _tables(found.operation, found.tables),
        **found.references,
    }
    lines = [f"{key + ':':<13}{value}" for key, value in entries.items()]
    ranges = [
        (entry.name, entry.label, f"{entry.low:.6g}", f"{entry.high:.6g}", str(entry.values))
        for entry in found.kinematics
    ]
    lines += ["", *align(("variable", "label", "from", "to", "values"), ranges, "<<>>>")]
    if found.uncertainties:
        rows = [
            (
                entry.type, entry.treatment, str(entry.sources), f"{format_number(entry.percent, '.2f')} %",
                ", ".join(entry.names[:3]) + (", ..." if len(entry.names) > 3 else ""),
            )
            for entry in found.uncertainties
        ]  # fmt: skip
        lines += ["", *align(("uncertainties", "treatment", "sources", "median", "nuisance parameters"), rows, "<<>><")]
    if found.covariance is not None:
        numbers = found.covariance
        lines += [
            "",
            f"correlations: largest {numbers.largest_correlation:.3f}, smallest eigenvalue "
            f"{numbers.smallest_eigenvalue:.3g}, condition number {numbers.condition_number:.3g}",
        ]
    return lines


def _tables(operation: str, names: Sequence[str]) -> str:
    if not names:
        return "none"
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return shown if operation in ("NULL", "None") else f"{operation} of {shown}"
