"""Replica ranges and the old form of the command line."""

import click
import pytest

from n3fit.cli.arguments import looks_like_runcard, parse_replicas, replica_range

CONTEXT = click.Context(click.Command("fit"))
OPTION = click.Option(["--replicas"])


@pytest.mark.parametrize(
    ("text", "replicas"), [("1-20", range(1, 21)), (" 3 - 3 ", range(3, 4)), ("100-250", range(100, 251))]
)
def test_ranges(text: str, replicas: range) -> None:
    assert parse_replicas(CONTEXT, OPTION, text) == replicas


@pytest.mark.parametrize(
    "text", ["", "20", "1-", "-5", "1-2-3", "a-b", "1..5", "0-5", "5-4", "1-999999999", "1-9999999999"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        parse_replicas(CONTEXT, OPTION, text)


def test_a_single_number_is_ambiguous() -> None:
    with pytest.raises(click.BadParameter, match="1-7 for replicas 1 to 7, 7-7 for that one alone"):
        parse_replicas(CONTEXT, OPTION, "7")


def test_replica_range() -> None:
    assert replica_range(2, 2) == range(2, 3)
    with pytest.raises(click.BadParameter, match="received 5-4"):
        replica_range(5, 4)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("card.yml", True), ("CARD.YAML", True), ("cards/dis", True), ("fit", False), ("dis.txt", False)],
)
def test_looks_like_runcard(word: str, expected: bool) -> None:
    assert looks_like_runcard(word) is expected
