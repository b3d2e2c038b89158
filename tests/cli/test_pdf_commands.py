"""The commands ``n3fit pdf list|describe|check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import set_library

from n3fit.cli.main import main
from n3fit.theory.theory_card import TheoryCard

EMBEDDED = "n3fit_dis_t0"


@pytest.fixture(autouse=True)
def no_other_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH"):
        monkeypatch.delenv(variable, raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["pdf", *arguments])
    return code, *capsys.readouterr()


def last_json(text: str) -> dict[str, Any]:
    content = json.loads(text.splitlines()[-1])
    assert isinstance(content, dict)
    return content


def test_list_prints_complete_and_broken_sets(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "broken.info").write_text("NumMembers: many\n")
    code, out, _ = run(capsys, "list", "--pdf-path", str(tmp_path))
    assert code == 0
    header, broken, whole = out.splitlines()
    assert header.split() == ["set", "members", "errors", "x", "from", "Q", "[GeV]", "folder"]
    assert "BROKEN" in broken
    assert "received 'many'" in broken
    assert whole.split()[:7] == [EMBEDDED, "1", "unknown", "1e-09", "1.65", "-", "100"]
    code, out, _ = run(capsys, "list", "--json")
    assert [one["name"] for one in last_json(out)["sets"]] == [EMBEDDED]


def test_describe_prints_the_properties_of_the_set(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "describe", EMBEDDED)
    assert code == 0
    lines = dict(line.split(":", 1) for line in out.splitlines())
    assert lines["order"].strip() == "NNLO"
    assert lines["members"].strip() == "1, errors: unknown"
    assert "196 nodes in x from 1e-09 to 1" in lines["grid"]
    code, out, _ = run(capsys, "describe", EMBEDDED, "--json")
    assert last_json(out)["set"]["flavours"] == [-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 21, 22]


def test_check_passes_with_0_and_fails_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", EMBEDDED)
    assert code == 0
    assert out.rstrip().endswith(f"{EMBEDDED}: passed")
    code, out, _ = run(capsys, "check", EMBEDDED, "--tolerance", "1e-7")
    assert code == 3
    assert out.rstrip().endswith(f"{EMBEDDED}: failed: sum rules")
    code, out, _ = run(capsys, "check", EMBEDDED, "--json")
    content = last_json(out)
    assert (code, content["passed"]) == (0, True)
    assert {row["q"] for row in content["check"]["sum_rules"]} == {1.65, 10.0, 100.0}


@pytest.mark.parametrize("command", ["describe", "check"])
def test_unknown_set_ends_with_3_and_a_hint(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, err = run(capsys, command, "n3fit_dis_t9")
    assert code == 3
    assert f"did you mean '{EMBEDDED}'" in err
    assert "Traceback" not in out + err


def test_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    assert {"list", "describe", "check"} <= set(out.split())


def test_bundle_is_written_and_passes_its_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, value in (("central", 0.118), ("lower", 0.117), ("upper", 0.119)):
        set_library.write_set(tmp_path, name, card=TheoryCard(alphas=value))
    arguments = ("bundle", "both_pdfas", "central", "lower", str(tmp_path / "upper"), "--pdf-path", str(tmp_path))
    code, out, _ = run(capsys, *arguments, "-o", str(tmp_path))
    assert (code, out) == (0, f"PDF set: {tmp_path / 'both_pdfas'}\n")
    assert run(capsys, "check", "both_pdfas", "--pdf-path", str(tmp_path))[0] == 0
    code, _, err = run(capsys, *arguments, "-o", str(tmp_path))
    assert (code, "the PDF set exists already" in err) == (4, True)
    code, out, _ = run(capsys, *arguments, "-o", str(tmp_path), "--force", "--json")
    assert (code, last_json(out)["folder"]) == (0, str(tmp_path / "both_pdfas"))
