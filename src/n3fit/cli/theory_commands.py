"""The commands ``n3fit theory build|list|check``; ``get`` is in :mod:`n3fit.cli.fetch_commands`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.completion import complete_theories
from n3fit.cli.formatting import align
from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import PATH, data_option, debug_option, json_option, theory_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.cli.theory_check import describe_theory_check
from n3fit.defaults import BUILD_JOBS, EMBEDDED_THEORY, THEORY_TOLERANCE

if TYPE_CHECKING:
    from n3fit.api import TheorySummary

CHECK_FAILED = 3
"""Exit code for a theory that fails its check."""


@click.group(cls=Subcommands, invoke_without_command=True)
@click.pass_context
def theory(context: click.Context, /) -> None:
    """Build, list and check theories: FK tables and their card."""
    show_help_without_command(context)


@theory.command("build")
@click.argument("card")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Replace a key of the card; repeatable.")
@click.option("--output", "-o", type=PATH, help="Folder, named theory_<ID>.  [default: in the user's folder]")
@click.option("--name", metavar="ID", help="ID of the theory.  [default: that of the card, with the replaced keys]")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Build only this table; repeatable.")
@click.option("--dataset", "datasets", multiple=True, metavar="NAME", help="Build only its tables; repeatable.")
@click.option("--grids", type=PATH, help="Folder of PineAPPL grids: build their tables instead of those for DIS.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 1024), default=BUILD_JOBS, show_default=True, help="Processes at once."
)
@click.option("--resume/--restart", default=True, help="Keep existing tables, or build all again.")
@click.option(
    "--scale-variations",
    type=click.Choice(["7", "9"]),
    help="Build the theories with varied scales of this point prescription too, for theorycovmatconfig.",
)
@json_option
@debug_option
@click.pass_obj
def build_theory(
    session: Session,
    /,
    card: str,
    settings: tuple[str, ...],
    output: Path | None,
    name: str | None,
    tables: tuple[str, ...],
    datasets: tuple[str, ...],
    grids: Path | None,
    jobs: int,
    resume: bool,
    scale_variations: str | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Build the theory of a card.

    CARD is a file (.yaml), the number of a card of nnpdf-data such as 708, or dis_nnlo, which is shipped with n3fit.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        folder = api.build_theory(
            card,
            settings=settings,
            output=output,
            name=name,
            tables=tables,
            datasets=datasets,
            grids=grids,
            jobs=jobs,
            resume=resume,
            scale_variations=None if scale_variations is None else int(scale_variations),
            progress=reporter,
        )
    identifier = folder.name.removeprefix("theory_")
    if session.json:
        emit_json("result", {"folder": folder, "theoryid": identifier})
    else:
        click.echo(f"theory: {folder}")
        option = "" if output is None else f", with the option --theory-path {folder.parent}"
        click.echo(f"in a runcard: theoryid: {identifier}{option}")


@theory.command("list")
@theory_option
@click.option("--remote", is_flag=True, help="List instead the theories on the servers, for n3fit theory get.")
@json_option
@debug_option
@click.pass_obj
def list_theories(session: Session, /, theory_path: Path | None, remote: bool, as_json: bool, debug: bool) -> None:
    """List the theories that a runcard can name, broken ones too."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    theories = api.list_theories(theory_path=theory_path, remote=remote)
    if session.json:
        emit_json("result", {"theories": theories})
    else:
        click.echo("\n".join(describe_remote_theories(theories) if remote else describe_theories(theories)))


@theory.command("check")
@click.argument("theory_name", metavar="ID|FOLDER", default=EMBEDDED_THEORY, shell_complete=complete_theories)
@click.option("--grids", type=PATH, help="Folder with the PineAPPL grids of the tables.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, min_open=True),
    default=THEORY_TOLERANCE,
    show_default=True,
    help="Largest relative deviation that passes.",
)
@click.option(
    "--every",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Calculate only every N-th virtuality, and every N-th bin of a grid.",
)
@click.option("--data", "list_data", is_flag=True, help="List all data sets that the theory can fit.")
@theory_option
@data_option
@json_option
@debug_option
@click.pass_obj
def check_theory(
    session: Session,
    /,
    theory_name: str,
    grids: Path | None,
    tolerance: float,
    every: int,
    list_data: bool,
    theory_path: Path | None,
    data_path: Path | None,
    as_json: bool,
    debug: bool,
) -> int:
    """Compare the tables of a theory with independent calculations for a toy PDF.

    A theory is named by its number or name, or by a folder with fastkernel/; by default it is dis_nnlo, which is
    shipped with n3fit. Tables are compared with their PineAPPL grids (--grids), or with coefficient functions where
    n3fit has them. The data sets that the theory can fit are counted by process. The exit code is 3 if a table fails.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        found = api.check_theory(
            theory_name,
            theory_path=theory_path,
            grids=grids,
            tolerance=tolerance,
            every=every,
            data_path=data_path,
            progress=reporter,
        )
    if session.json:
        emit_json("result", {"passed": found.passed, "check": found})
    else:
        click.echo("\n".join(describe_theory_check(found, list_data=list_data)))
    return 0 if found.passed else CHECK_FAILED


def describe_theories(theories: Sequence[TheorySummary]) -> list[str]:
    """Return one line for each theory, or the next step if there is none."""
    if not theories:
        return ["no theories found; set their folder with --theory-path"]
    rows = [
        (theory.identifier, "-", "-", "-", f"BROKEN: {theory.problem}")
        if theory.problem
        else (theory.identifier, theory.order, f"{theory.q0:g}", str(theory.tables), _describe_theory(theory))
        for theory in theories
    ]
    return align(("theory", "order", "Q0 [GeV]", "tables", "description"), rows, "<<>><")


def describe_remote_theories(theories: Sequence[TheorySummary]) -> list[str]:
    """Return one line for each theory on the servers."""
    rows = [
        (
            theory.identifier, theory.order or "-", f"{theory.q0:g}" if theory.q0 > 0 else "-", theory.address,
            theory.description,
        )
        for theory in theories
    ]  # fmt: skip
    return align(("theory", "order", "Q0 [GeV]", "address", "description"), rows, "<<><<")


def _describe_theory(theory: TheorySummary) -> str:
    unknown = ", ".join(theory.evolution)
    return f"{theory.description} [fits, no evolution: {unknown}]" if unknown else theory.description
