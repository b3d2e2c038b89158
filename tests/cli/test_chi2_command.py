"""The command ``chi2``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from n3fit.api import Chi2Summary, SetChi2
from n3fit.results.set_chi2 import SetChi2Row

NAN = float("nan")


def rows(scale: float, members: tuple[float, ...], mean: float) -> tuple[SetChi2Row, ...]:
    groups = (("process", "DIS NC", 10), ("dataset", "NMC", 4), ("dataset", "SLAC", 6), ("total", "total", 10))
    return tuple(
        SetChi2Row(level, name, points, covariance, scale * factor * points, mean * points, tuple(members))
        for level, name, points in groups
        for covariance, factor in (("t0", 1.0), ("experimental", 1.5))
    )


@pytest.fixture
def summary() -> Chi2Summary:
    first = SetChi2("first", "replicas", rows(1.0, (11.0, 13.0), 1.1))
    second = SetChi2("second", "hessian", rows(2.0, (20.0, 22.0), NAN))
    return Chi2Summary(
        runcard=Path("card.yml"), theory="400", t0_set="toy", t0_given=False, points=10, sets=(first, second),
        predictions=(), page=Path("out/chi2.html"),
    )  # fmt: skip


def test_table_of_two_sets(api: Any, command: Any, summary: Chi2Summary) -> None:
    api.results["chi2"] = summary
    done = command("chi2", "card.yml", "--pdf", "first", "--pdf", "second", "--t0", "toy", "-o", "out")
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "                first                second",
            "        points     t0  experimental      t0  experimental",
            "DIS NC      10  1.000         1.500   2.000         3.000",
            "  NMC        4  1.000         1.500   2.000         3.000",
            "  SLAC       6  1.000         1.500   2.000         3.000",
            "---------------------------------------------------------",
            "total       10  1.000         1.500   2.000         3.000",
            "first, t0: 1.100 of the mean prediction, 1.200 +- 0.141 of the 2 members",
            "first, experimental: 1.100 of the mean prediction, 1.200 +- 0.141 of the 2 members",
            "chi2 per point of the central members; theory 400, t0 set toy (comes with n3fit: the runcard has no "
            "datacuts.t0pdfset)",
            "page: out/chi2.html",
        ],
    )
    ((name, arguments, options),) = api.calls
    assert (name, arguments) == ("chi2", (Path("card.yml"), ("first", "second")))
    assert options == {
        "t0": "toy",
        "output": Path("out"),
        "theory_path": None,
        "pdf_path": None,
        "data_path": None,
        "force": False,
    }


def test_json_has_every_member_and_no_predictions(api: Any, command: Any, summary: Chi2Summary) -> None:
    api.results["chi2"] = summary
    done = command("chi2", "card.yml", "--pdf", "first", "--json")
    content = json.loads(done.out.splitlines()[-1])["chi2"]
    assert list(content) == ["runcard", "theory", "t0_set", "t0_given", "points", "sets", "page"]
    assert content["sets"][0]["rows"][-1] == {
        "level": "total", "name": "total", "points": 10, "covariance": "experimental", "central": 15.0, "mean": 11.0,
        "members": [11.0, 13.0],
    }  # fmt: skip
    assert content["sets"][1]["rows"][0]["mean"] is None


def test_a_set_is_required(api: Any, command: Any) -> None:
    done = command("chi2", "card.yml")
    assert done.code == 2
    assert "--pdf" in done.err
    assert api.calls == []
