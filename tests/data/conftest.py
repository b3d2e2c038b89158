"""Small data sets made by hand, and the real ones of the data library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.data import NNLO, build_dataset

from n3fit.data import CommonData, apply_cuts, default_cuts, load_commondata

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


@pytest.fixture(scope="session", autouse=True)
def data_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Keep the cache of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data-cache")
        patch.setenv("N3FIT_CACHE_DIR", str(folder))
        yield folder


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
