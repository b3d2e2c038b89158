"""Every command in the documentation is one that the command line of n3fit accepts."""

from __future__ import annotations

import re

import click
import pytest
from support.command_lines import find_command, option_names, parse_command
from support.pages import Block, all_blocks, name_of, pages

from n3fit.cli.commands import cli

SHELL = all_blocks("bash")
LINES = [
    pytest.param(command.arguments, id=f"{block}-{' '.join(command.words[:3])}")
    for block in SHELL
    for command in block.commands()
    if command.arguments is not None
]
INLINE = re.compile(r"(?<!`)`n3fit ([^`]+)`(?!`)")
QUOTED = [
    pytest.param(found[1], id=f"{name_of(page)}-{found[1][:40]}")
    for page in pages()
    if page.name != "commands.md"
    for found in INLINE.finditer(re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE))
]


@pytest.mark.parametrize("arguments", LINES)
def test_commands_of_blocks_are_accepted(arguments: list[str]) -> None:
    assert parse_command(arguments)


@pytest.mark.parametrize("text", QUOTED)
def test_commands_in_the_text_have_their_options(text: str) -> None:
    words = " ".join(text.split()).split(" ")
    command, rest = find_command(words)
    if command is cli:
        assert re.match(r"CARD|COMMAND|RUNCARD|-|[\w/]+\.yml", words[0]), f"{words[0]} is no command"
        command = cli.commands["fit-replicas"]
    options = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert options <= option_names(command)


def test_wrong_commands_are_noticed() -> None:
    for words in (["fitt"], ["fit"], ["fit", "a.yml", "--replica", "1-2"], ["fit", "a.yml", "-r", "3"], ["pdf", "lst"]):
        with pytest.raises(click.UsageError):
            parse_command(words)
    assert parse_command(["pdf", "list"]) == ["pdf", "list"]


def test_there_are_commands() -> None:
    assert len(LINES) > 80
    assert all(isinstance(block, Block) for block in SHELL)
