"""Checking PDF sets: a complete one passes, and each damage is found by the check that looks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support import set_library
from support.progress import RecordedSteps

from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import CheckRow, check_set

NAMES = ["members", "grids", "flavours", "alpha_s", "central member", "sum rules", "positivity"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = set_library.write_set(tmp_path)
    assert isinstance(written, Path)
    return written


def look(folder: Path) -> dict[str, CheckRow]:
    return {row.name: row for row in check_set(PDFSet(folder))[0]}


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)


def test_complete_set_passes(folder: Path) -> None:
    progress = RecordedSteps()
    rows, sums = check_set(PDFSet(folder), progress=progress)
    assert [row.name for row in rows] == NAMES
    assert [row.passed for row in rows] == [True] * 6 + [None]
    assert progress.steps == [("members", done, 4) for done in range(1, 5)]
    assert {(row.name, row.q) for row in sums} == {
        (name, q) for name in ("momentum", "u", "d", "s", "c", "b") for q in (1.65, 10.0, 100.0)
    }
    assert max(row.deviation for row in sums) < 2e-4


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("small_0002.dat", lambda text: text[:-300], "members: 3 of 4 readable: .*small_0002.dat.*truncated"),
        ("small_0002.dat", lambda text: re.sub(r"\S+\n---\n$", "nan\n---\n", text), "members: 3 of 4"),
        ("small_0003.dat", lambda text: text.replace("1.65 ", "1.651 ", 1), "members: .*grids or flavours differ"),
        ("small.info", lambda text: text.replace("XMin: 1.0e-09", "XMin: 1.0e-07"), "grids: XMin 1e-07, .* 1e-09"),
        ("small.info", lambda text: text.replace("QMax: 200.0", "QMax: 1e5"), "grids: QMax 100000.0, .* 200"),
        ("small.info", lambda text: text.replace("21, 22]", "21, 22, 1000022]"), r"flavours: missing: \[1000022\]"),
        ("small.info", lambda text: re.sub(r"AlphaS_Vals: \[0", "AlphaS_Vals: [1", text), "alpha_s: .* at 1.65 GeV"),
        ("small.info", lambda text: re.sub(r"AlphaS_Vals: \[[^,]*, ", "AlphaS_Vals: [", text), "alpha_s: 9 .* but 8"),
    ],
    ids=["truncated", "nan", "grid", "XMin", "QMax", "flavour", "alpha_s", "values"],
)  # fmt: skip
def test_damage_is_found(folder: Path, name: str, change: Callable[[str], str], found: str) -> None:
    edit(folder / name, change)
    failed = [row for row in look(folder).values() if row.passed is False]
    assert len(failed) == 1
    assert re.search(found, f"{failed[0].name}: {failed[0].detail}"), failed[0]


def test_alpha_s_at_squared_scales_is_found(folder: Path) -> None:
    """The mistake of sets whose nodes are Q^2 instead of Q."""

    def square(text: str) -> str:
        line = next(line for line in text.splitlines() if line.startswith("AlphaS_Qs"))
        scales = [float(word) for word in line.partition("[")[2].rstrip("]").split(",")]
        return text.replace(line, f"AlphaS_Qs: [{', '.join(str(q * q) for q in scales)}]")

    edit(folder / "small.info", square)
    assert look(folder)["alpha_s"].passed is False


def test_another_central_member_is_found(folder: Path) -> None:
    (folder / "small_0000.dat").write_text(
        (folder / "small_0001.dat").read_text().replace("PdfType: replica", "PdfType: central")
    )
    rows = look(folder)
    assert [row.name for row in rows.values() if row.passed is False] == ["central member"]


def test_missing_momentum_is_found_with_its_member(folder: Path) -> None:
    def shrink(text: str) -> str:
        head, *blocks = text.split("\n---\n")
        scaled = []
        for block in blocks[:-1]:
            knots, rows = block.split("\n")[:3], block.split("\n")[3:]
            scaled.append("\n".join([*knots, *(" ".join(f"{0.99 * float(v):.8e}" for v in r.split()) for r in rows)]))
        return "\n---\n".join([head, *scaled, ""])

    edit(folder / "small_0002.dat", shrink)
    rows = look(folder)
    assert rows["sum rules"].passed is False
    assert "member 2" in rows["sum rules"].detail
    rows, sums = check_set(PDFSet(folder), tolerance=0.05)
    assert all(row.passed for row in sums)


def test_no_coupling_nodes_is_only_told(folder: Path) -> None:
    edit(folder / "small.info", lambda text: re.sub(r"AlphaS_(Qs|Vals).*\n", "", text))
    assert look(folder)["alpha_s"] == CheckRow("alpha_s", None, "no nodes in the .info file")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("NumFlavors: 5", "NumFlavors: five", "NumFlavors: expected a number, received 'five'"),
        ("AlphaS_Qs: [1.65,", "AlphaS_Qs: [Q0,", "AlphaS_Qs: expected a number, received 'Q0'"),
        ("Flavors: [-6,", "Flavors: [top,", "Flavors: expected a number, received 'top'"),
    ],
)
def test_word_where_a_number_belongs_is_refused(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder / "small.info", lambda text: text.replace(old, new))
    with pytest.raises(DataError, match=message):
        check_set(PDFSet(folder))


def test_nucleus_has_no_sum_rules_of_a_proton(folder: Path) -> None:
    edit(folder / "small.info", lambda text: text.replace("Particle: 2212", "Particle: 1000822080"))
    rows, sums = check_set(PDFSet(folder))
    assert sums == []
    assert "sum rules" not in {row.name for row in rows}
