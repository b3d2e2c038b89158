"""Small data sets made by hand, and the real ones of the data library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from support.data import NNLO

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


def build_dataset(
    name: str,
    central: Sequence[float],
    statistical: Sequence[float] | float = 0.0,
    systematics: Sequence[tuple[str, str, Sequence[float]]] = (),
    **changes: Any,
) -> CommonData:
    count = len(central)
    q2 = np.linspace(4.0, 100.0, count)
    x = np.geomspace(1e-3, 0.5, count)
    values: dict[str, Any] = {
        "name": name,
        "variant": None,
        "experiment": name.split("_")[0],
        "process_type": "DIS_NC",
        "operation": "NULL",
        "fk_names": ((name,),),
        "conversion_factor": 1.0,
        "ndata_file": count,
        "indices": np.arange(count),
        "central": np.asarray(central, dtype=float),
        "statistical": np.broadcast_to(np.asarray(statistical, dtype=float), (count,)),
        "systematics": np.array([shifts for _, _, shifts in systematics], dtype=float).reshape(-1, count).T,
        "systematic_names": tuple(f"sys_{number}" for number in range(len(systematics))),
        "systematic_kinds": tuple(kind for kind, _, _ in systematics),
        "systematic_correlations": tuple(correlation for _, correlation, _ in systematics),
        "x": x,
        "q2": q2,
        "y": np.full(count, np.nan),
        "kinematics": {"x": x, "Q2": q2},
    }
    return CommonData(**(values | changes))
