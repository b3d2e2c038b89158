"""The state of one run, and JSON output."""

import ast
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from n3fit.cli import session
from n3fit.cli.session import Session, emit_json, to_plain


@dataclass
class Point:
    x: float
    where: Path


def test_values_as_json_types() -> None:
    content = {
        1: Point(float("nan"), Path("a/b")),
        "array": np.array([1.0, np.inf]),
        "number": np.float64(2.5),
        "whole": np.int64(3),
        "text": ("a", None, True),
    }
    assert to_plain(content) == {
        "1": {"x": None, "where": "a/b"},
        "array": [1.0, None],
        "number": 2.5,
        "whole": 3,
        "text": ["a", None, True],
    }
    with pytest.raises(TypeError, match="received object"):
        to_plain(object())


def test_one_object_on_one_line() -> None:
    stream = io.StringIO()
    emit_json("epoch", {"text": "two\nlines", "loss": float("-inf")}, stream)
    assert stream.getvalue().count("\n") == 1
    assert json.loads(stream.getvalue()) == {"event": "epoch", "text": "two\nlines", "loss": None}


def test_interruption() -> None:
    session = Session()
    assert "before the work began" in session.describe_interruption()
    session.begin("reading data")
    session.begin("training")
    session.doing = "training, epoch 3 of 5"
    session.begin("training")
    session.begin("writing")
    assert session.finished == ["reading data", "training"]
    assert session.describe_interruption() == (
        "interrupted while writing; finished before: reading data, training; files written so far are complete"
    )


def test_the_moment_of_the_interruption_counts() -> None:
    session = Session()
    session.begin("training")
    session.note_interruption()
    session.begin("writing")
    session.note_interruption()
    assert session.describe_interruption() == (
        "interrupted while training; nothing was finished before; files written so far are complete"
    )


def test_debugging_is_not_switched_off_by_an_option() -> None:
    session = Session(debug=True)
    session.configure(json=True, debug=False)
    assert session.debug
    assert session.json


def test_the_documentation_has_every_event() -> None:
    """The first argument of every call of ``emit_json``; those of fit are ``result`` and ``partial``."""
    page = (Path(__file__).parents[2] / "docs" / "command.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    calls = [
        node.args[0]
        for path in Path(session.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "emit_json"
    ]
    emitted = {argument.value for argument in calls if isinstance(argument, ast.Constant)}
    assert documented == emitted | {"partial"}
