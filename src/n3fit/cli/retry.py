"""The command of the user again, with the options that an error names: complete, and quoted for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import click

from n3fit.cli.arguments import looks_like_runcard

EXCLUDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"--resume": ("--force", "--add"), "--force": ("--resume", "--add")}
)
"""Options that an option replaces."""

OLD_FORM = "fit-replicas"
"""The command that ``n3fit CARD.yml 1 -r 20`` stands for."""


def commands_again(
    group: click.Group, arguments: Sequence[str], ways: Sequence[Sequence[str]], program: str = "n3fit"
) -> tuple[str, ...]:
    """Return the command for each way to repeat it; ways that the command has no options for are left out.

    Parameters
    ----------
    group : click.Group
    arguments : sequence of str
        The arguments of the user.
    ways : sequence of sequences of str
        Options, each with its value behind it.
    program : str
        The name of the program.
    """
    command = _find(group, arguments)
    return tuple(shlex.join([program, *words]) for way in ways if (words := _with(command, arguments, way)))


def _find(group: click.Group, arguments: Sequence[str]) -> click.Command:
    """Return the command of the arguments; the group itself where they name none."""
    command: click.Command = group
    words = list(arguments)
    if words and looks_like_runcard(words[0]):
        return group.commands.get(OLD_FORM, group)
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        if found is None:
            break
        command = found
    return command


def _with(command: click.Command, arguments: Sequence[str], way: Sequence[str]) -> list[str]:
    """Return the arguments with the options of a way in place of those they replace; nothing if there are no such."""
    options = {name: option for option in command.params for name in option.opts if isinstance(option, click.Option)}
    named = [word for word in way if word.startswith("--")]
    if not all(name in options for name in named):
        return []
    words = list(arguments)
    for name in named:
        for replaced in (name, *EXCLUDED.get(name, ())):
            if replaced in options:
                words = _without(words, options[replaced])
    return [*words, *way]


def _without(words: Sequence[str], option: click.Option) -> list[str]:
    kept: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in option.opts:
            if not option.is_flag and rest:
                rest.pop(0)
        elif not (not option.is_flag and any(_is_joined(word, name) for name in option.opts)):
            kept.append(word)
    return kept


def _is_joined(word: str, name: str) -> bool:
    """Return whether a word is an option with its value, as in ``--replicas=1-5`` or ``-r1-5``."""
    return word.startswith(f"{name}=" if name.startswith("--") else name) and word != name
