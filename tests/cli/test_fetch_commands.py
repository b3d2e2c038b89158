"""The commands ``n3fit theory get`` and ``n3fit pdf get``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.errors import ResourceError, TheoryError
from n3fit.fetching import Fetched

Run = Callable[..., Any]

PRESENT = Fetched(name="theory 400", folder=Path("there/theory_400"), present=True)
NEW = Fetched(
    name="theory 400",
    folder=Path("there/theory_400"),
    address="https://server/theory_400.tgz",
    size=12_345_678,
    checksums=("sha256 of https://server/theory_400.tgz.sha256",),
)
NOTHING = {"output": None, "urls": (), "force": False}


@pytest.mark.parametrize(("group", "function"), [("theory", "get_theory"), ("pdf", "get_pdf")])
def test_arguments(api: Any, command: Run, group: str, function: str) -> None:
    api.results[function] = NEW
    assert command(group, "get", "400").code == 0
    words = ("-o", "there", "--url", "https://a", "--url", "https://b", "-f")
    assert command(group, "get", "400", *words).code == 0
    chosen = {"output": Path("there"), "urls": ("https://a", "https://b"), "force": True}
    assert api.calls == [(function, ("400",), NOTHING), (function, ("400",), chosen)]


def test_what_is_printed(api: Any, command: Run) -> None:
    api.results["get_theory"] = NEW
    assert command("theory", "get", "400").out.splitlines() == [
        "theory 400: there/theory_400",
        "from https://server/theory_400.tgz, 12.3 MB, verified: sha256 of https://server/theory_400.tgz.sha256",
    ]
    api.results["get_pdf"] = Fetched(name="PDF set A", folder=Path("A"), address="https://server/A.tar.gz", size=1)
    assert command("pdf", "get", "A").out.endswith("0.0 MB, no checksum is published\n")
    api.results["get_theory"] = PRESENT
    outcome = command("theory", "get", "400")
    assert outcome.out == "theory 400 is there already: there/theory_400 (--force fetches it again)\n"
    assert outcome.code == 0


def test_json(api: Any, command: Run) -> None:
    api.results["get_theory"] = NEW
    events = [json.loads(line) for line in command("theory", "get", "400", "--json").out.splitlines()]
    assert events[-1]["event"] == "result"
    assert events[-1]["fetched"]["folder"] == "there/theory_400"
    assert (events[-1]["fetched"]["present"], events[-1]["fetched"]["size"]) == (False, 12_345_678)
    assert "step" in [event["event"] for event in events]


@pytest.mark.parametrize(("error", "code"), [(TheoryError("not there"), 3), (ResourceError("stopped"), 4)])
def test_errors(api: Any, command: Run, error: Exception, code: int) -> None:
    api.raises = error
    assert command("theory", "get", "400").code == code


def test_interruption(api: Any, command: Run) -> None:
    api.raises = KeyboardInterrupt()
    outcome = command("pdf", "get", "A")
    assert outcome.code == 130
    assert outcome.err.splitlines()[-1].startswith("n3fit: interrupted while training")
