"""Outcomes of imaginary fits for the tests of results/ and report/.

The PDFs are those of the Les Houches toy (hep-ph/0204316) with an intrinsic charm and smooth random factors; the data
sets have the names, sizes and kinematic shapes of real ones.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.results import DatasetSummary, FitFolder, FitOutcome, TrainingHistory, export_xgrid, write_fit_folder
from n3fit.theory.flavours import EXPORT_PIDS

RUNCARD = """description: Toy fit <b>with</b> markup & 100 % care
dataset_inputs:
- {dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy}
trvlseed: 1
"""
FLAVOURS = ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
PARAMETERS = [{"fl": name, "smallx": (0.9, 1.1), "largex": (1.5, 3.0), "trainable": False} for name in FLAVOURS]
THEORY = {"id": "dis_nnlo", "card": {"PTO": 2, "alphas": 0.118, "mc": 1.51, "mb": 4.92, "Q0": 1.65}}
SETS = (
    ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw", "DEUTERON", "DIS_NC", 121),
    ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "legacy", "NMC", "DIS_NC", 204),
    ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw", "SLAC", "DIS_NC", 33),
    ("SLAC_NC_NOTFIXED_D_EM-F2", "legacy_dw", "DEUTERON", "DIS_NC", 34),
    ("BCDMS_NC_NOTFIXED_P_EM-F2", "legacy_dw", "BCDMS", "DIS_NC", 333),
    ("BCDMS_NC_NOTFIXED_D_EM-F2", "legacy_dw", "DEUTERON", "DIS_NC", 248),
    ("HERA_NC_318GEV_EM-SIGMARED", "legacy", "HERACOMB", "DIS_NC", 159),
    ("HERA_NC_225GEV_EP-SIGMARED", "legacy", "HERACOMB", "DIS_NC", 204),
    ("HERA_NC_251GEV_EP-SIGMARED", "legacy", "HERACOMB", "DIS_NC", 254),
    ("HERA_NC_300GEV_EP-SIGMARED", "legacy", "HERACOMB", "DIS_NC", 70),
    ("HERA_NC_318GEV_EP-SIGMARED", "legacy", "HERACOMB", "DIS_NC", 377),
    ("HERA_CC_318GEV_EM-SIGMARED", "legacy", "HERACOMB", "DIS_CC", 42),
    ("HERA_CC_318GEV_EP-SIGMARED", "legacy", "HERACOMB", "DIS_CC", 39),
)
SMALL_SETS = tuple((*entry[:4], size) for entry, size in zip(SETS[:3], (5, 4, 1), strict=True))


def toy_pdf(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give x f(x) of one replica, (nx, 14)."""

    def wiggle(size: float) -> np.ndarray:
        a, b, phase = random.normal(scale=size, size=3)
        log = np.log10(x) / 9
        return np.exp(a + b * np.sin(5 * log + 6 * phase / size) + a * 4 * np.maximum(x - 0.3, 0) ** 2)

    u_valence = 5.107200 * x**0.8 * (1 - x) ** 3 * wiggle(0.03)
    d_valence = 3.064320 * x**0.8 * (1 - x) ** 4 * wiggle(0.06)
    gluon = 1.700000 * x**-0.1 * (1 - x) ** 5 * wiggle(0.08)
    d_bar = 0.1939875 * x**-0.1 * (1 - x) ** 6 * wiggle(0.08)
    u_bar = d_bar * (1 - x) * wiggle(0.05)
    strange = 0.2 * (u_bar + d_bar) * wiggle(0.25)
    charm = 0.05 * strange * wiggle(0.6) + 0.4 * x**2 * (1 - x) ** 5 * wiggle(0.4)
    zero = np.zeros_like(x)
    by_pid = {
        21: gluon, 2: u_valence + u_bar, -2: u_bar, 1: d_valence + d_bar, -1: d_bar, 3: strange, -3: strange,
        4: charm, -4: charm,
    }  # fmt: skip
    return np.stack([by_pid.get(pid, zero) for pid in EXPORT_PIDS], axis=1)


