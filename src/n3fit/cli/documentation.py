"""The page ``docs/commands.md``: every command with its arguments and options, generated from their definitions.

``python -m n3fit.cli.documentation docs/commands.md`` writes it.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from n3fit.cli.commands import cli
from n3fit.html_tables import stack_on_phones

INTRODUCTION = """# Options of the commands

Every command with its arguments and options, as `n3fit COMMAND --help` prints them. [The command](command.md) has an
overview, and what a command prints. This page is generated: `make reference` writes it.
"""


def command_page() -> str:
    """Return the page as Markdown: a section for each command that the help lists."""
    sections = [_section(path, command) for path, command in listed_commands()]
    return "\n".join([INTRODUCTION, *sections])


def listed_commands() -> Iterator[tuple[str, click.Command]]:
    """Yield the words of each command that the help lists, such as ``n3fit pdf list``, and the command."""
    yield from _below("n3fit", cli)


def _below(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _below(f"{path} {name}", command)


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    level = "#" * path.count(" ")
    parts = [f"#{level} `{path}`", f"```text\n{usage}\n```", _prose(command)]
    rows = [_row(option, context) for option in command.params if _is_shown(option)]
    if rows:
        head = ["| option | meaning | default, range |", "|---|---|---|"]
        parts.append(stack_on_phones("\n".join([*head, *rows])))
    return "\n\n".join(part for part in parts if part) + "\n"


def _prose(command: click.Command) -> str:
    """Return the text of a command with its paragraphs in one line each."""
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
    return "\n\n".join(_escape(paragraph) for paragraph in paragraphs)


def _is_shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not parameter.hidden


def _row(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    names, text = record if record is not None else ("", "")
    text, default = _split_default(" ".join(text.split()))
    names = names.replace("|", "\\|")
    return f"| `{names}` | {_escape(text)} | {_escape(default)} |"


def _split_default(text: str) -> tuple[str, str]:
    """Return the help of an option without the brackets at its end, and what they say of its default and range.

    >>> _split_default("Replicas per block.  [default: one block a worker]  [x>=1]")
    ('Replicas per block.', 'one block a worker; x>=1')
    >>> _split_default("Number of jobs.  [default: 1; x>=0]")
    ('Number of jobs.', '1; x>=0')
    """
    parts = []
    while found := re.search(r"\s*\[([^\[\]]*)\]$", text):
        parts.append(found[1].removeprefix("default: "))
        text = text[: found.start()]
    return text, "; ".join(reversed(parts))


def _escape(text: str) -> str:
    r"""Return the text with the characters escaped that Markdown would take for marks outside of code.

    >>> _escape("a|b <c> `d<e` $F_G")
    'a\\|b \\<c> `d<e` $F\\_G'
    """
    pieces = re.split(r"(`[^`]*`)", text)
    plain = [re.sub(r"([<*_])", r"\\\1", piece) if not piece.startswith("`") else piece for piece in pieces]
    return "".join(plain).replace("|", "\\|")


def main(arguments: Sequence[str]) -> None:
    """Write the page into the file whose path is the only argument."""
    (path,) = map(Path, arguments)
    path.write_text(command_page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
