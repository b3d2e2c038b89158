"""The commands ``n3fit data new|check|show``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.own_data import DATASET, change_file, copy_set

from n3fit.cli.main import main

NAME = "MYEXP_NC_318GEV_EM-SIGMARED"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["data", *arguments])
    return code, *capsys.readouterr()


def last_json(text: str) -> dict[str, Any]:
    content = json.loads(text.splitlines()[-1])
    assert isinstance(content, dict)
    return content


def test_a_new_data_set_passes_and_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "new", NAME, "-o", str(tmp_path), "--points", "5", "--systematic", "lumi:MULT:MYLUMI")
    folder = tmp_path / "MYEXP_NC_318GEV"
    assert code == 0
    assert out.splitlines() == [
        f"data set: {folder}",
        f"fill its files, then `n3fit data check {folder}`; in runcards it is called {NAME}",
    ]
    code, out, _ = run(capsys, "check", str(folder))
    assert code == 0
    header, row, _, verdict = out.splitlines()
    assert header.split() == ["data", "set", "variant", "points", "systematics", "smallest", "eigenvalue", "condition",
                              "number"]  # fmt: skip
    assert row.split() == [NAME, "5", "1", "0.8", "2.25"]
    assert verdict == "MYEXP_NC_318GEV: passed"
    figure = tmp_path / "a.svg"
    code, out, err = run(capsys, "show", NAME, "--data-path", str(tmp_path), "-o", str(figure))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"data set:    {NAME}"
    assert f"from:        own data, {folder}" in lines
    assert "process:     DIS_NC, category DIS NC" in lines
    assert [line.split() for line in lines if line.startswith(("stat", "named", "total"))] == [
        ["stat", "ADD", "1", "2.00", "%"], ["named", "MULT", "1", "1.00", "%", "MYLUMI"], ["total", "2", "2.24", "%"],
    ]  # fmt: skip
    assert lines[-1] == f"figure: {figure}"
    assert figure.read_text().startswith("<?xml")


def test_problems_have_the_exit_code_3(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = copy_set(tmp_path)
    change_file(folder / "metadata.yaml", ("ndata: 42", "ndata: 41"))
    change_file(folder / "data_EP-SIGMARED.yaml", ("data_central:\n- ", "data_central:\n- x"))
    code, out, _ = run(capsys, "check", DATASET, "--data-path", str(tmp_path))
    assert code == 3
    lines = out.splitlines()
    assert [line.partition(" ")[0] for line in lines[:-1]] == ["PROBLEM:"] * 3
    assert lines[-1] == "MINE_CC_318GEV: 3 problems"
    code, out, _ = run(capsys, "check", str(tmp_path), "--json")
    content = last_json(out)
    assert (code, content["passed"]) == (3, False)
    (found,) = content["check"]["sets"]
    assert len(found["findings"]) == 4
    assert found["findings"][0]["serious"] is True


def test_tables_of_a_theory(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = copy_set(tmp_path)
    code, out, _ = run(capsys, "check", str(folder), "--theory", "dis_nnlo")
    assert code == 0
    assert out.splitlines()[-1] == "MINE_CC_318GEV: passed; the tables of theory dis_nnlo are there"
    change_file(folder / "metadata.yaml", ("- - HERA_CC_318GEV_EM_", "- - ABSENT_"))
    code, out, _ = run(capsys, "check", str(folder), "--theory", "dis_nnlo")
    assert code == 3
    assert "expected the table ABSENT_SIGMARED in" in out


def test_a_set_of_the_library_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "show", "SLAC_NC_NOTFIXED_P_EM-F2", "--variant", "legacy_dw", "--json")
    dataset = last_json(out)["dataset"]
    assert code == 0
    assert (dataset["points"], dataset["category"], dataset["source"][:10]) == (211, "DIS NC", "nnpdf-data")
    assert dataset["uncertainties"][-1]["type"] == "total"
    assert [entry["name"] for entry in dataset["kinematics"]][:2] == ["x", "Q2"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("check", "NOTHING_AT_ALL"), 3, "there is no data set 'NOTHING_AT_ALL'"),
        (("show", "HERA_CC_318GEV_EM-SIGMA"), 3, "did you mean 'HERA_CC_318GEV_EM-SIGMARED'?"),
        (("show", DATASET, "--data-path", "nowhere"), 3, "--data-path: expected a folder with data sets"),
        (("show", "NNPDF_POS_2P24GEV_F2U", "-o", "a.png"), 3, "has no data that could be drawn"),
        (("show", "HERA_CC_318GEV_EM-SIGMARED", "-o", "a.gif"), 2, "output: expected a file .svg, .png, .pdf"),
        (("new", "A_B"), 2, "expected the name EXPERIMENT_PROCESS_ENERGY_OBSERVABLE, received 'A_B'"),
        (("check", "DATA", "--theory", "9999999"), 3, "theory 9999999 was not found"),
    ],
)
def test_errors(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...],
    code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    found, _, err = run(capsys, *words)
    assert found == code
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_figure_is_replaced_only_when_forced(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figure = tmp_path / "a.png"
    figure.write_text("mine")
    words = ("show", "HERA_CC_318GEV_EM-SIGMARED", "-o", str(figure))
    code, _, err = run(capsys, *words)
    assert (code, figure.read_text()) == (4, "mine")
    assert "exists already" in err
    assert run(capsys, *words, "--force")[0] == 0
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_sets(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "check", str(tmp_path))
    assert code == 3
    assert "expected metadata.yaml there or in a folder inside, found none" in err