def _dataset(entry: tuple[str, str, str, str, int], start: int, random: np.random.Generator) -> DatasetSummary:
    name, variant, experiment, process, size = entry
    x = np.sort(10 ** random.uniform(-4 if "HERA" in name else -2, -0.2, size))
    return DatasetSummary(
        name=name,
        variant=variant,
        experiment=experiment,
        process_type=process,
        slice=slice(start, start + size),
        x=x,
        q2=3.5 * 10 ** random.uniform(0, 3 if "HERA" in name else 1.5, size),
        y=random.uniform(0.01, 0.9, size),
    )


def make_outcome(replicas: int = 20, *, sets: Any = SETS, seed: int = 7, **changes: Any) -> FitOutcome:
    """Give the outcome of an imaginary fit; ``changes`` replace fields of it."""
    random = np.random.default_rng(seed)
    datasets, start = [], 0
    for entry in sets:
        datasets.append(_dataset(entry, start, random))
        start += entry[4]
    truth = np.concatenate([0.3 + d.x**-0.2 * (1 - d.x) ** 2 for d in datasets]) if datasets else np.zeros(0)
    errors = 0.03 * truth
    correlated = 0.02 * truth
    covariance = np.diag(errors**2) + np.outer(correlated, correlated)
    central = truth + errors * random.normal(size=start) + correlated * random.normal()
    predictions = (
        truth + 0.3 * errors * random.normal(size=(replicas, 1)) + 0.2 * errors * random.normal(size=(replicas, start))
    )
    x = export_xgrid()
    epochs = np.arange(99, 17000, 100)
    decay = 1.2 + 40 * np.exp(-(epochs[:, None] + 1) / (300 + 60 * random.random(replicas)))
    best = random.integers(5000, 16999, size=replicas)
    passed = random.random(replicas) < 0.85
    passed[0] = True
    positivity = ("POS_F2U", "POS_F2D", "POS_FLL", "POS_XGL")
    outcome = FitOutcome(
        name="toy",
        replicas=np.arange(1, replicas + 1),
        fitbasis="EVOL",
        flavours=FLAVOURS,
        q0=1.65,
        alpha=random.uniform(0.9, 1.1, (replicas, 8)),
        beta=random.uniform(1.5, 3.0, (replicas, 8)),
        epochs=17000,
        stop_epoch=np.minimum(best + 1700, 16999),
        best_epoch=best,
        training_chi2=random.normal(2.1, 0.1, replicas),
        validation_chi2=random.normal(2.2, 0.15, replicas),
        positivity_passed=passed,
        finite=np.ones(replicas, dtype=bool),
        guarded=np.zeros(replicas, dtype=bool),
        positivity_losses={name: np.where(passed, 1e-8, 1e-4) * (1 + i) for i, name in enumerate(positivity)},
        integrability_losses={"INTEG_XT3": np.full(replicas, 1e-5), "INTEG_XT8": np.full(replicas, 2e-5)},
        arc_lengths=random.normal([1.5, 2.5, 1.6, 1.2, 1.4], 0.1, (replicas, 5)),
        integrability=np.abs(random.normal(0.02, 0.02, (replicas, 5))),
        xgrid=x,
        pdf=np.stack([toy_pdf(x, random) for _ in range(replicas)]),
        datasets=tuple(datasets),
        central=central,
        predictions=predictions,
        experimental_covariance=covariance,
        t0_covariance=1.05 * covariance,
        weights=tuple(
            {"all_NNs": [random.normal(size=(2, 3)), np.zeros(3)], "preprocessing_factor": [np.array([r], float)]}
            for r in range(replicas)
        ),
        history=TrainingHistory(epochs, decay, 1.1 * decay),
        timing={"data": 4.2, "training": 312.5, "total": 330.1},
        seeds={"trvlseed": 1, "nnseed": 2, "mcseed": 3},
        inputs={"runcard": "a" * 64, "theory dis_nnlo: NMC.pineappl.lz4": "b" * 64},
    )
    return replace(outcome, **changes)


def write_outcome(outcome: FitOutcome, folder: Path, **options: Any) -> FitFolder:
    """Write an outcome with the runcard, exponents and theory of this file; ``options`` replace arguments."""
    arguments = {"runcard_text": RUNCARD, "source": Path("cards/toy.yml"), "parameters": PARAMETERS, "theory": THEORY}
    return write_fit_folder(outcome, folder, **(arguments | options))
