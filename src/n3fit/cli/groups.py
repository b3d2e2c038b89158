"""Groups of commands: the old form of the command line, suggestions, help and interruptions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click

from n3fit.cli.arguments import looks_like_runcard
from n3fit.errors import nearest

OTHER_NAMES: Mapping[str, str] = MappingProxyType({"next": "next-runcard"})
"""Short names of commands."""


class Subcommands(click.Group):
    """A group of commands whose error for an unknown command suggests the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command and its arguments."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = nearest(args[0], known)
            meant = f"did you mean `{shlex.join([*ctx.command_path.split(), near, *args[1:]])}`?" if near else ""
            hint = meant or f"commands: {', '.join(known)}"
            ctx.fail(f"expected a command, received {args[0]!r} ({hint})")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands that help shows, in the order of their definition."""
        return [name for name, command in self.commands.items() if not command.hidden]


class Commands(Subcommands):
    """The group of commands; ``n3fit CARD.yml 1 -r 20`` is the old form of ``fit``."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name or its short one."""
        return super().get_command(ctx, OTHER_NAMES.get(cmd_name, cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command, the old form included, and its arguments."""
        if args and self.get_command(ctx, args[0]) is None and looks_like_runcard(args[0]):
            args = ["fit-replicas", *args]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interruption is raised as ``click.Abort`` with the interruption as its cause."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise click.Abort from error


def show_help_without_command(context: click.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
