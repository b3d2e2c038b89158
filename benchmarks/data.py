"""How long the data of the deep-inelastic fit take: reading, covariance, split and pseudodata.

Run with ``python benchmarks/data.py``; the cache of data sets is put into a temporary folder.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from n3fit.data import (
    CommonData,
    EigenbasisSplit,
    PseudodataGenerator,
    TheoryFeatures,
    apply_cuts,
    assemble,
    default_cuts,
    load_commondata,
)
from n3fit.storage import CACHE_VARIABLE

Result = TypeVar("Result")

DATASETS = {
    "NMC_NC_NOTFIXED_EM-F2": "legacy_dw",
    "NMC_NC_NOTFIXED_P_EM-SIGMARED": "legacy",
    "SLAC_NC_NOTFIXED_P_EM-F2": "legacy_dw",
    "SLAC_NC_NOTFIXED_D_EM-F2": "legacy_dw",
    "BCDMS_NC_NOTFIXED_P_EM-F2": "legacy_dw",
    "BCDMS_NC_NOTFIXED_D_EM-F2": "legacy_dw",
    "HERA_NC_318GEV_EM-SIGMARED": "legacy",
    "HERA_NC_225GEV_EP-SIGMARED": "legacy",
    "HERA_NC_251GEV_EP-SIGMARED": "legacy",
    "HERA_NC_300GEV_EP-SIGMARED": "legacy",
    "HERA_NC_318GEV_EP-SIGMARED": "legacy",
    "HERA_CC_318GEV_EM-SIGMARED": "legacy",
    "HERA_CC_318GEV_EP-SIGMARED": "legacy",
}


def measure(what: str, task: Callable[[], Result]) -> Result:
    """Run a task and print a row of the table."""
    start, start_cpu = time.perf_counter(), time.process_time()
    result = task()
    print(f"{what:45s} {time.perf_counter() - start:8.2f} s {time.process_time() - start_cpu:8.2f} s")
    return result


def load_all() -> list[CommonData]:
    """Load the thirteen data sets with the strict cuts."""
    cuts = default_cuts(TheoryFeatures(order=2, scheme="FONLL-C", fitted_charm=True))
    return [apply_cuts(load_commondata(name, variant), cuts) for name, variant in DATASETS.items()]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE_VARIABLE] = folder
        print(f"{'':45s} {'wall':>10s} {'processor':>10s}")
        datasets = measure("thirteen data sets, from text", load_all)
        measure("thirteen data sets, from the cache", load_all)
    data = measure(f"covariance of {sum(map(len, datasets))} points", lambda: assemble(datasets, None))
    split = measure("eigenbasis", lambda: EigenbasisSplit(data.t0_covariance, datasets))
    measure("masks of 100 replicas", lambda: split.training_masks(range(1, 101), fraction=0.75, seed=1))
    fluctuations = measure("Cholesky decomposition", lambda: PseudodataGenerator(datasets, data.t0_covariance))
    measure(
        "pseudodata of 100 replicas", lambda: np.array([fluctuations.draw(seed=1, replica=r) for r in range(1, 101)])
    )


if __name__ == "__main__":
    main()
