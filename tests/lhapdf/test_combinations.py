"""Sets made of the members of another set."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from support import set_library

from n3fit.errors import DataError
from n3fit.lhapdf import combinations
from n3fit.lhapdf.combinations import copy_members, write_combinations
from n3fit.lhapdf.grid import GridMember
from n3fit.lhapdf.member_file import read_member
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.progress import NullReporter

NUMBERS = (0, 1, 3)
COEFFICIENTS = np.array([[1.0, 0.5, -0.5], [0.0, 2.0, 0.25], [1.0, 0.0, 0.0]])


class Steps(NullReporter):
    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def step(self, name: str, done: int, total: int) -> None:
        assert name == "members of replicas"
        self.steps.append((done, total))


@pytest.fixture
def pdf(tmp_path: Path) -> PDFSet:
    amplitudes = np.random.default_rng(2).normal(scale=0.1, size=(4, 4))
    return PDFSet(set_library.write_replicas(tmp_path, amplitudes))


def grids_of(member: GridMember) -> list[np.ndarray]:
    return [grid.values for grid in member.subgrids]


@pytest.mark.parametrize("at_once", [2, 100])
def test_members_are_linear_combinations_at_every_node(
    pdf: PDFSet, tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combinations, "_AT_ONCE", at_once)
    steps = Steps()
    write_combinations(tmp_path, "new", pdf, NUMBERS, COEFFICIENTS, first=4, error_type="symmhessian", progress=steps)
    assert sorted(path.name for path in tmp_path.glob("new_*")) == [f"new_000{number}.dat" for number in (4, 5, 6)]
    sources = [pdf.member(number) for number in NUMBERS]
    for row, number in zip(COEFFICIENTS, (4, 5, 6), strict=True):
        member = read_member(tmp_path / f"new_000{number}.dat")
        assert member.header == "PdfType: error\nFormat: lhagrid1"
        for place, values in enumerate(grids_of(member)):
            wanted = sum(c * grids_of(source)[place] for c, source in zip(row, sources, strict=True))
            np.testing.assert_allclose(values, wanted, rtol=6e-9, atol=1e-12)
        for one, other in zip(member.subgrids, sources[0].subgrids, strict=True):
            np.testing.assert_array_equal(one.x, other.x)
            np.testing.assert_array_equal(one.q, other.q)
            assert one.pids == other.pids
    passes = 2 if at_once == 2 else 1
    assert steps.steps == [(done, 3 * passes) for done in range(1, 3 * passes + 1)]


def test_members_are_not_kept_in_memory(pdf: PDFSet, tmp_path: Path) -> None:
    write_combinations(tmp_path, "new", pdf, NUMBERS, COEFFICIENTS, progress=NullReporter())
    assert pdf._read == {}
    assert read_member(tmp_path / "new_0000.dat").header.startswith("PdfType: central")


def test_member_with_another_grid(pdf: PDFSet, tmp_path: Path) -> None:
    path = pdf.member_path(3)
    path.write_text(re.sub(r"\n1\.65 ", "\n1.66 ", path.read_text()))
    with pytest.raises(DataError, match=r"replicas_0003.dat: grids or flavours differ from those of replicas_0000.dat"):
        write_combinations(tmp_path, "new", pdf, NUMBERS, COEFFICIENTS, progress=NullReporter())


def test_copies_keep_their_numbers_and_say_where_they_come_from(pdf: PDFSet, tmp_path: Path) -> None:
    third = pdf.member_path(3)
    third.write_text(re.sub(r"FromMCReplica: 30\n", "", third.read_text()))
    copy_members(tmp_path, "few", pdf, [2, 3])
    for number, source, replica in ((1, 2, 20), (2, 3, 3)):
        text = (tmp_path / f"few_000{number}.dat").read_text()
        header, _, grids = text.partition("---")
        assert header == f"PdfType: replica\nFormat: lhagrid1\nFromMCReplica: {replica}\n"
        assert grids == pdf.member_path(source).read_text().partition("---")[2]
    pdf.member_path(2).unlink()
    with pytest.raises(DataError, match=r"replicas_0002.dat: cannot be read \(No such file"):
        copy_members(tmp_path, "few", pdf, [2])
