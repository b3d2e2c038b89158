import click
import pytest

from n3fit.cli.arguments import check_replicas, looks_like_runcard, parse_replicas

CONTEXT = click.Context(click.Command("fit"))
OPTION = click.Option(["--replicas"])


@pytest.mark.parametrize(("text", "replicas"), [("1-20", (1, 20)), (" 3 - 3 ", (3, 3)), ("100-250", (100, 250))])
def test_ranges(text: str, replicas: tuple[int, int]) -> None:
    assert parse_replicas(CONTEXT, OPTION, text) == replicas


@pytest.mark.parametrize(
    "text", ["", "20", "1-", "-5", "1-2-3", "a-b", "1..5", "0-5", "5-4", "1-999999999", "1-9999999999"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(click.BadParameter):
        parse_replicas(CONTEXT, OPTION, text)


def test_a_single_number_is_ambiguous() -> None:
    with pytest.raises(click.BadParameter, match="1-7 for replicas 1 to 7, 7-7 for that one alone"):
        parse_replicas(CONTEXT, OPTION, "7")


def test_check_replicas() -> None:
    assert check_replicas(2, 2) == (2, 2)
    with pytest.raises(click.BadParameter, match="received 5-4"):
        check_replicas(5, 4)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("card.yml", True), ("CARD.YAML", True), ("cards/dis", True), ("fit", False), ("dis.txt", False)],
)
def test_looks_like_runcard(word: str, expected: bool) -> None:
    assert looks_like_runcard(word) is expected
