"""Evolved replicas in ``nnfit/``, and PDF sets put together from them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.nnpdf_folders import write_nnpdf_fit

from n3fit.errors import DataError, OutputExistsError, ResourceError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_folder import replicas_of_set
from n3fit.results import FitFolder, choose_and_record, merge_fits
from n3fit.results.evolve import evolve_fit
from n3fit.results.member_files import assemble_set, can_assemble, info_file, member_file
from n3fit.results.reader import read_fit_folder

MakeFit = Callable[..., FitFolder]
SMALL = {"q_max": 100.0, "q_nodes": 8}


@pytest.fixture
def evolved(make_fit: MakeFit, operator_cache: Path) -> FitFolder:
    """Four replicas, the third of which fails positivity; the others are evolved before postfit."""
    fit = make_fit(
        positivity_passed=np.array([True, True, False, True]),
        arc_lengths=np.ones((4, 5)),
        integrability=np.zeros((4, 5)),
    )
    evolve_fit(fit, **SMALL)
    return fit


def set_of(fit: FitFolder) -> PDFSet:
    return load_pdf_set("toy", [fit.path / "postfit"])


def test_members_are_files_of_the_replicas_too(evolved: FitFolder) -> None:
    for member, replica in ((1, 1), (2, 2), (3, 4)):
        file = member_file(evolved.path, "toy", replica)
        assert file.samefile(evolved.path / "postfit" / "toy" / f"toy_{member:04d}.dat")
    assert not member_file(evolved.path, "toy", 3).exists()
    info = info_file(evolved.path, "toy").read_text()
    assert "NumMembers: REPLACE_NREP\n" in info
    own = (evolved.path / "postfit" / "toy" / "toy.info").read_text()
    assert own == info.replace("REPLACE_NREP", "4")
    assert (evolved.path / "evolven3fit.log").read_text().endswith("evolved: replicas 1-2, 4\n")
    read_fit_folder(evolved.path, checksums=True)


def test_postfit_after_evolve_makes_the_set_of_its_choice(evolved: FitFolder) -> None:
    """The set is the one that evolve makes after postfit."""
    before = set_of(evolved).member(1)
    choose_and_record(evolved.path, count=2)
    chosen = set_of(evolved)
    assert replicas_of_set(chosen.folder) == (1, 2)
    assert (chosen.members, chosen.info["NumMembers"]) == (3, 3)
    for one, other in zip(before.subgrids, chosen.member(1).subgrids, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    reference = load_pdf_set("other", [evolve_fit(evolved.path, name="other", **SMALL).parent])
    for one, other in zip(chosen.member(0).subgrids, reference.member(0).subgrids, strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=3e-8, atol=1e-12)
    infos = [(folder / f"{folder.name}.info").read_text() for folder in (chosen.folder, reference.folder)]
    assert infos[0].splitlines()[1:] == infos[1].splitlines()[1:]


def test_another_choice_may_be_larger(evolved: FitFolder) -> None:
    for count, expected in ((1, (1,)), (3, (1, 2, 4)), (2, (1, 2))):
        choose_and_record(evolved.path, count=count)
        assert replicas_of_set(evolved.path / "postfit" / "toy") == expected


def test_set_is_made_where_it_was_removed(evolved: FitFolder) -> None:
    shutil.rmtree(evolved.path / "postfit")
    with pytest.raises(OutputExistsError, match=r"toy\.info: the replicas are evolved already") as caught:
        evolve_fit(evolved.path, **SMALL)
    choose = f"choose those of the PDF set with `n3fit postfit {evolved.path}`"
    assert caught.value.hint == f"{choose}, or evolve them again with --force"
    choose_and_record(evolved.path)
    assert replicas_of_set(evolved.path / "postfit" / "toy") == (1, 2, 4)


def test_set_is_left_when_a_chosen_replica_is_not_evolved(evolved: FitFolder) -> None:
    member_file(evolved.path, "toy", 2).unlink()
    assert not can_assemble(evolved.path, "toy", (1, 2))
    choose_and_record(evolved.path, count=2)
    assert replicas_of_set(evolved.path / "postfit" / "toy") == (1, 2, 4)


def test_members_of_an_older_evolution_are_removed(evolved: FitFolder) -> None:
    choose_and_record(evolved.path, count=1)
    evolve_fit(evolved.path, force=True, **SMALL)
    left = sorted(path.parent.name for path in evolved.path.glob("nnfit/*/toy.dat"))
    assert left == ["replica_1"]


def test_sets_elsewhere_and_of_other_names_are_not_shared(make_fit: MakeFit, tmp_path: Path) -> None:
    fit = make_fit(2)
    evolve_fit(fit, output=tmp_path / "sets", **SMALL)
    evolve_fit(fit, name="other", **SMALL)
    evolve_fit(fit, members="central", **SMALL)
    assert list(fit.path.glob("nnfit/*/*.dat")) == []
    assert not info_file(fit.path, "toy").exists()


def test_files_are_copied_where_hard_links_are_not_possible(
    make_fit: MakeFit, operator_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError("operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    fit = make_fit(2)
    evolve_fit(fit, **SMALL)
    choose_and_record(fit.path, count=1)
    first = member_file(fit.path, "toy", 1)
    assert first.read_bytes() == (fit.path / "postfit" / "toy" / "toy_0001.dat").read_bytes()


def test_members_of_other_grids_are_an_error(evolved: FitFolder) -> None:
    file = member_file(evolved.path, "toy", 2)
    lines = file.read_text().splitlines(keepends=True)
    row = lines.index("---\n") + 2
    file.unlink()
    file.write_text("".join([*lines[:row], lines[row].replace("1.65", "1.66"), *lines[row + 1 :]]))
    with pytest.raises(DataError, match=r"replica_2/toy\.dat: expected the grid of .*replica_1/toy\.dat"):
        assemble_set(evolved.path, "toy", (1, 2))
    assert replicas_of_set(evolved.path / "postfit" / "toy") == (1, 2, 4)


def test_a_folder_that_cannot_be_written_to_is_named(evolved: FitFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, missing_ok: bool = False) -> None:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(ResourceError, match="No space left on device"):
        evolve_fit(evolved.path, force=True, **SMALL)


def test_merged_fits_have_no_members(evolved: FitFolder, tmp_path: Path) -> None:
    merged = merge_fits([read_fit_folder(evolved.path)], tmp_path / "merged")
    assert list(merged.path.glob("nnfit/*/*.dat")) == []


def test_set_of_a_fit_that_evolven3fit_evolved(tmp_path: Path) -> None:
    folder = write_nnpdf_fit(tmp_path / "theirs", (1, 2, 10))
    for replica in (1, 2, 10):  # a tiny grid
        rows = f"{replica} 2e-1\n" * 4
        text = f"PdfType: replica\nFromMCReplica: {replica}\nFormat: lhagrid1\n ---\n1e-9 1\n1 10\n21 1\n{rows} ---"
        member_file(folder, "theirs", replica).write_text(text)
    info_file(folder, "theirs").write_text("SetDesc: x\nNumMembers: REPLACE_NREP\nXMin: 1e-9\n")
    choose_and_record(folder, count=2)
    made = folder / "postfit" / "theirs"
    assert (made / "theirs.info").read_text() == "SetDesc: x\nNumMembers: 3\nXMin: 1e-9\n"
    assert replicas_of_set(made) == (1, 2)
    mean = (made / "theirs_0000.dat").read_text().splitlines()
    assert mean[:3] == ["PdfType: central", "Format: lhagrid1", "---"]
    assert mean[6:] == ["1.50000000e+00 2.00000000e-01"] * 4 + ["---"]
