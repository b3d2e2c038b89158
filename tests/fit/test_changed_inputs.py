"""Inputs that change between two fits: the cache must not bring back what was read before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import problems

from n3fit.fit.inputs import FitInputs, load_inputs
from n3fit.fit.problem import make_problem
from n3fit.fit.settings import fit_settings
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard
from n3fit.theory.flavours import FK_PIDS
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import open_theory

DATASET, TABLE = "HERA_CC_318GEV_EM-SIGMARED", "HERA_CC_318GEV_EM_SIGMARED"


class OwnTheory:
    """A theory of one table and one K-factor, and a fit to it."""

    def __init__(self, folder: Path, pdf_sets: Path) -> None:
        embedded = open_theory("dis_nnlo")
        self.folder = folder / "theory_own"
        (self.folder / "fastkernel").mkdir(parents=True)
        (self.folder / "cfactor").mkdir()
        shutil.copy(embedded.folder / "theory.yaml", self.folder / "theory.yaml")
        self.original = embedded.load_table(TABLE)
        self.paths = SearchPaths(theories=folder, pdf_sets=pdf_sets)
        self.write_table(1.0)
        self.write_kfactor(1.0)

    def write_table(self, factor: float) -> None:
        table = self.original
        write_fk_table(
            self.folder / "fastkernel" / f"{TABLE}.pineappl.lz4",
            factor * table.values * table.xgrid,
            pids=[FK_PIDS[channel] for channel in table.channels],
            xgrid=table.xgrid,
            q0=table.q0,
            metadata={},
        )

    def write_kfactor(self, factor: float) -> None:
        path = self.folder / "cfactor" / f"CF_OWN_{TABLE}.dat"
        before = path.stat() if path.exists() else None
        path.write_text("*\n*\n" + f"{factor:.3f} 0\n" * self.original.ndata)
        if before is not None:
            # neither the size nor the time of the file shows the change
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            assert path.stat().st_size == before.st_size

    def fit(self, **datacuts: Any) -> tuple[FitInputs, np.ndarray]:
        """Return the inputs, and the rows of the data set in the loss (points, nodes * flavours)."""
        content = problems.make_runcard().model_dump() | {
            "dataset_inputs": [{"dataset": DATASET, "variant": "legacy", "cfac": ["OWN"]}],
            "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5} | datacuts,
            "theory": {"theoryid": "own"},
            "positivity": {"posdatasets": []},
            "integrability": {"integdatasets": []},
        }
        card = Runcard.model_validate(content)
        inputs = load_inputs(card, self.paths, progress=NullReporter())
        problem = make_problem(fit_settings(card), inputs, [1], inputs.data.central[np.newaxis])
        matrix = problem.observables[0].linear_matrix()
        assert matrix is not None
        return inputs, matrix


@pytest.fixture
def theory(tmp_path: Path, toy_pdf_sets: Path, monkeypatch: pytest.MonkeyPatch) -> OwnTheory:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    return OwnTheory(tmp_path / "theories", toy_pdf_sets)


@pytest.mark.parametrize(
    ("change", "named"),
    [(lambda theory: theory.write_table(2.0), True), (lambda theory: theory.write_kfactor(2.0), False)],
    ids=["table", "K-factor"],
)
def test_changed_theory(theory: OwnTheory, change: Callable[[OwnTheory], None], named: bool) -> None:
    first, rows = theory.fit()
    np.testing.assert_array_equal(theory.fit()[1], rows)
    change(theory)
    second, doubled = theory.fit()
    np.testing.assert_allclose(doubled, 2 * rows, rtol=1e-13)
    # multiplicative uncertainties follow the predictions of the t0 set
    assert not np.array_equal(second.data.t0_covariance, first.data.t0_covariance)
    np.testing.assert_array_equal(second.data.experimental_covariance, first.data.experimental_covariance)
    key = f"theory own: {TABLE}"
    assert (second.hashes[key] != first.hashes[key]) == named


def test_changed_cut(theory: OwnTheory) -> None:
    first, rows = theory.fit()
    second, fewer = theory.fit(q2min=1000.0)
    kept = np.isin(first.data.datasets[0].indices, second.data.datasets[0].indices)
    assert 0 < kept.sum() < len(rows)
    np.testing.assert_array_equal(fewer, rows[kept])
