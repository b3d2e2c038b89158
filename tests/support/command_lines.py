"""Command lines that are parsed by the commands of n3fit, and not carried out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import pytest

from n3fit.cli.commands import cli
from n3fit.cli.session import Session


def parse_command(arguments: Sequence[str]) -> list[str]:
    """Parse the arguments of ``n3fit`` and return the words of the command, without carrying it out.

    Raises
    ------
    click.UsageError
        A command, an option or a value is none that the command line accepts.
    """
    reached: list[str] = []

    def reach(command: click.Command, context: click.Context) -> Any:
        reached.append(context.command_path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(click.Command, "invoke", reach)
        cli.main(list(arguments), prog_name="n3fit", obj=Session(), standalone_mode=False)
    return reached[-1].split()[1:]


def find_command(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the words behind it."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            break
        command = found
        del rest[0]
    return command, rest


def option_names(command: click.Command) -> set[str]:
    """Return the options of a command; of a group those of its commands too, one of which may be the default."""
    inside = list(command.commands.values()) if isinstance(command, click.Group) else []
    declared = [option for part in (command, *inside) for option in part.params if isinstance(option, click.Option)]
    return {name for option in declared for name in (*option.opts, *option.secondary_opts)} | {"-h", "--help"}
