"""The commands: each reads its words, calls a function of :mod:`n3fit.api` and prints what it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from n3fit import __version__
from n3fit.cli import tables
from n3fit.cli.arguments import check_replicas, looks_like_runcard, parse_replicas
from n3fit.cli.reporters import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.errors import did_you_mean

PATH = click.Path(path_type=Path)
THEORY_CHECK_FAILED = 3

Command = Callable[..., Any]


class Commands(click.Group):
    """The group of commands; ``n3fit CARD.yml 1 -r 20`` stands for the old form of ``fit``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, the old form included, and suggest one for a misspelt name."""
        if args and self.get_command(ctx, args[0]) is None:
            if looks_like_runcard(args[0]):
                args = ["fit-replicas", *args]
            elif not args[0].startswith("-"):
                known = self.list_commands(ctx)
                hint = did_you_mean(args[0], known) or f"commands: {', '.join(known)}"
                ctx.fail(f"expected a command, received {args[0]!r} ({hint})")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interruption leaves as ``click.Abort``, its cause being what arrived."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise click.Abort from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands that are shown, in the order of their definition."""
        return [name for name, command in self.commands.items() if not command.hidden]


def _shared_options(*options: Command) -> Callable[[Command], Command]:
    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


replicas_option = click.option(
    "--replicas",
    "-r",
    metavar="FIRST-LAST",
    default="1-20",
    show_default=True,
    callback=parse_replicas,
    help="First and last replica.",
)
theory_option = click.option(
    "--theory-path", type=PATH, help="Folder with theories (theory_400 and the like); also $N3FIT_THEORY_PATH."
)
pdf_option = click.option("--pdf-path", type=PATH, help="Folder with LHAPDF sets; also $N3FIT_PDF_PATH.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for machines.")
debug_option = click.option("--debug", is_flag=True, help="Show where an error comes from; also $N3FIT_DEBUG=1.")
force_option = click.option("--force", is_flag=True, help="Replace what is there.")
fit_options = _shared_options(
    click.option("--output", "-o", type=PATH, help="Folder for the fit.  [default: the name of the runcard]"),
    theory_option,
    pdf_option,
    force_option,
    click.option("--report", "with_report", is_flag=True, help="Write the HTML report too."),
    json_option,
    debug_option,
)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="n3fit")
@click.pass_context
def cli(context: click.Context, /) -> None:
    """Fit ensembles of neural-network parton distribution functions, all replicas at once."""
    _show_help_without_command(context)


@cli.command()
@click.argument("runcard", type=PATH)
@replicas_option
@fit_options
@click.pass_obj
def fit(session: Session, /, runcard: Path, replicas: tuple[int, int], **options: Any) -> None:
    """Fit the replicas of a RUNCARD and write a fit folder.

    The old form `n3fit RUNCARD 1 -r 20` (first replica, last replica) does the same.
    """
    _fit(session, runcard, replicas, **options)


@cli.command("fit-replicas", hidden=True)
@click.argument("runcard", type=PATH)
@click.argument("first", type=int, required=False)
@click.option("--replica-range", "-r", "last", type=int, help="Last replica.")
@fit_options
@click.pass_obj
def fit_replicas(session: Session, /, runcard: Path, first: int | None, last: int | None, **options: Any) -> None:
    """Fit replicas FIRST to LAST: the old form of the command."""
    if first is None:
        raise click.UsageError(f"expected a command, as in `n3fit fit {runcard} -r 1-20`, received only the runcard")
    _fit(session, runcard, check_replicas(first, first if last is None else last), **options)


def _fit(
    session: Session,
    runcard: Path,
    replicas: tuple[int, int],
    *,
    output: Path | None,
    theory_path: Path | None,
    pdf_path: Path | None,
    force: bool,
    with_report: bool,
    as_json: bool,
    debug: bool,
) -> None:
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        folder = api.fit(
            runcard,
            replicas=replicas,
            output=output,
            theory_path=theory_path,
            pdf_path=pdf_path,
            force=force,
            progress=reporter,
        )
        page = None
        if with_report:
            reporter.stage("writing the report")
            page = api.report(folder.path, force=True)
    summary = folder.summary()
    if session.json:
        emit_json("result", {"folder": folder.path, "report": page, "summary": summary})
        return
    click.echo("\n".join(tables.describe_fit(summary)))
    click.echo(f"fit folder: {folder.path}")
    if page is not None:
        click.echo(f"report: {page}")


@cli.command()
@click.argument("folder", type=PATH)
@click.option("--output", "-o", type=PATH, help="Folder for the page.  [default: inside the fit folder]")
@force_option
@json_option
@debug_option
@click.pass_obj
def report(session: Session, /, folder: Path, output: Path | None, force: bool, as_json: bool, debug: bool) -> None:
    """Write the HTML report of a fit FOLDER."""
    session.configure(json=as_json, debug=debug)
    session.begin("writing the report")
    from n3fit import api

    page = api.report(folder, output=output, force=force)
    if session.json:
        emit_json("result", {"report": page})
    else:
        click.echo(f"report: {page}")


@cli.command()
@click.argument("runcard", type=PATH)
@replicas_option
@theory_option
@pdf_option
@json_option
@debug_option
@click.pass_obj
def check(
    session: Session,
    /,
    runcard: Path,
    replicas: tuple[int, int],
    theory_path: Path | None,
    pdf_path: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Check a RUNCARD, its data and its theory without fitting; estimate memory and time."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        summary = api.check(runcard, replicas=replicas, theory_path=theory_path, pdf_path=pdf_path, progress=reporter)
    if session.json:
        emit_json("result", {"summary": summary})
    else:
        click.echo("\n".join(tables.describe_check(summary)))


@cli.group(invoke_without_command=True)
@click.pass_context
def theory(context: click.Context, /) -> None:
    """Build, list and check theories: FK tables and their card."""
    _show_help_without_command(context)


def _show_help_without_command(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


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

    theories = api.list_theories(theory_path)
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
        found = api.check_theory(theoryid, theory_path, reporter)
    if session.json:
        emit_json("result", {"passed": found.passed, "check": found})
    else:
        click.echo("\n".join(tables.describe_theory_check(found)))
    return 0 if found.passed else THEORY_CHECK_FAILED
