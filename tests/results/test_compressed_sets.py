"""Compressed sets of fits and of PDF sets, read back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support import set_library

from n3fit import api
from n3fit.errors import CommandLineError
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import check_set
from n3fit.lhapdf.set_folder import replicas_of_set
from n3fit.reduction import ESTIMATORS, choice
from n3fit.results import FitFolder, reduction_sources
from n3fit.theory.flavours import EXPORT_PIDS

MakeFit = Callable[..., FitFolder]


@pytest.fixture(autouse=True)
def short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_PATIENCE", 20)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    amplitudes = np.random.default_rng(5).normal(scale=0.1, size=(15, 4)) * [1.0, 0.3, 0.2, 0.1]
    set_library.write_replicas(tmp_path, amplitudes)
    return tmp_path


def test_set_of_chosen_members(library: Path) -> None:
    written = api.compress(library / "replicas", replicas=6, output=library, seed=9)
    assert written.folder == (library / "replicas_compressed_6").resolve()
    assert (written.source, written.replicas, written.seed, written.q) == ("replicas", 15, 9, 1.65)
    assert len(set(written.chosen)) == 6
    assert set(written.chosen) <= set(range(1, 16))
    pdf, original = PDFSet(written.folder), PDFSet(library / "replicas")
    assert (pdf.members, pdf.info["ErrorType"]) == (7, "replicas")
    assert (pdf.info["ChosenReplicas"], pdf.info["ChoiceSeed"]) == (list(written.chosen), 9)
    assert replicas_of_set(written.folder) == tuple(10 * number for number in written.chosen)
    for place, number in enumerate(written.chosen, start=1):
        for one, other in zip(pdf.member(place).subgrids, original.member(number).subgrids, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
    rows = {row.name: row for row in check_set(pdf)[0]}
    assert rows["central member"].passed is True
    assert [row.name for row in rows.values() if row.passed is False] == []


def test_error_functions_beside_random_choices(library: Path) -> None:
    written = api.compress(library / "replicas", replicas=6, output=library)
    assert [row.name for row in written.errors] == [*ESTIMATORS, "total"]
    for row in written.errors:
        assert 0 < row.low < row.median < row.high
    *errors, total = written.errors
    assert total.chosen == pytest.approx(np.mean([row.chosen / row.median for row in errors]), rel=1e-10)
    assert total.chosen <= written.best_random < total.low
    assert {row.flavour for row in written.rows} == {"g", "u", "ubar", "d", "dbar", "s", "sbar"}


def test_same_seed_gives_the_same_bytes(library: Path) -> None:
    folders = [
        api.compress(library / "replicas", replicas=6, output=library / place, seed=2).folder for place in ("a", "b")
    ]
    files = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert files[0] == files[1]
    for name in files[0]:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_deviations_are_those_of_the_set_that_is_written(library: Path) -> None:
    written = api.compress(library / "replicas", replicas=6, output=library)
    original, reduced = (api.open_ensemble(path) for path in (library / "replicas", written.folder))
    row = written.rows[0]
    x = np.array([row.central.x, row.deviation.x, row.interval.x])
    one, other = (ensemble.on_nodes(x, 1.65).band("g") for ensemble in (original, reduced))
    assert abs(other.central - one.central)[0] / one.deviation[0] == pytest.approx(row.central.largest, rel=1e-5)
    assert abs(other.deviation / one.deviation - 1)[1] == pytest.approx(row.deviation.largest, rel=1e-5)
    widths = [band.high - band.low for band in (one, other)]
    assert abs(widths[1] / widths[0] - 1)[2] == pytest.approx(row.interval.largest, rel=1e-5)


def test_chosen_replicas_of_a_fit_are_evolved(
    make_fit: MakeFit, operator_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third of seven replicas is vetoed and cannot be chosen."""
    monkeypatch.setattr(reduction_sources, "lhapdf_qgrid", partial(lhapdf_qgrid, q_max=100.0, nodes=8))
    passed = np.array([True, True, False, True, True, True, True])
    fit = make_fit(replicas=7, positivity_passed=passed)
    written = api.compress(fit.path, replicas=4, output=tmp_path / "sets")
    assert written.replicas == 6
    assert 3 not in written.chosen
    pdf = PDFSet(written.folder)
    assert replicas_of_set(written.folder) == written.chosen == tuple(pdf.info["ChosenReplicas"])
    rows = fit.pdf[np.isin(fit.replicas, written.chosen)]
    for number, values in enumerate([rows.mean(axis=0), *rows]):
        np.testing.assert_allclose(
            pdf.xfx(EXPORT_PIDS, fit.xgrid, fit.description.q0, number), values.T, rtol=1e-7, atol=1e-12
        )


def test_number_of_replicas(library: Path) -> None:
    for count in (15, 40):
        with pytest.raises(
            CommandLineError, match=rf"^compression: expected 4 to 14, received {count} of 15 replicas \(choose"
        ):
            api.compress(library / "replicas", replicas=count, output=library)
    assert not list(library.glob("replicas_compressed*"))
