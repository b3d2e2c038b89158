"""The commands and options of nnpdf by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.defaults import REPLICAS
from n3fit.errors import CommandLineError

Run = Callable[..., Any]


@pytest.fixture
def called(api: Any, command: Run, caplog: pytest.LogCaptureFixture) -> Callable[..., Any]:
    """Return a function that runs a command, whose first call of the api fails, and returns call and warnings."""

    def run(*words: str) -> tuple[str, tuple[Any, ...], dict[str, Any], list[str]]:
        api.raises = CommandLineError("recorded")
        assert command(*words).code == CommandLineError.exit_code
        ((name, arguments, options),) = api.calls
        return name, arguments, options, caplog.messages

    return run


def test_number_before_the_folder_is_the_count(called: Callable[..., Any]) -> None:
    words = (
        "--chi2-threshold",
        "3",
        "--arclength-threshold",
        "5",
        "--integrability-threshold",
        "0.4",
        "--at-least-nrep",
    )
    name, arguments, options, _ = called("postfit", "100", "fits/a", *words)
    assert (name, arguments) == ("postfit", (Path("fits/a"),))
    expected = {"count": 100, "at_least": True, "chi2": 3.0, "arc_length": 5.0, "integrability": 0.4}
    assert options == expected | {"skip_damaged": False}


def test_a_folder_may_have_a_number_for_its_name(called: Callable[..., Any]) -> None:
    _, arguments, options, _ = called("postfit", "100")
    assert (arguments, options["count"]) == ((Path("100"),), None)


@pytest.mark.parametrize(
    "words", [("a", "b"), ("0", "a"), ("1", "2", "a"), ("3", "a", "-n", "4")], ids=lambda words: " ".join(words)
)
def test_other_arguments_of_postfit_are_refused(command: Run, words: tuple[str, ...]) -> None:
    outcome = command("postfit", *words)
    assert outcome.code == 2
    assert "expected FOLDER, or N FOLDER without --count" in outcome.err


def test_evolven3fit(called: Callable[..., Any]) -> None:
    name, arguments, options, lines = called("evolven3fit", "evolve", "fits/a", "-f", "-l", "eko.tar")
    assert (name, arguments, options["force"], options["members"]) == ("evolve", (Path("fits/a"),), True, "chosen")
    assert lines[0] == "--load: without effect: operators are kept in the cache"


def test_vp_setupfit_checks(called: Callable[..., Any]) -> None:
    name, arguments, options, lines = called("vp-setupfit", "a.yml", "--no-net", "-o", "fits/a", "--theory-path", "t")
    assert (name, arguments) == ("check", (Path("a.yml"),))
    assert (options["replicas"], options["theory_path"]) == (REPLICAS, Path("t"))
    assert lines[:2] == [
        "--net/--no-net: without effect: nothing is downloaded",
        "--output: without effect: nothing is written before a fit",
    ]


def test_vp_nextfitruncard(called: Callable[..., Any]) -> None:
    name, arguments, options, lines = called("vp-nextfitruncard", "fits/a", "cards", "-f", "--no-interactive")
    assert (name, arguments) == ("next_runcard", (Path("fits/a"),))
    assert options == {"output": Path("cards/a_next.yml"), "t0": None, "force": True}
    assert lines == ["--no-interactive: without effect: no input is expected"]


def test_vp_comparefits_divides_by_the_reference(called: Callable[..., Any]) -> None:
    name, arguments, options, lines = called("vp-comparefits", "new", "old", "-o", "page", "--title", "T")
    assert (name, arguments) == ("report", ((Path("old"), Path("new")),))
    assert (options["output"], options["reference"]) == (Path("page"), None)
    assert lines[0] == "--title: without effect: the page is named after the fits"


def test_a_card_with_first_and_last_replica(called: Callable[..., Any]) -> None:
    words = ("a.yml", "3", "--replica_range", "7", "-o", "fits/a", "--skip-md5-check")
    name, arguments, options, lines = called(*words)
    assert (name, arguments, options["replicas"]) == ("fit", (Path("a.yml"),), range(3, 8))
    assert options["output"] == Path("fits/a")
    assert lines[0] == "--skip-md5-check: without effect: nothing is set up before a fit"


def test_help_does_not_list_them(command: Run) -> None:
    listed = command("--help").out
    for name in ("vp-setupfit", "vp-get", "evolven3fit", "vp-nextfitruncard", "vp-comparefits"):
        assert name not in listed
        assert command(name, "--help").code == 0


@pytest.mark.parametrize(("kind", "function"), [("theoryID", "get_theory"), ("pdf", "get_pdf")])
def test_vp_get_fetches(called: Callable[..., Any], kind: str, function: str) -> None:
    nothing = {"output": None, "urls": (), "force": False}
    assert called("vp-get", kind, "400")[:3] == (function, ("400",), nothing)


def test_vp_get_of_something_else(command: Run) -> None:
    outcome = command("vp-get", "fit", "a")
    assert outcome.code == 2
    assert "'theoryID', 'pdf'" in outcome.err
