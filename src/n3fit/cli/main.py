"""The entry point: runs a command and reports every user error as one line and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import TextIO

import click

from n3fit.cli.arguments import WrongReplicas
from n3fit.cli.commands import cli
from n3fit.cli.interruption import catch_interruptions, exit_code_of
from n3fit.cli.retry import commands_again
from n3fit.cli.session import Session, emit_json
from n3fit.errors import CommandLineError, MissingInputsError, N3fitError, ResourceError, RuncardError

DEBUG_VARIABLE = "N3FIT_DEBUG"
"""Environment variable; the value 1 prints tracebacks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    0 done; 1 a bug of n3fit; 2 the runcard or the command line; 3 data or theory; 4 resources and existing output;
    5 the fit itself; 130 and 143 interrupted by Ctrl-C and SIGTERM.

    Parameters
    ----------
    arguments : sequence of str, optional
        Arguments of the command line; those of the process by default.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    session = Session(json="--json" in arguments, debug=os.environ.get(DEBUG_VARIABLE) == "1")
    sys.excepthook = _BugReporter(session)
    logging.basicConfig(format="n3fit: %(message)s", level=logging.WARNING, handlers=[_EchoHandler()])
    with warnings.catch_warnings(), catch_interruptions(session.note_interruption):
        warnings.showwarning = _show_warning
        return run(arguments, session)


def run(arguments: Sequence[str], session: Session) -> int:
    """Run the command; a user error becomes a line on the standard error output and an exit code."""
    try:
        outcome = cli.main(arguments, prog_name="n3fit", obj=session, standalone_mode=False)
    except N3fitError as error:
        return _fail(session, error, commands_again(cli, arguments, error.ways))
    except click.Abort as error:
        line = session.describe_interruption()
        code = exit_code_of(error.__cause__)
        commands = commands_again(cli, arguments, [["--resume"]]) if session.doing.startswith("training") else ()
        click.echo(f"n3fit: {line}", err=True)
        _print_commands(commands)
        if session.json:
            emit_json("interrupted", {"exit_code": code, "message": line} | _command_content(commands))
        return code
    except click.ClickException as error:
        ways = error.ways if isinstance(error, WrongReplicas) else ()
        return _fail(session, _command_line_error(error), commands_again(cli, arguments, ways))
    except MemoryError as error:
        return _fail(session, ResourceError(f"not enough memory {error}".rstrip(), hint="fit fewer replicas at once"))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(session, ResourceError(f"{where}{error.strerror or error}", hint="check disk and permissions"))
    return outcome if isinstance(outcome, int) else 0


def _command_line_error(error: click.ClickException) -> CommandLineError:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "n3fit"
    return CommandLineError(message, hint="" if message.endswith(")") else f"see `{command} --help`")


def _fail(session: Session, error: N3fitError, commands: Sequence[str] = ()) -> int:
    """Print an error, and the commands that may follow, complete, and return its exit code."""
    several = isinstance(error, RuncardError | MissingInputsError)
    lines = error.message.splitlines() if several else [" ".join(error.message.split())]
    hint = f" ({error.hint})" if error.hint else ""
    for line in lines:
        click.echo(f"n3fit: error: {line}{hint if line == lines[-1] else ''}", err=True)
    _print_commands(commands)
    if session.debug:
        click.echo(traceback.format_exc(), err=True)
    if session.json:
        content = {"exit_code": error.exit_code, "message": error.message, "hint": error.hint}
        emit_json("error", content | _command_content(commands))
    return error.exit_code


def _print_commands(commands: Sequence[str]) -> None:
    for command in commands:
        click.echo(f"n3fit: try: {command}", err=True)


def _command_content(commands: Sequence[str]) -> dict[str, list[str]]:
    return {"commands": list(commands)} if commands else {}


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    click.echo(f"n3fit: warning: {' '.join(str(message).split())}", err=True)


class _EchoHandler(logging.Handler):
    """Handler that prints each text once to the current standard error output, which rich may have replaced."""

    def __init__(self) -> None:
        super().__init__()
        self._printed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, unless its text was printed before."""
        text = self.format(record)
        if text not in self._printed:
            self._printed.add(text)
            click.echo(text, err=True)


class _BugReporter:
    """The hook for unexpected exceptions, after which Python exits with code 1."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Print that it is a bug of n3fit, with the traceback in debug mode."""
        text = " ".join(str(error).split())[:300]
        click.echo(f"n3fit: this is a bug of n3fit: {kind.__name__}: {text}", err=True)
        if self._session.debug:
            click.echo("".join(traceback.format_exception(kind, error, trace)), err=True)
        else:
            click.echo(f"n3fit: set {DEBUG_VARIABLE}=1 to print the traceback, and report the bug with it", err=True)
        if self._session.json:
            emit_json("error", {"exit_code": 1, "message": f"{kind.__name__}: {text}", "hint": "a bug of n3fit"})
