"""Groups of commands."""

import click
import pytest
from click.testing import CliRunner

from n3fit.cli.groups import Commands, Subcommands, show_help_without_command


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def group() -> Commands:
    """Commands that are not in alphabetical order; the one for the old form is hidden, as in n3fit."""

    @click.group(cls=Commands, invoke_without_command=True)
    @click.pass_context
    def words(context: click.Context) -> None:
        """Some words."""
        show_help_without_command(context)

    words.add_command(click.Command("zeta", callback=lambda: click.echo("zeta")))
    words.add_command(
        click.Command(
            "fit-replicas",
            callback=lambda arguments: click.echo(" ".join(arguments)),
            params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
            context_settings={"ignore_unknown_options": True},
            hidden=True,
        )
    )
    words.add_command(click.Command("alpha.yml", callback=lambda: click.echo("a command")))
    words.add_command(click.Command("stop", callback=interrupt))
    assert isinstance(words, Commands)
    return words


def run(group: Commands, *words: str) -> str:
    outcome = CliRunner().invoke(group, words)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_help_shows_commands_in_the_order_of_their_definition(group: Commands) -> None:
    assert group.list_commands(click.Context(group)) == ["zeta", "alpha.yml", "stop"]
    shown = run(group)
    assert shown == run(group, "--help")
    assert [line.strip() for line in shown.partition("Commands:\n")[2].splitlines()] == ["zeta", "alpha.yml", "stop"]
    assert "Some words." not in run(group, "zeta")


def test_old_form_takes_all_arguments_unless_the_first_is_a_command(group: Commands) -> None:
    assert run(group, "card.yml", "1", "-r", "20", "--odd") == "card.yml 1 -r 20 --odd\n"
    assert run(group, "alpha.yml") == "a command\n"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("zeat", "expected a command, received 'zeat' (did you mean `words zeta`?)"),
        ("fit-replica", "expected a command, received 'fit-replica' (commands: zeta, alpha.yml, stop)"),
        ("--zeta", "No such option"),
    ],
)
def test_unknown_commands_are_errors_with_a_suggestion(group: Commands, word: str, message: str) -> None:
    outcome = CliRunner().invoke(group, [word])
    assert outcome.exit_code == 2
    assert message in outcome.output


def test_subgroups_suggest_and_know_no_runcards() -> None:
    group = Subcommands("data", commands={name: click.Command(name) for name in ("show", "check")})
    for words, message in (
        (["chek", "my set"], "expected a command, received 'chek' (did you mean `data check 'my set'`?)"),
        (["card.yml"], "expected a command, received 'card.yml' (commands: show, check)"),
        (["--odd"], "No such option"),
    ):
        outcome = CliRunner().invoke(group, words)
        assert outcome.exit_code == 2
        assert message in outcome.output


def test_the_interruption_is_the_cause_of_an_abort(group: Commands) -> None:
    with pytest.raises(click.Abort) as caught:
        group.main(["stop"], standalone_mode=False)
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)
