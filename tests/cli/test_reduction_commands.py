"""The commands ``hessian`` and ``compress``: arguments, tables, JSON and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import set_library

from n3fit.cli.main import main
from n3fit.errors import DataError
from n3fit.reduction import DeviationRow
from n3fit.reduction.deviations import Deviation
from n3fit.results.compressed_sets import CompressedSet, ErrorFunctionRow
from n3fit.results.hessian_sets import HessianSet

Run = Callable[..., Any]

ROWS = (
    DeviationRow("g", Deviation(0.0, 0.0, 0.1), Deviation(0.0028, 0.0135, 0.13), Deviation(0.0632, 1.334, 0.9)),
    DeviationRow("c+", Deviation(0.01, 0.25, 0.1), Deviation(0.0, 0.5, 1e-5), Deviation(0.1, 0.2, 0.002)),
)
HESSIAN = HessianSet(Path("sets/a_hessian_7"), "a", 100, 7, 1.65, True, 0.99371, ROWS)
ERRORS = (ErrorFunctionRow("skewness", 0.05, 0.2, 0.1, 0.4), ErrorFunctionRow("total", 0.25, 0.0, 0.9, 1.2))
COMPRESSED = CompressedSet(Path("sets/b"), "b", 100, (1, 3, 4, 5, 9), 2, 400, 1.65, ERRORS, 0.58, ROWS)
TABLE = [
    "flavour  central: median  largest  deviation: median  largest   at x  68 %: median   largest   at x",
    "g                  0.000    0.000             0.28 %   1.35 %   0.13        6.32 %  133.40 %    0.9",
    "c+                 0.010    0.250             0.00 %  50.00 %  1e-05       10.00 %   20.00 %  0.002",
    "central values in standard deviations; standard deviations and half widths of 68 % intervals relative",
]
COMMON = {"name": None, "output": None, "pdf_path": None, "force": False}


def test_hessian_passes_its_arguments_on_and_prints_the_deviations(api: Any, command: Run) -> None:
    api.results["hessian"] = HESSIAN
    outcome = command("hessian", "fits/a", "-n", "7", "-o", "sets", "--name", "h", "--force", "--unscaled")
    assert outcome.code == 0
    options = {"directions": 7, "scaled": False, "output": Path("sets"), "name": "h", "force": True, "pdf_path": None}
    assert api.calls == [("hessian", ("fits/a",), options)]
    assert outcome.out.splitlines() == [
        "7 directions of 100 replicas of a have 99.37 % of the variance in units of standard deviations, at 1.65 GeV",
        "",
        *TABLE,
        "",
        "PDF set: sets/a_hessian_7",
    ]


def test_compress_passes_its_arguments_on_and_prints_the_error_functions(api: Any, command: Run) -> None:
    api.results["compress"] = COMPRESSED
    outcome = command("compress", "SET", "-n", "5", "--seed", "2", "--pdf-path", "sets")
    assert outcome.code == 0
    options = COMMON | {"replicas": 5, "seed": 2, "pdf_path": Path("sets")}
    assert api.calls == [("compress", ("SET",), options)]
    assert outcome.out.splitlines() == [
        "5 of 100 replicas of b, at 1.65 GeV: 1, 3-5, 9",
        "",
        "error function  chosen  random, median  16 %  84 %  chosen / median",
        "skewness          0.05             0.2   0.1   0.4            0.250",
        "total             0.25               0   0.9   1.2                -",
        "the best of 1000 random choices has a total of 0.58",
        "",
        *TABLE,
        "",
        "PDF set: sets/b",
    ]


def test_defaults(api: Any, command: Run) -> None:
    api.results |= {"hessian": HESSIAN, "compress": COMPRESSED}
    command("hessian", "a")
    command("compress", "a")
    assert api.calls == [
        ("hessian", ("a",), COMMON | {"directions": 50, "scaled": True}),
        ("compress", ("a",), COMMON | {"replicas": 100, "seed": 1}),
    ]


def test_results_as_json(api: Any, command: Run) -> None:
    api.results |= {"hessian": HESSIAN, "compress": COMPRESSED}
    result = json.loads(command("hessian", "a", "--json").out.splitlines()[-1])
    assert result["event"] == "result"
    assert result["hessian"]["folder"] == "sets/a_hessian_7"
    assert result["hessian"]["rows"][0]["deviation"] == {"median": 0.0028, "largest": 0.0135, "x": 0.13}
    result = json.loads(command("compress", "a", "--json").out.splitlines()[-1])
    assert result["compression"]["chosen"] == [1, 3, 4, 5, 9]
    assert result["compression"]["errors"][0] == {
        "name": "skewness", "chosen": 0.05, "median": 0.2, "low": 0.1, "high": 0.4
    }  # fmt: skip


@pytest.mark.parametrize("name", ["hessian", "compress"])
def test_errors_are_one_line(api: Any, command: Run, name: str) -> None:
    api.raises = DataError("there is no such set", hint="name another")
    outcome = command(name, "a")
    assert outcome.code == 3
    assert outcome.err.splitlines()[-1] == "n3fit: error: there is no such set (name another)"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("hessian", "replicas", "-n", "9"), 2, "Hessian set: expected 1 to 5 directions of 6 replicas, received 9"),
        (("compress", "replicas", "-n", "6"), 2, "compression: expected 4 to 5, received 6 of 6 replicas"),
        (("compress", "replicas", "-n", "5", "--name", "../x"), 2,
         "expected a name of letters, digits and . _ + - for the PDF set, received '../x' "
         "(choose another one with --name)"),
        (("hessian", "replicas", "--name", "replicas", "-n", "2"), 4, "replicas: the PDF set exists already"),
        (("hessian", "replicas/2", "-n", "2"), 3,
         "replicas/2: expected a set of replicas and no other members, ErrorType replicas, received 'replicas' and "
         "1 members (name the set of replicas that it was made of)"),
        (("hessian", "replica", "-n", "2"), 3, "(did you mean 'replicas'?"),
    ],
)  # fmt: skip
def test_user_errors_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, message: str
) -> None:
    set_library.write_replicas(tmp_path, np.random.default_rng(1).normal(scale=0.1, size=(6, 4)))
    assert main([*words, "--pdf-path", str(tmp_path), "-o", str(tmp_path)]) == code
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("n3fit: error: ")]
    assert message in line
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["replicas"]


def test_from_a_set_on_the_search_path_to_two_sets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_library.write_replicas(tmp_path, np.random.default_rng(1).normal(scale=0.1, size=(6, 4)))
    places = ("--pdf-path", str(tmp_path), "-o", str(tmp_path))
    assert main(["hessian", "replicas", "-n", "3", *places]) == 0
    assert main(["compress", "replicas", "-n", "4", *places]) == 0
    out = capsys.readouterr().out
    for name in ("replicas_hessian_3", "replicas_compressed_4"):
        assert f"PDF set: {tmp_path / name}" in out
        assert main(["pdf", "check", name, "--pdf-path", str(tmp_path)]) == 0
        assert f"{name}: passed" in capsys.readouterr().out
