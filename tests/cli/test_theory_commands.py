"""The commands ``n3fit theory build|list|check``."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from n3fit.api.theories import TheorySummary
from n3fit.errors import TheoryError
from n3fit.theory.fittable_sets import FittableSet, IncompleteSet
from n3fit.theory.tables.checks.results import CheckedTable, CheckReport

Run = Callable[..., Any]


def test_theory_build(api: Any, command: Run) -> None:
    api.results["build_theory"] = Path("theories/theory_708_PTO1")
    words = ("708", "--set", "AlphaS=0.119", "--set", "PTO=1", "--name", "mine", "-j", "3", "--restart")
    words += ("--table", "INTEGXT3", "--table", "INTEGXT8", "--dataset", "EMC_NC_250GEV_EM-F2C")
    outcome = command("theory", "build", *words)
    assert outcome.out == "theory: theories/theory_708_PTO1\nin a runcard: theoryid: 708_PTO1\n"
    settings = {"settings": ("AlphaS=0.119", "PTO=1"), "output": None, "name": "mine", "grids": None}
    settings |= {"tables": ("INTEGXT3", "INTEGXT8"), "datasets": ("EMC_NC_250GEV_EM-F2C",), "scale_variations": None}
    assert api.calls == [("build_theory", ("708",), {**settings, "jobs": 3, "resume": False})]


def test_theory_build_into_a_folder_that_is_not_searched(api: Any, command: Run) -> None:
    api.results["build_theory"] = Path("theories/theory_new")
    outcome = command("theory", "build", "card.yaml", "-o", "theories/theory_new")
    assert outcome.out.splitlines()[-1] == ("in a runcard: theoryid: new, with the option --theory-path theories")
    assert api.calls[0][2]["output"] == Path("theories/theory_new")


def test_theory_build_from_grids(api: Any, command: Run) -> None:
    api.results["build_theory"] = Path("theories/theory_400")
    command("theory", "build", "400", "--grids", "folder")
    assert api.calls[0][2]["grids"] == Path("folder")


def test_theory_build_with_varied_scales(api: Any, command: Run) -> None:
    api.results["build_theory"] = Path("theories/theory_dis_nnlo")
    assert command("theory", "build", "dis_nnlo", "--scale-variations", "7").code == 0
    assert api.calls[0][2]["scale_variations"] == 7
    assert command("theory", "build", "dis_nnlo", "--scale-variations", "5").code == 2


def test_theory_list(api: Any, command: Run) -> None:
    entry = TheorySummary(
        identifier="dis_nnlo", folder=Path("x"), description="deep-inelastic", order="NNLO", q0=1.65, tables=20
    )
    photon = replace(entry, identifier="528", evolution=("QED: 2",))
    broken = TheorySummary(identifier="7", folder=Path("y"), problem="y: there is no theory card")
    api.results["list_theories"] = [entry, photon, broken]
    outcome = command("theory", "list", "--theory-path", "there")
    rows = [line.split(maxsplit=4) for line in outcome.out.splitlines()[1:]]
    assert rows[0] == ["dis_nnlo", "NNLO", "1.65", "20", "deep-inelastic"]
    assert rows[1] == ["528", "NNLO", "1.65", "20", "deep-inelastic [fits, no evolution: QED: 2]"]
    assert rows[2] == ["7", "-", "-", "-", "BROKEN: y: there is no theory card"]
    assert api.calls == [("list_theories", (), {"theory_path": Path("there"), "remote": False})]
    api.results["list_theories"] = []
    assert "set their folder with --theory-path" in command("theory", "list").out


def test_list_of_theories_on_servers(api: Any, command: Run) -> None:
    bare = TheorySummary(identifier="8", folder=Path("theories/theory_8"), address="https://server/theory_8.tgz")
    full = replace(bare, identifier="400", order="NNLO", q0=1.65, description="NNPDF4.0")
    api.results["list_theories"] = [bare, full]
    rows = [line.split() for line in command("theory", "list", "--remote").out.splitlines()[1:]]
    assert rows[0] == ["8", "-", "-", "https://server/theory_8.tgz"]
    assert rows[1] == ["400", "NNLO", "1.65", "https://server/theory_8.tgz", "NNPDF4.0"]
    assert api.calls == [("list_theories", (), {"theory_path": None, "remote": True})]


DEFAULTS = {"theory_path": None, "grids": None, "tolerance": 1e-3, "every": 1, "data_path": None}


def checked(passed: bool) -> CheckReport:
    problems = () if passed else ("differs from its grid by 2.0e-02 at bin 3, tolerance 1e-03",)
    rows = (
        CheckedTable("NMC", "grid", 121, 2e-4 if passed else float("nan"), "bin 3", problems, missing_rows=(0, 1)),
        CheckedTable("DY", notes=("not compared: give its grid with --grids",)),
        CheckedTable("TTB", notes=("not compared: give its grid with --grids",)),
    )
    return CheckReport(
        rows=rows,
        tolerance=1e-3,
        datasets=(
            FittableSet("NMC_EM", "DIS_NC", 260, (None, "legacy"), ("QCD",)),
            FittableSet("HERA_EM", "DIS_NC_CHARM", 52, ("legacy",), ()),
        ),
        incomplete=(IncompleteSet("DY_SET", "DY_Z_Y", 10, ("DY_B",)),),
        unused_grids=("JETS",),
    )


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 3)])
def test_theory_check(api: Any, command: Run, passed: bool, code: int) -> None:
    api.results["check_theory"] = checked(passed)
    outcome = command("theory", "check", "400", "--grids", "there", "--tolerance", "0.02", "--every", "5")
    assert outcome.code == code
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["table", "compared", "with", "points", "worst", "deviation", "at"]
    assert lines[1].split()[:3] == ["NMC", "grid", "121"]
    assert "rows without theory: NMC 2" in lines
    assert "not compared: give its grid with --grids: DY, TTB" in lines
    assert "grids without a table: JETS" in lines
    assert "data sets that it can fit: DIS 2 (312 points)" in lines
    assert "cannot fit DY_SET (10 points): lacks DY_B" in lines
    failed = "FAILED NMC: differs from its grid by 2.0e-02 at bin 3, tolerance 1e-03"
    assert (failed in lines) is not passed
    assert lines[-1] == (
        "all 3 passed, 2 of them not compared (tolerance 1e-03)" if passed else "1 of 3 failed: NMC (tolerance 1e-03)"
    )
    expected = DEFAULTS | {"grids": Path("there"), "tolerance": 0.02, "every": 5}
    assert api.calls == [("check_theory", ("400",), expected)]


def test_theory_check_lists_data_sets(api: Any, command: Run) -> None:
    api.results["check_theory"] = checked(True)
    lines = command("theory", "check", "400", "--data").out.splitlines()
    assert ["NMC_EM", "DIS_NC", "260", "(none),", "legacy", "QCD"] in [line.split() for line in lines]
    assert not any(line.startswith("data sets that it can fit") for line in lines)


def test_theories_as_json(api: Any, command: Run) -> None:
    api.results["build_theory"] = Path("theories/theory_new")
    events = [json.loads(line) for line in command("theory", "build", "there", "--json").out.splitlines()]
    assert events[-1] == {"event": "result", "folder": "theories/theory_new", "theoryid": "new"}
    assert [event["event"] for event in events[:-1]] == ["phase", "phase", "epoch", "step", "message"]
    api.results["list_theories"] = []
    assert json.loads(command("theory", "list", "--json").out) == {"event": "result", "theories": []}


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 3)])
def test_a_failed_check_has_its_exit_code_with_json_too(api: Any, command: Run, passed: bool, code: int) -> None:
    api.results["check_theory"] = checked(passed)
    outcome = command("theory", "check", "--json")
    assert outcome.code == code
    assert outcome.err == ""
    result = json.loads(outcome.out.splitlines()[-1], parse_constant=pytest.fail)
    assert (result["event"], result["passed"]) == ("result", passed)
    assert result["check"]["rows"][0]["worst"] == (2e-4 if passed else None)
    assert result["check"]["datasets"][0]["name"] == "NMC_EM"
    assert result["check"]["incomplete"][0]["missing"] == ["DY_B"]
    assert api.calls == [("check_theory", ("dis_nnlo",), DEFAULTS)]


def test_broken_theories_are_one_line(api: Any, command: Run) -> None:
    api.raises = TheoryError("theory_400: no card", hint="restore it")
    for words in (("list",), ("check", "400"), ("build", "there")):
        outcome = command("theory", *words)
        assert outcome.code == 3
        assert outcome.err.splitlines()[-1] == "n3fit: error: theory_400: no card (restore it)"


@pytest.mark.parametrize("jobs", ["0", "1025", "two"])
def test_jobs_are_a_number_of_processes(api: Any, command: Run, jobs: str) -> None:
    outcome = command("theory", "build", "there", "-j", jobs)
    assert outcome.code == 2
    assert "'--jobs'" in outcome.err
    assert api.calls == []
