"""The command of the user again, with other options."""

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from n3fit.cli.commands import cli
from n3fit.cli.retry import commands_again
from n3fit.errors import OutputExistsError

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("typed", "way", "expected"),
    [
        ("fit a.yml", "--force", "n3fit fit a.yml --force"),
        ("fit 'my card.yml' -o 'x y'", "--force", "n3fit fit 'my card.yml' -o 'x y' --force"),
        ("fit a.yml -r 1-5 -o b", "--replicas 6-10", "n3fit fit a.yml -o b --replicas 6-10"),
        ("fit a.yml -r1-5", "--replicas 6-10", "n3fit fit a.yml --replicas 6-10"),
        ("fit a.yml --replicas=1-5", "--replicas 6-10", "n3fit fit a.yml --replicas 6-10"),
        ("fit a.yml --force --add", "--resume", "n3fit fit a.yml --resume"),
        ("fit a.yml -f", "--resume", "n3fit fit a.yml --resume"),
        ("fit a.yml --resume", "--force", "n3fit fit a.yml --force"),
        ("a.yml 1 -r 20", "--resume", "n3fit a.yml 1 -r 20 --resume"),
        ("next fits/a", "--force", "n3fit next fits/a --force"),
        ("theory build 400 -o b", "--output b/theory_400", "n3fit theory build 400 --output b/theory_400"),
        ("pdf get A", "--force", "n3fit pdf get A --force"),
    ],
)
def test_options_replace_those_of_the_user(typed: str, way: str, expected: str) -> None:
    (command,) = commands_again(cli, shlex.split(typed), [shlex.split(way)])
    assert command == expected
    assert shlex.split(command)[0] == "n3fit"


@pytest.mark.parametrize(
    ("typed", "way"), [("check a.yml", "--force"), ("a.yml 1", "--replicas 1-2"), ("nothing", "--force"), ("", "--yes")]
)
def test_ways_that_a_command_does_not_have_are_left_out(typed: str, way: str) -> None:
    assert commands_again(cli, shlex.split(typed), [shlex.split(way)]) == ()


def test_commands_follow_the_error(api: Any, command: Run) -> None:
    api.raises = OutputExistsError("b: exists", hint="or --force", ways=[["--resume"], ["--force"]])
    outcome = command("fit", "a.yml", "-o", "my b")
    assert outcome.err.splitlines()[-3:] == [
        "n3fit: error: b: exists (or --force)",
        "n3fit: try: n3fit fit a.yml -o 'my b' --resume",
        "n3fit: try: n3fit fit a.yml -o 'my b' --force",
    ]
    event = json.loads(command("fit", "a.yml", "--json").out.splitlines()[-1])
    assert event["commands"] == ["n3fit fit a.yml --json --resume", "n3fit fit a.yml --json --force"]
