"""Fixtures of several packages: data sets, small fits whose replicas obey the sum rules, and a cache of operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import beta

from n3fit.data import CommonData, apply_cuts, default_cuts, load_commondata
from n3fit.results import FitFolder
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.toy_pdf import les_houches_toy
from support import ensembles, outcomes
from support.data import NNLO, build_dataset

SMALL_XGRID = ensembles.SMALL_XGRID

EMBEDDED = {
    "NMC_NC_NOTFIXED_EM-F2": ("legacy_dw", 121),
    "NMC_NC_NOTFIXED_P_EM-SIGMARED": ("legacy", 204),
    "SLAC_NC_NOTFIXED_P_EM-F2": ("legacy_dw", 33),
    "SLAC_NC_NOTFIXED_D_EM-F2": ("legacy_dw", 34),
    "BCDMS_NC_NOTFIXED_P_EM-F2": ("legacy_dw", 333),
    "BCDMS_NC_NOTFIXED_D_EM-F2": ("legacy_dw", 248),
    "HERA_NC_318GEV_EM-SIGMARED": ("legacy", 159),
    "HERA_NC_225GEV_EP-SIGMARED": ("legacy", 204),
    "HERA_NC_251GEV_EP-SIGMARED": ("legacy", 254),
    "HERA_NC_300GEV_EP-SIGMARED": ("legacy", 70),
    "HERA_NC_318GEV_EP-SIGMARED": ("legacy", 377),
    "HERA_CC_318GEV_EM-SIGMARED": ("legacy", 42),
    "HERA_CC_318GEV_EP-SIGMARED": ("legacy", 39),
}
"""Data sets of the embedded theory, their variants and the points that the strict cuts keep."""

DatasetFactory = Callable[..., CommonData]


@pytest.fixture(scope="session")
def operator_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of their own for tests that evolve."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def small_xgrid() -> np.ndarray:
    """Fewer nodes than an exportgrid has, for speed."""
    return SMALL_XGRID


@pytest.fixture(scope="session")
def toy_replicas() -> Callable[..., np.ndarray]:
    """Make replicas (R, nx, 14) that differ and obey momentum and valence sum rules."""

    def make(replicas: int, xgrid: np.ndarray) -> np.ndarray:
        toy = les_houches_toy(EXPORT_PIDS, xgrid).T
        # each shape carries the momentum 1
        sea = xgrid**0.8 * (1 - xgrid) ** 5 / beta(1.8, 6)
        gluon = xgrid**-0.1 * (1 - xgrid) ** 5 / beta(0.9, 6)
        charm = xgrid**1.5 * (1 - xgrid) ** 4 / beta(2.5, 5)
        result = []
        for replica in range(replicas):
            pdf = toy.copy()
            momentum = 0.0
            for pid, shape, size in ((1, sea, 0.004), (2, sea, -0.002), (3, sea, 0.001), (4, charm, 0.002)):
                amount = size * (1 + replica)
                for sign in (1, -1):
                    pdf[:, EXPORT_PIDS.index(sign * pid)] += amount * shape
                    momentum += amount
            pdf[:, EXPORT_PIDS.index(21)] -= momentum * gluon
            result.append(pdf)
        return np.stack(result)

    return make


@pytest.fixture
def make_fit(toy_replicas: Callable[..., np.ndarray], tmp_path: Path) -> Callable[..., FitFolder]:
    """Write a fit of toy replicas; ``changes`` replace fields of the outcome, ``card`` keys of its theory card."""

    def make(
        replicas: int = 4, *, xgrid: np.ndarray = SMALL_XGRID, card: Any = None, name: str = "toy", **changes: Any
    ) -> FitFolder:
        values = {
            "xgrid": xgrid,
            "pdf": toy_replicas(replicas, xgrid),
            "positivity_passed": np.ones(replicas, dtype=bool),
        }
        outcome = outcomes.make_outcome(replicas, sets=outcomes.SMALL_SETS, name=name, **(values | changes))
        theory = {"id": "dis_nnlo", "card": outcomes.THEORY["card"] | (card or {})}
        return outcomes.write_outcome(outcome, tmp_path / name, theory=theory)

    return make


@pytest.fixture(scope="session")
def small_fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Four replicas on few nodes, of which the third is vetoed."""
    return ensembles.small_fit(tmp_path_factory.mktemp("fits"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., FitFolder]:
    """Write an outcome, into ``tmp_path / "toy"`` unless another folder is given."""

    def write_outcome(outcome: outcomes.Outcome, folder: Path | None = None, **options: Any) -> FitFolder:
        return outcomes.write_outcome(outcome, folder or tmp_path / "toy", **options)

    return write_outcome


@pytest.fixture(scope="session")
def embedded_datasets() -> dict[str, CommonData]:
    """Return the thirteen deep-inelastic data sets after the strict cuts."""
    return {
        name: apply_cuts(load_commondata(name, variant), default_cuts(NNLO)) for name, (variant, _) in EMBEDDED.items()
    }


@pytest.fixture(scope="session")
def make_dataset() -> DatasetFactory:
    """Return a function that makes a data set from columns ``(kind, correlation, shifts)`` of systematics."""
    return build_dataset
