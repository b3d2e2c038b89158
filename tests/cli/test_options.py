"""Names and defaults: every command and option is that of its function, and has one meaning."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import n3fit.api
from n3fit.cli import options
from n3fit.cli.commands import cli
from n3fit.errors import CommandLineError


def walk(command: click.Command, name: str = "n3fit") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that is not a group, hidden ones too."""
    if isinstance(command, click.Group):
        for word, below in command.commands.items():
            yield from walk(below, f"{name} {word}")
    else:
        yield name, command


Run = Callable[..., Any]

COMMANDS = dict(walk(cli))
LISTED = [name for name in COMMANDS if not cli.commands[name.split()[1]].hidden]
"""Commands without those that nnpdf has."""

OF_THE_SHELL = "n3fit completion"
"""The command that belongs to the command line alone, and has no function."""

ANSWERS = {"n3fit cache clear": ["--yes"]}
"""Options in place of a question."""

PAGE = Path(__file__).parents[2] / "docs" / "command.md"
SIGNATURES = {name: inspect.signature(value) for name, value in vars(n3fit.api).items() if inspect.isfunction(value)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json_and_debug(name: str) -> None:
    """The last two options in its help."""
    last = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)][-2:]
    assert [(option.name, option.opts, option.is_flag) for option in last] == [
        ("as_json", ["--json"], True),
        ("debug", ["--debug"], True),
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_names_of_options_have_one_meaning(name: str) -> None:
    shared = {
        "theory_path": options.theory_option,
        "pdf_path": options.pdf_option,
        "data_path": options.data_option,
        "force": options.force_option,
    }
    for option in COMMANDS[name].params:
        if option.name in shared:
            (expected,) = shared[option.name](click.Command(None)).params
            assert option.to_info_dict() == expected.to_info_dict()
        if isinstance(option, click.Option):
            assert option.help or option.hidden, f"{name} {option.opts[0]}"


def function_name(name: str) -> str:
    """Return the function of a command: ``next_runcard`` of ``next-runcard``, ``describe_pdf`` of ``pdf describe``.

    Those of ``data`` begin with the group: ``data_cuts`` of ``data cuts``. Functions of scans have names of their own.
    """
    words = name.removeprefix("n3fit ").replace("-", "_").split()
    if words[0] == "data":
        return "_".join(words)
    if words[0] == "hyperopt":
        return {"scan": "hyperopt", "report": "scan_report", "best": "best_card"}[words[1]]
    plurals = {"pdf": "pdfs", "theory": "theories"}
    group = plurals[words[0]] if words[-1] == "list" else words[0]
    return words[0] if len(words) == 1 else f"{words[1]}_{group}"


@pytest.mark.parametrize("name", sorted({*LISTED} - {OF_THE_SHELL}))
def test_a_command_has_the_name_and_the_defaults_of_its_function(api: Any, command: Run, name: str) -> None:
    """Without options the function is called with its own defaults."""
    words = [*name.split()[1:], *ANSWERS.get(name, ())]
    for parameter in COMMANDS[name].params:
        if parameter.required:
            value = "3" if isinstance(parameter.type, click.types.IntParamType) else "there"
            words += [parameter.opts[0], value] if isinstance(parameter, click.Option) else [value]
    api.raises = CommandLineError("recorded")
    assert command(*words).code == CommandLineError.exit_code
    ((called, arguments, options),) = api.calls
    assert called == function_name(name)
    signature = SIGNATURES[called]
    required = {key: options[key] for key in options if signature.parameters[key].default is inspect.Parameter.empty}
    defaults = signature.bind(*arguments, **required)
    defaults.apply_defaults()
    given = signature.bind(*arguments, **options)
    given.apply_defaults()
    assert given.arguments == defaults.arguments


@pytest.mark.parametrize("name", sorted({*LISTED} - {"n3fit fit", OF_THE_SHELL}))
def test_options_are_arguments_of_the_function(name: str) -> None:
    """Those of fit are too, besides the steps that follow; ``--data`` of the check changes only what is printed."""
    parameters = SIGNATURES[function_name(name)].parameters
    names = {option.name for option in COMMANDS[name].params if isinstance(option, click.Option)}
    assert names - {"as_json", "debug", "list_data", "yes"} <= set(parameters)


def test_the_documentation_has_every_command_with_its_function() -> None:
    rows = re.findall(
        r"^\| `(n3fit [a-z0-9 -]+?)(?: [A-Z.]+)*` \| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(name, function_name(name)) for name in LISTED if name != OF_THE_SHELL]
    assert f"| `{OF_THE_SHELL} SHELL` |" in PAGE.read_text(encoding="utf-8")


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
    def command(replicas: range, pdf_path: Path | None) -> None:
        click.echo((replicas, pdf_path))

    def printed(*words: str) -> str:
        return CliRunner().invoke(command, words).output.strip()

    assert printed() == str((range(1, 21), None))
    assert printed("-r", "7-9", "--pdf-path", "not/there") == str((range(7, 10), Path("not/there")))


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_postfit_chooses_at_least_one_replica(number: str) -> None:
    outcome = CliRunner().invoke(cli, ["fit", "card.yml", "--postfit", number])
    assert outcome.exit_code == 2
    assert "'--postfit'" in outcome.output
