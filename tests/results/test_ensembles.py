"""The members of fits and sets at any scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ensembles as ensemble_examples
from support import outcomes

from n3fit.ensembles.moments import moments
from n3fit.ensembles.partons import find_parton
from n3fit.ensembles.set_ensemble import SetEnsemble
from n3fit.errors import CommandLineError, DataError, FitError, ResourceError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.results import FitFolder
from n3fit.results.ensembles import fit_ensemble, open_ensemble
from n3fit.results.evolve import evolve_fit
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.xgrids import export_xgrid


@pytest.fixture(scope="module")
def written(small_fit: FitFolder, operator_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> PDFSet:
    """The LHAPDF set of the fit: an independent way through files and segments."""
    return PDFSet(evolve_fit(small_fit, output=tmp_path_factory.mktemp("sets"), q_max=100.0, q_nodes=8))


def write_set(folder: Path, values: dict[int, float], info: str) -> PDFSet:
    """Write a set whose members are x f = value (1 - x) for the gluon, at all scales from 2 to 50 GeV."""
    folder.mkdir(parents=True)
    (folder / f"{folder.name}.info").write_text(f"NumMembers: {len(values)}\nFormat: lhagrid1\n{info}\n")
    x = np.concatenate([np.geomspace(1e-6, 0.1, 20)[:-1], np.linspace(0.1, 1.0, 30)])
    for number, value in values.items():
        rows = "\n".join(f"{value * (1 - node):.10e} 0" for node in x for _ in range(4))
        grid = f"{' '.join(map(repr, x.tolist()))}\n2 5 10 50\n21 2\n{rows}"
        (folder / f"{folder.name}_{number:04d}.dat").write_text(f"PdfType: x\nFormat: lhagrid1\n---\n{grid}\n---\n")
    return PDFSet(folder)


def test_initial_scale_gives_the_exportgrids_of_passing_replicas(small_fit: FitFolder) -> None:
    shot = open_ensemble(small_fit.path).at()
    assert (shot.label, shot.q, shot.kind) == ("small", 1.65, "replicas")
    np.testing.assert_array_equal(shot.members, small_fit.pdf[[0, 1, 3]])
    np.testing.assert_allclose(shot.central, small_fit.pdf[[0, 1, 3]].mean(axis=0), rtol=1e-14)
    assert len(open_ensemble(small_fit, members="finite").at().members) == 4
    assert len(open_ensemble(small_fit, members=np.array([2, 3])).at().members) == 2  # type: ignore[arg-type]
    central = open_ensemble(small_fit, members="central").at()
    np.testing.assert_allclose(central.members, [shot.central], rtol=1e-14)
    assert central.kind == "central"


def test_evolved_members_are_those_of_the_written_set(small_fit: FitFolder, written: PDFSet) -> None:
    ensemble = open_ensemble(small_fit, label="mine")
    scales = [100.0, 4.92, 1.65]  # at the threshold the set has the flavours above
    for shot in ensemble.at_scales(scales):
        assert shot.label == "mine"
        for row, member in enumerate(shot.members, start=1):
            expected = written.xfx(EXPORT_PIDS, small_fit.xgrid, shot.q, row).T
            np.testing.assert_allclose(member, expected, rtol=1e-7, atol=1e-9)
    assert [shot.q for shot in ensemble.at_scales(scales)] == scales


def test_many_scales_are_interpolated(small_fit: FitFolder, operator_cache: Path) -> None:
    ensemble = open_ensemble(small_fit)
    scales = np.geomspace(10.0, 90.0, 9)
    many = ensemble.at_scales(scales.tolist())
    alone = ensemble.at(float(scales[4]))
    np.testing.assert_allclose(many[4].members, alone.members, rtol=1e-5, atol=1e-6)
    assert np.abs(many[4].members - many[3].members).max() > 0.1


def test_evolution_keeps_momentum_and_valence(small_fit: FitFolder, operator_cache: Path) -> None:
    ensemble = open_ensemble(small_fit)
    start, end = moments(ensemble.at()), moments(ensemble.at(100.0))
    for before, after in zip(start[:4], end[:4], strict=True):
        np.testing.assert_allclose(after.values, before.values, atol=1e-3)
    assert end[4].central > start[4].central + 0.02  # the gluon gains momentum


def test_sets_are_read_and_interpolated(written: PDFSet) -> None:
    ensemble = open_ensemble(written.folder)
    assert isinstance(ensemble, SetEnsemble)
    assert (ensemble.label, ensemble.q0, ensemble.q_max) == ("small", 1.65, pytest.approx(100.0))
    shot = ensemble.at(10.0)
    assert shot.members.shape == (3, len(shot.x), 14)
    assert shot.x[0] == pytest.approx(1e-7)
    assert set(shot.x[1:]) <= set(export_xgrid())
    np.testing.assert_allclose(shot.members[1], written.xfx(EXPORT_PIDS, shot.x, 10.0, 2).T, rtol=1e-14)
    np.testing.assert_allclose(shot.central, shot.members.mean(axis=0), rtol=1e-5, atol=1e-9)
    assert len(open_ensemble(written, members=[3]).at().members) == 1


def test_name_of_a_set_in_a_folder_and_among_those_that_come_along(written: PDFSet) -> None:
    assert isinstance(open_ensemble("small", paths=[written.folder.parent]), SetEnsemble)
    alone = open_ensemble("n3fit_dis_t0").at(10.0)
    assert alone.kind == "central"
    assert alone.band(find_parton("g")).deviation.max() == 0.0


@pytest.mark.parametrize(
    ("info", "kind", "deviation"),
    [
        ("ErrorType: replicas", "replicas", np.std([1.0, 1.4, 0.8, 1.2], ddof=1)),
        ("ErrorType: symmhessian", "symmhessian", np.sqrt(0.16 + 0.04 + 0.04)),
        ("ErrorType: hessian\nErrorConfLevel: 90", "hessian", np.hypot(0.2, 0.2) / 1.6448536),
        ("ErrorType: replicas+as", "replicas", np.std([1.0, 1.4], ddof=1)),
        ("ErrorType: unknown", "central", 0.0),
    ],
)
def test_kinds_of_sets(tmp_path: Path, info: str, kind: str, deviation: float) -> None:
    pdf = write_set(tmp_path / "kinds", {0: 1.0, 1: 1.0, 2: 1.4, 3: 0.8, 4: 1.2}, info)
    shot = open_ensemble(pdf).at(20.0)
    assert shot.kind == kind
    band = shot.band(find_parton("g"), np.array([0.01, 0.5]))
    np.testing.assert_allclose(band.central, [0.99, 0.5], rtol=1e-4)
    np.testing.assert_allclose(band.deviation, deviation * np.array([0.99, 0.5]), rtol=1e-4)


def test_scales_out_of_reach(small_fit: FitFolder) -> None:
    ensemble = open_ensemble(small_fit)
    for q in (1.0, 2e5, np.nan):
        with pytest.raises(CommandLineError, match=r"small: Q: expected 1.65 to 100000 GeV, received"):
            ensemble.at(q)


COMPLETE = outcomes.THEORY["card"]


@pytest.mark.parametrize(
    "card",
    [{}, {"PTO": 7}, COMPLETE | {"Q0": 1.0}, COMPLETE | {"QED": 2}, COMPLETE | {"HQ": "MSBAR"}],
)
def test_without_a_theory_that_can_be_evolved_the_initial_scale_is_left(tmp_path: Path, card: dict[str, Any]) -> None:
    fit = ensemble_examples.small_fit(tmp_path, theory={"id": "none", "card": card})
    ensemble = open_ensemble(fit)
    assert ensemble.q_max == ensemble.q0 == 1.65
    assert ensemble.at().members.shape == (3, 49, 14)
    with pytest.raises(CommandLineError, match=r"small: Q: expected 1\.65 GeV alone, received 100 GeV"):
        ensemble.at(100.0)


def test_member_of_a_set_by_its_name(written: PDFSet) -> None:
    ensemble = open_ensemble(f"{written.name}/1", paths=[written.folder.parent])
    shot = ensemble.at(10.0)
    assert (ensemble.label, shot.kind, len(shot.members)) == (f"{written.name}/1", "central", 1)
    x = shot.x[-40:-1]
    np.testing.assert_allclose(shot.central[-40:-1].T, written.xfx(EXPORT_PIDS, x, 10.0, member=1), rtol=1e-12)


def test_what_is_neither_fit_nor_set(tmp_path: Path, small_fit: FitFolder, written: PDFSet) -> None:
    with pytest.raises(ResourceError, match="no such folder"):
        open_ensemble(tmp_path / "nothing")
    with pytest.raises(DataError, match="the PDF set 'n3fit_dis_to' is not in any of"):
        open_ensemble("n3fit_dis_to")
    with pytest.raises(CommandLineError, match="members: expected numbers of replicas of a set of replicas"):
        open_ensemble(written, members=[7])
    with pytest.raises(CommandLineError, match="expected replicas of the fit"):
        fit_ensemble(small_fit, members=[9])


def test_fit_without_passing_replicas(tmp_path: Path) -> None:
    fit = ensemble_examples.small_fit(tmp_path, positivity_passed=np.zeros(4, dtype=bool))
    with pytest.raises(FitError, match="none of the 4 replicas passes"):
        open_ensemble(fit, members="passing")
    # means, bands and tables are then made of the finite replicas
    assert len(open_ensemble(fit).at().members) == 4
