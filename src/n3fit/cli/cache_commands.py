"""The commands ``n3fit cache show|clear``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from n3fit.cli.completion import complete_kinds
from n3fit.cli.formatting import align, format_bytes
from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import debug_option, json_option, shared_options
from n3fit.cli.session import Session, emit_json
from n3fit.errors import CommandLineError

if TYPE_CHECKING:
    from n3fit.api import CacheContents

_selection = shared_options(
    click.option(
        "--kind", "kinds", multiple=True, metavar="NAME", shell_complete=complete_kinds, help="This kind; repeatable."
    ),
    click.option(
        "--older", type=click.FloatRange(min=0), default=0.0, metavar="DAYS", help="Files that were not used for DAYS."
    ),
)


@click.group(cls=Subcommands, invoke_without_command=True)
@click.pass_context
def cache(context: click.Context, /) -> None:
    """Show or clear the cache: tables, operators and compiled programs that can be computed again."""
    show_help_without_command(context)


@cache.command("show")
@_selection
@json_option
@debug_option
@click.pass_obj
def show_cache(session: Session, /, kinds: tuple[str, ...], older: float, as_json: bool, debug: bool) -> None:
    """Show the files of the cache by kind."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    contents = api.show_cache(kinds=kinds, older=older)
    if session.json:
        emit_json("result", {"cache": contents, "files": contents.files, "size": contents.size})
    else:
        click.echo("\n".join([*describe_contents(contents), f"folder: {contents.folder}"]))


@cache.command("clear")
@_selection
@click.option("--yes", "-y", is_flag=True, help="Remove without a question.")
@json_option
@debug_option
@click.pass_obj
def clear_cache(
    session: Session, /, kinds: tuple[str, ...], older: float, yes: bool, as_json: bool, debug: bool
) -> None:
    """Remove files of the cache; what is needed again is computed again.

    Nothing but the files of n3fit in its cache folder is removed, and no link is followed. Fits that run meanwhile are
    not disturbed.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    if not yes:
        contents = api.show_cache(kinds=kinds, older=older)
        if not contents.files:
            yes = True
        elif session.json:
            raise CommandLineError(
                "--json: expected --yes too, as nothing can be answered", hint="add --yes", ways=[["--yes"]]
            )
        else:
            click.echo("\n".join(describe_contents(contents)))
            if not _confirm(contents):
                click.echo("nothing was removed")
                return
    removed = api.clear_cache(kinds=kinds, older=older)
    if session.json:
        emit_json("result", {"removed": removed, "files": removed.files, "size": removed.size})
    else:
        click.echo(f"removed: {removed.files} files, {format_bytes(removed.size)}, from {removed.folder}")


def describe_contents(contents: CacheContents) -> list[str]:
    """Return a line for each kind and one for all."""
    if not contents.kinds:
        return ["no cached files"]
    rows = [
        (kind.name, str(kind.files), format_bytes(kind.size), f"{kind.newest:.0f}", f"{kind.oldest:.0f}")
        for kind in contents.kinds
    ]
    total = ("all", str(contents.files), format_bytes(contents.size), "", "")
    return align(("kind", "files", "size", "last used [days ago]", "first"), [*rows, total], "<>>>>")


def _confirm(contents: CacheContents) -> bool:
    question = f"remove these {contents.files} files ({format_bytes(contents.size)}) from {contents.folder}?"
    try:
        return click.confirm(question)
    except click.Abort as error:
        if isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            raise
        raise CommandLineError("expected an answer, the input has ended", hint="add --yes", ways=[["--yes"]]) from error
