"""Options mean the same wherever they are."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from n3fit.cli import options
from n3fit.cli.commands import cli


def walk(command: click.Command, name: str = "n3fit") -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, hidden ones too."""
    if isinstance(command, click.Group):
        for word, below in command.commands.items():
            yield from walk(below, f"{name} {word}")
    else:
        yield name, command


COMMANDS = dict(walk(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json_and_can_be_debugged(name: str) -> None:
    """These two come last in its help."""
    last = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)][-2:]
    assert [(option.name, option.opts, option.is_flag) for option in last] == [
        ("as_json", ["--json"], True),
        ("debug", ["--debug"], True),
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_names_of_options_have_one_meaning(name: str) -> None:
    shared = {"theory_path": options.theory_option, "pdf_path": options.pdf_option, "force": options.force_option}
    for option in COMMANDS[name].params:
        if option.name in shared:
            (expected,) = shared[option.name](click.Command(None)).params
            assert option.to_info_dict() == expected.to_info_dict()
        if isinstance(option, click.Option):
            assert option.help or option.hidden, f"{name} {option.opts[0]}"


def test_shared_options_keep_their_order() -> None:
    @click.command()
    @options.shared_options(click.option("--one", is_flag=True), click.option("--two"), click.option("--three"))
    def command(one: bool, two: str, three: str) -> None:
        click.echo((one, two, three))

    assert [option.name for option in command.params] == ["one", "two", "three"]
    assert CliRunner().invoke(command, ["--two", "2", "--one"]).output == "(True, '2', None)\n"


def test_folders_are_paths_and_replicas_a_range() -> None:
    @click.command()
    @options.replicas_option
    @options.pdf_option
    def command(replicas: tuple[int, int], pdf_path: Path | None) -> None:
        click.echo((replicas, pdf_path))

    def printed(*words: str) -> str:
        return CliRunner().invoke(command, words).output.strip()

    assert printed() == str(((1, 20), None))
    assert printed("-r", "7-9", "--pdf-path", "not/there") == str(((7, 9), Path("not/there")))


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_postfit_chooses_at_least_one_replica(number: str) -> None:
    outcome = CliRunner().invoke(cli, ["fit", "card.yml", "--postfit", number])
    assert outcome.exit_code == 2
    assert "'--postfit'" in outcome.output
