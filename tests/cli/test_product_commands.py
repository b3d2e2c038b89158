"""The commands ``evolve``, ``report`` and ``closure``: arguments, tables and JSON."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.api.closure_tests import ClosureSummary
from n3fit.errors import DataError
from n3fit.results.closure import ClosureEstimates, ClosureRow
from n3fit.results.closure_statistics import ClosureStatistics, ClosureStatisticsRow, Interval

Run = Callable[..., Any]


def estimates(level: int = 2) -> ClosureEstimates:
    rows = (
        ClosureRow("datasets", "NMC", 20, 1.02, 1.01, 0.0099, 0.2, 0.03, 0.04, 0.866, 0.75),
        ClosureRow("total", "total", 50, 0.98, 0.0, math.nan, 0.1, 0.01, 0.01, 1.0, math.nan),
    )
    return ClosureEstimates(Path("fits/a"), level, "known", "f" * 64, None if level == 0 else 7, 40, rows)


def statistics(low: float) -> ClosureStatistics:
    row = ClosureStatisticsRow(
        "total", "total", 50, 1.0, -0.01, 0.0121, 0.01, Interval(1.1, low, 1.2, 0.05), Interval(0.65, 0.6, 0.7, 0.02)
    )
    return ClosureStatistics(25, (row,))


def test_one_fit_has_a_row_for_each_group(api: Any, command: Run) -> None:
    api.results["closure"] = ClosureSummary((estimates(),), None)
    outcome = command("closure", "fits/a")
    assert outcome.code == 0
    assert api.calls == [("closure", ((Path("fits/a"),),), {})]
    title, header, first, last = outcome.out.splitlines()
    assert title == "closure test of level 2 from known, filterseed 7; 40 replicas; per point"
    assert header.split() == ["points", "chi2", "of", "truth", "Delta", "phi", "bias", "variance", "sqrt(b/v)", "xi"]
    assert first.split() == ["NMC", "20", "1.020", "1.010", "0.010", "0.200", "0.0300", "0.0400", "0.87", "0.75"]
    assert last.split() == ["total", "50", "0.980", "0.000", "-", "0.100", "0.0100", "0.0100", "1.00", "-"]


def test_level_0_has_no_seed(api: Any, command: Run) -> None:
    api.results["closure"] = ClosureSummary((estimates(0),), None)
    assert "level 0 from known; 40 replicas" in command("closure", "fits/a").out


@pytest.mark.parametrize(("low", "verdict"), [(0.95, "contains 1"), (1.05, "does not contain 1")])
def test_many_fits_have_a_ratio_and_a_verdict(api: Any, command: Run, low: float, verdict: str) -> None:
    api.results["closure"] = ClosureSummary((estimates(), estimates()), statistics(low))
    outcome = command("closure", "fits/a", "fits/b")
    assert api.calls == [("closure", ((Path("fits/a"), Path("fits/b")),), {})]
    lines = outcome.out.splitlines()
    assert lines[0] == "closure tests of level 2: 25 fits; per point, means over the fits"
    row = f"total 50 1.000 -0.010 0.0121 0.0100 1.10 {low:.2f} to 1.20 0.65 0.60 to 0.70 0.64"
    assert lines[2].split() == row.split()
    assert lines[-1] == f"R_bv = 1.100 +- 0.050; the 95 % interval {verdict}"


def test_closure_as_json_has_null_for_missing_numbers(api: Any, command: Run) -> None:
    api.results["closure"] = ClosureSummary((estimates(), estimates()), statistics(0.9))
    content = json.loads(command("closure", "fits/a", "fits/b", "--json").out)["closure"]
    assert content["statistics"]["rows"][0]["ratio"] == {"value": 1.1, "low": 0.9, "high": 1.2, "deviation": 0.05}
    assert content["fits"][0]["rows"][1]["delta_chi2"] is None
    assert content["fits"][0]["filterseed"] == 7


def test_errors_are_one_line(api: Any, command: Run) -> None:
    api.raises = DataError("fits/a: not a closure test", hint="fit a runcard with closuretest")
    outcome = command("closure", "fits/a")
    assert outcome.code == 3
    assert outcome.err == "n3fit: error: fits/a: not a closure test (fit a runcard with closuretest)\n"
    assert "Missing argument 'FOLDER...'" in command("closure").err


def test_report(api: Any, command: Run) -> None:
    outcome = command("report", "fits/small", "--force")
    assert outcome.out == "report: fits/small/report/index.html\n"
    expected = {"reference": None, "output": None, "pdf_path": None, "force": True}
    assert api.calls == [("report", ((Path("fits/small"),),), expected)]
    assert json.loads(command("report", "fits/small", "--json").out.splitlines()[-1]) == {
        "event": "result",
        "report": "fits/small/report/index.html",
    }


OWN_THEORY = {"theory": None, "settings": (), "theory_path": None}


def test_evolve_passes_its_arguments_on(api: Any, command: Run) -> None:
    api.results["evolve"] = Path("sets/mine")
    outcome = command("evolve", "fits/a", "--name", "mine", "-o", "sets", "--members", "finite", "--q-max", "1e3")
    assert outcome.code == 0
    assert "PDF set: sets/mine" in outcome.out
    expected = {"name": "mine", "output": Path("sets"), "members": "finite", "q_max": 1e3, "force": False}
    assert api.calls == [("evolve", (Path("fits/a"),), expected | OWN_THEORY)]


def test_evolve_has_the_passing_replicas_by_default_and_as_json(api: Any, command: Run) -> None:
    api.results["evolve"] = Path("fits/a/postfit/a")
    outcome = command("evolve", "fits/a", "--force", "--json")
    assert json.loads(outcome.out.splitlines()[-1])["folder"] == "fits/a/postfit/a"
    expected = {"name": None, "output": None, "members": "chosen", "q_max": 1e5, "force": True}
    assert api.calls == [("evolve", (Path("fits/a"),), expected | OWN_THEORY)]


def test_evolve_with_another_theory(api: Any, command: Run) -> None:
    api.results["evolve"] = Path("fits/a/postfit/a_as_01190_nf_4")
    options = ("--theory", "400", "--set", "alphas=0.119", "--set", "MaxNfPdf=4", "--theory-path", "theories")
    assert command("evolve", "fits/a", *options).code == 0
    ((_, _, passed),) = api.calls
    assert (passed["theory"], passed["settings"]) == ("400", ("alphas=0.119", "MaxNfPdf=4"))
    assert passed["theory_path"] == Path("theories")


def test_evolve_refuses_other_kinds_of_members(api: Any, command: Run) -> None:
    outcome = command("evolve", "fits/a", "--members", "all")
    assert outcome.code == 2
    assert "'all' is not one of 'chosen', 'passing', 'finite', 'central'" in outcome.err
