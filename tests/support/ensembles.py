"""Analytic PDFs at one scale, and a fit on few nodes, for the tests of ensembles and of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.results import FitFolder
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.theory.xgrids import export_xgrid
from support import outcomes

SMALL_XGRID = np.concatenate([np.geomspace(1e-7, 0.1, 30)[:-1], np.linspace(0.1, 1.0, 20)])


def toy_snapshot(replicas: int = 5, *, q: float = 1.65, label: str = "toy", **changes: Any) -> EnsembleOnGrid:
    """Return replicas that are the Les Houches toy times 1 + 0.1 k, k = -(R-1)/2 ... (R-1)/2."""
    x = export_xgrid()
    toy = les_houches_toy(EXPORT_PIDS, x).T
    factors = 1.0 + 0.1 * (np.arange(replicas) - 0.5 * (replicas - 1))
    arguments = {"kind": "replicas", "x": x, "members": factors[:, None, None] * toy, "central": toy}
    return EnsembleOnGrid(label=label, q=q, **(arguments | changes))


def small_fit(folder: Path, *, theory: Any = None, **changes: Any) -> FitFolder:
    """Write a fit of four replicas, of which the third is vetoed, on few nodes."""
    random = np.random.default_rng(3)
    pdf = np.stack([outcomes.toy_pdf(SMALL_XGRID, random) for _ in range(4)])
    values = {"xgrid": SMALL_XGRID, "pdf": pdf, "positivity_passed": np.array([True, True, False, True])}
    outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS, name="small", **(values | changes))
    return outcomes.write_outcome(outcome, folder / "small", **({"theory": theory} if theory is not None else {}))
