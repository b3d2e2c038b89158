"""Checking PDF sets: a complete one passes, and each damage is found by the check that looks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support import set_library
from support.progress import RecordedSteps

from n3fit.errors import DataError
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.lhapdf.alpha_running import run_alpha_s
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import CheckRow, check_set
from n3fit.theory.theory_card import TheoryCard

NAMES = ["members", "kind", "grids", "flavours", "alpha_s", "central member", "sum rules", "positivity"]


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
    assert [row.passed for row in rows] == [True, None, *[True] * 5, None]
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


@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("method", ["EXA", "TRN"])
def test_another_order_of_the_coupling_is_found(folder: Path, order: int, method: str) -> None:
    if method == "TRN":  # nodes as sets with truncated evolution have them
        coupling = StrongCoupling(TheoryCard(ModEv="TRN"))
        card = TheoryCard()
        scales = [(float(q), segment.nf) for segment in lhapdf_qgrid(card, q_max=200.0, nodes=8) for q in segment.q]
        values = ", ".join(repr(coupling.alpha_s(q, nf)) for q, nf in scales)
        edit(folder / "small.info", lambda text: re.sub(r"AlphaS_Vals: .*", f"AlphaS_Vals: [{values}]", text))
        assert look(folder)["alpha_s"].passed
    edit(folder / "small.info", lambda text: text.replace("AlphaS_OrderQCD: 2", f"AlphaS_OrderQCD: {order}"))
    row = look(folder)["alpha_s"]
    assert row.passed is False
    assert re.search(rf"AlphaS_OrderQCD {order}: .* {order + 1}-loop equation .* of the 3-loop equation", row.detail)


@pytest.mark.parametrize("order", ["4", "5", "1.5"])
def test_orders_that_there_are_not_are_found(folder: Path, order: str) -> None:
    edit(folder / "small.info", lambda text: text.replace("AlphaS_OrderQCD: 2", f"AlphaS_OrderQCD: {order}"))
    expected = CheckRow("alpha_s", False, f"AlphaS_OrderQCD: expected 0 (one loop) to 3, received {order}")
    assert look(folder)["alpha_s"] == expected


def test_order_minus_one_is_no_order(folder: Path) -> None:
    edit(folder / "small.info", lambda text: text.replace("AlphaS_OrderQCD: 2", "AlphaS_OrderQCD: -1"))
    row = look(folder)["alpha_s"]
    assert row.passed is None
    assert re.match(r"AlphaS_OrderQCD -1 is no order; 9 nodes, .* from the solution of the 3-loop equation", row.detail)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("AlphaS_Qs: [1.65, 91.2, 1000.0]\nAlphaS_Vals: [0.3, 0.2]", "member 1: 3 scales but 2 values"),
        ("AlphaS_Qs: [2.0, 1.0]\nAlphaS_Vals: [0.3, 0.2]", "member 1: scales must increase, values be positive"),
        ("AlphaS_Qs: [10.0, 91.1876]\nAlphaS_Vals: [0.17, 0.118]", "member 1: 2 nodes, .* at 10 GeV"),
    ],
)
def test_coupling_of_a_member_is_checked(folder: Path, lines: str, found: str) -> None:
    edit(folder / "small_0001.dat", lambda text: text.replace("\n---\n", f"\n{lines}\n---\n", 1))
    row = look(folder)["alpha_s"]
    assert row.passed is False
    assert re.search(found, row.detail)


def test_right_coupling_of_a_member_passes(folder: Path) -> None:
    values = run_alpha_s(0.120, 91.1876, [10.0, 91.1876], nf=5, order=2)
    lines = f"AlphaS_Qs: [10.0, 91.1876]\nAlphaS_Vals: [{values[0]}, {values[1]}]"
    edit(folder / "small_0001.dat", lambda text: text.replace("\n---\n", f"\n{lines}\n---\n", 1))
    assert look(folder)["alpha_s"].passed


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("AlphaS_Qs: [10.0]", "expected both AlphaS_Qs and AlphaS_Vals, lists of numbers, in the header"),
        ("AlphaS_Qs: [10.0]\nAlphaS_Vals: [low]", "AlphaS_Qs and AlphaS_Vals: expected numbers"),
        ("- AlphaS_Qs", "small_0001.dat"),
    ],
)
def test_half_of_a_coupling_is_no_coupling(folder: Path, lines: str, found: str) -> None:
    edit(folder / "small_0001.dat", lambda text: text.replace("\n---\n", f"\n{lines}\n---\n", 1))
    row = look(folder)["members"]
    assert row.passed is False
    assert found in row.detail


def test_particle_in_words_is_found(folder: Path) -> None:
    edit(folder / "small.info", lambda text: text.replace("Particle: 2212", "Particle: proton"))
    expected = CheckRow("kind", False, "Particle: expected a PDG number such as 2212, received 'proton'")
    assert look(folder)["kind"] == expected


@pytest.mark.parametrize("limits", ["XMin: 0", "XMin: 1e-9", "QMax: 2.0e+02", "QMin: 1.650"])
def test_rounded_limits_are_right(folder: Path, limits: str) -> None:
    key = limits.partition(":")[0]
    edit(folder / "small.info", lambda text: re.sub(rf"^{key}: .*$", f"{limits}  # ", text, flags=re.MULTILINE))
    assert look(folder)["grids"].passed


def test_limits_are_rounded_to_their_own_digits(folder: Path) -> None:
    for number in range(4):
        edit(folder / f"small_{number:04d}.dat", lambda text: text.replace("1.65 ", "1.65018 "))
    for limit, passed in (("1.65", True), ("1.650", True), ("1.6502", True), ("1.66", False), ("1.6503", False)):
        edit(folder / "small.info", lambda text, value=limit: re.sub("QMin: .*", f"QMin: {value}  # ", text))
        assert look(folder)["grids"].passed is passed, limit


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('SetDesc: "a toy"', 'SetDesc: "polarized proton"', "polarised PDFs of the proton"),
        ('SetDesc: "a toy"', 'SetDesc: "fragmentation of pions"', "fragmentation functions of the proton"),
        ("Particle: 2212", "Particle: 211", "PDFs of the particle 211"),
    ],
)
def test_other_sets_have_no_sum_rules_of_a_proton(folder: Path, old: str, new: str, kind: str) -> None:
    edit(folder / "small.info", lambda text: text.replace(old, new))
    rows, sums = check_set(PDFSet(folder))
    assert sums == []
    assert all(row.passed is not False for row in rows)
    assert {row.name: row.detail for row in rows}["kind"] == kind


def test_neutron_is_judged_as_a_neutron(folder: Path) -> None:
    edit(folder / "small.info", lambda text: text.replace("Particle: 2212", "Particle: 2112"))
    assert "expected 1" in look(folder)["sum rules"].detail


def test_structure_functions_are_judged_by_the_flavours_that_they_announce(tmp_path: Path) -> None:
    home = tmp_path / "SF"
    home.mkdir()
    (home / "SF.info").write_text("SetDesc: F2\nNumMembers: 1\nParticle: 2212\nFlavors: [900, 901]\nNumFlavors: 5\n")
    (home / "SF_0000.dat").write_text(
        "PdfType: central\n---\n0.1 0.5 1.0\n1.65 10.0\n900 901\n" + "1 1\n" * 6 + "---\n"
    )
    rows, sums = check_set(PDFSet(home))
    assert sums == []
    assert [row.name for row in rows if row.passed is False] == []
    assert [row.name for row in rows] == ["members", "kind", "grids", "flavours", "alpha_s"]


def test_gluon_may_have_the_number_zero(folder: Path) -> None:
    for number in range(4):
        edit(folder / f"small_{number:04d}.dat", lambda text: re.sub("(?m)^(-6 .*) 21 ", r"\1 0 ", text))
    assert look(folder)["flavours"].passed


def test_nucleus_has_no_sum_rules_of_a_proton(folder: Path) -> None:
    edit(folder / "small.info", lambda text: text.replace("Particle: 2212", "Particle: 1000822080"))
    rows, sums = check_set(PDFSet(folder))
    assert sums == []
    assert "sum rules" not in {row.name for row in rows}
