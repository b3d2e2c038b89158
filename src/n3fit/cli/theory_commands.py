"""The commands ``n3fit theory build|list|check``."""

from __future__ import annotations

from pathlib import Path

import click

from n3fit.cli import tables
from n3fit.cli.groups import show_help_without_command
from n3fit.cli.options import PATH, debug_option, json_option, theory_option
from n3fit.cli.reporters import open_reporter
from n3fit.cli.session import Session, emit_json

CHECK_FAILED = 3
"""Exit code when a theory does not pass its check."""


@click.group(invoke_without_command=True)
@click.pass_context
def theory(context: click.Context, /) -> None:
    """Build, list and check theories: FK tables and their card."""
    show_help_without_command(context)


@theory.command("build")
@click.argument("output", type=PATH)
@click.option("--jobs", "-j", type=click.IntRange(1, 1024), default=2, show_default=True, help="Processes at once.")
@click.option("--resume/--restart", default=True, help="Go on with tables that are there, or start again.")
@json_option
@debug_option
@click.pass_obj
def build_theory(session: Session, /, output: Path, jobs: int, resume: bool, as_json: bool, debug: bool) -> None:
    """Build the theory that comes with n3fit into the folder OUTPUT."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        folder = api.build_theory(output, jobs=jobs, resume=resume, progress=reporter)
    if session.json:
        emit_json("result", {"folder": folder})
    else:
        click.echo(f"theory: {folder}")


@theory.command("list")
@theory_option
@json_option
@debug_option
@click.pass_obj
def list_theories(session: Session, /, theory_path: Path | None, as_json: bool, debug: bool) -> None:
    """List the theories that a runcard can name."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    theories = api.list_theories(theory_path=theory_path)
    if session.json:
        emit_json("result", {"theories": theories})
    else:
        click.echo("\n".join(tables.describe_theories(theories)))


@theory.command("check")
@click.argument("theoryid", default="dis_nnlo")
@theory_option
@json_option
@debug_option
@click.pass_obj
def check_theory(session: Session, /, theoryid: str, theory_path: Path | None, as_json: bool, debug: bool) -> int:
    """Compare the tables of a theory with an independent calculation for a toy PDF.

    THEORYID is a number or a name; by default dis_nnlo, which comes with n3fit.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        found = api.check_theory(theoryid, theory_path=theory_path, progress=reporter)
    if session.json:
        emit_json("result", {"passed": found.passed, "check": found})
    else:
        click.echo("\n".join(tables.describe_theory_check(found)))
    return 0 if found.passed else CHECK_FAILED
