"""Imaginary fits for the tests of results/ and report/.

The PDFs are those of the Les Houches toy (hep-ph/0204316) with an intrinsic charm and smooth random factors; the data
sets have the names, sizes and kinematic shapes of real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data import ClosureTruth
from n3fit.results import FitFolder, FitRecord, write_fit_folder
from n3fit.results.closure_arrays import collect_closure
from n3fit.results.manifest import Provenance
from n3fit.results.point_table import PointTable
from n3fit.results.records import ClosureRecord, DatasetRecord, FitDescription, TheoryCovarianceRecord
from n3fit.results.replica_results import ReplicaResults
from n3fit.results.residual_table import make_residuals
from n3fit.results.theory_covariance import StoredCovariance
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.xgrids import export_xgrid
from n3fit.training.record import TrainingRecord

RUNCARD = """description: Toy fit <b>with</b> markup & 100 % care
dataset_inputs:
- {dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy}
trvlseed: 1
"""
FLAVOURS = ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
RANGES = tuple(ExponentRange(name, (0.9, 1.1), (1.5, 3.0), False) for name in FLAVOURS)
TITLE = "Toy fit <b>with</b> markup & 100 % care"
CARD = {"PTO": 2, "ModEv": "TRN", "alphas": 0.118, "Qref": 91.2, "mc": 1.51, "mb": 4.92, "Q0": 1.65}
THEORY = {"id": "dis_nnlo", "card": CARD}
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


@dataclass(frozen=True)
class ToyDataset:
    """One data set: its record, and the kinematics of its points."""

    record: DatasetRecord
    x: np.ndarray
    q2: np.ndarray
    y: np.ndarray

    @property
    def slice(self) -> slice:
        """Its place among the points."""
        return slice(self.record.start, self.record.stop)


@dataclass(frozen=True)
class Outcome:
    """An imaginary fit with all its numbers side by side; shapes as in ``n3fit.results``."""

    name: str
    replicas: np.ndarray
    fitbasis: str
    flavours: tuple[str, ...]
    ranges: tuple[ExponentRange, ...]
    q0: float
    alpha: np.ndarray
    beta: np.ndarray
    epochs: int
    stop_epoch: np.ndarray
    best_epoch: np.ndarray
    training_chi2: np.ndarray
    validation_chi2: np.ndarray
    positivity_passed: np.ndarray
    finite: np.ndarray
    guarded: np.ndarray
    positivity_losses: Mapping[str, np.ndarray]
    integrability_losses: Mapping[str, np.ndarray]
    arc_lengths: np.ndarray
    integrability: np.ndarray
    xgrid: np.ndarray
    pdf: np.ndarray
    datasets: tuple[ToyDataset, ...]
    central: np.ndarray
    predictions: np.ndarray
    experimental_covariance: np.ndarray
    t0_covariance: np.ndarray
    weights: tuple[Mapping[str, list[np.ndarray]], ...]
    history_epochs: np.ndarray
    training_history: np.ndarray
    validation_history: np.ndarray
    timing: Mapping[str, float]
    seeds: Mapping[str, int]
    inputs: Mapping[str, str]
    pseudodata: np.ndarray | None = None
    closure: ClosureTruth | None = None
    theory_covariance: StoredCovariance | None = None
    weights_file: str = "weights.weights.h5"
    positivity_threshold: float = 1e-6
    title: str = TITLE

    def record(self, theory: Mapping[str, Any] = THEORY) -> FitRecord:
        """Return what a fit folder records of it."""
        return FitRecord(self._description(theory), self._points(), self.results())

    def results(self) -> ReplicaResults:
        """Return the results of its replicas."""
        return ReplicaResults(
            replicas=self.replicas,
            alpha=self.alpha,
            beta=self.beta,
            training=TrainingRecord(
                stop_epoch=self.stop_epoch,
                best_epoch=self.best_epoch,
                training_chi2=self.training_chi2,
                validation_chi2=self.validation_chi2,
                finite=self.finite,
                training_history=self.training_history,
                validation_history=self.validation_history,
                history_epochs=self.history_epochs,
            ),
            positivity_passed=self.positivity_passed,
            guarded=self.guarded,
            positivity_losses=_columns(self.positivity_losses, len(self.replicas)),
            integrability_losses=_columns(self.integrability_losses, len(self.replicas)),
            arc_lengths=self.arc_lengths,
            integrability=self.integrability,
            predictions=self.predictions,
            pdf=self.pdf,
            xgrid=self.xgrid,
        )

    def _description(self, theory: Mapping[str, Any]) -> FitDescription:
        closure = self.closure
        return FitDescription(
            name=self.name,
            title=self.title,
            fitbasis=self.fitbasis,
            flavours=self.flavours,
            q0=self.q0,
            epochs=self.epochs,
            datasets=tuple(dataset.record for dataset in self.datasets),
            positivity_sets=tuple(self.positivity_losses),
            integrability_sets=tuple(self.integrability_losses),
            positivity_threshold=self.positivity_threshold,
            preprocessing=self.ranges,
            theory=dict(theory),
            weights_file=self.weights_file,
            closure=None if closure is None else ClosureRecord.model_validate(closure, from_attributes=True),
            theory_covariance=None
            if self.theory_covariance is None
            else self._covariance_record(self.theory_covariance),
        )

    def _covariance_record(self, stored: StoredCovariance) -> TheoryCovarianceRecord:
        covariance = stored.covariance
        return TheoryCovarianceRecord(
            columns=dict(covariance.sources),
            pdf="toy",
            theories={"2 1": "711"},
            user_matrix=None,
            in_fitting=covariance.in_fitting,
            in_sampling=covariance.in_sampling,
        )

    def _points(self) -> PointTable:
        columns = {
            name: np.concatenate([np.zeros(0), *(getattr(dataset, name) for dataset in self.datasets)])
            for name in ("x", "q2", "y")
        }
        return PointTable(
            **columns,
            central=self.central,
            experimental_error=np.sqrt(np.diag(self.experimental_covariance)),
            t0_error=np.sqrt(np.diag(self.t0_covariance)),
        )


def _columns(losses: Mapping[str, np.ndarray], replicas: int) -> np.ndarray:
    return np.stack(list(losses.values()), axis=1) if losses else np.zeros((replicas, 0))


def toy_pdf(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return x f(x) of one replica, (nx, 14)."""

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


def _dataset(entry: tuple[str, str, str, str, int], start: int, random: np.random.Generator) -> ToyDataset:
    name, variant, experiment, process, size = entry
    x = np.sort(10 ** random.uniform(-4 if "HERA" in name else -2, -0.2, size))
    return ToyDataset(
        record=DatasetRecord(
            name=name, variant=variant, experiment=experiment, process_type=process, start=start, stop=start + size
        ),
        x=x,
        q2=3.5 * 10 ** random.uniform(0, 3 if "HERA" in name else 1.5, size),
        y=random.uniform(0.01, 0.9, size),
    )


def make_outcome(replicas: int = 20, *, sets: Any = SETS, seed: int = 7, **changes: Any) -> Outcome:
    """Return an imaginary fit; ``changes`` replace fields of it."""
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
    outcome = Outcome(
        name="toy",
        replicas=np.arange(1, replicas + 1),
        fitbasis="EVOL",
        flavours=FLAVOURS,
        ranges=RANGES,
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
        history_epochs=epochs,
        training_history=decay.T,
        validation_history=1.1 * decay.T,
        timing={"data": 4.2, "training": 312.5, "total": 330.1},
        seeds={"trvlseed": 1, "nnseed": 2, "mcseed": 3},
        inputs={"runcard": "a" * 64, "theory dis_nnlo: NMC.pineappl.lz4": "b" * 64},
    )
    return replace(outcome, **changes)


def take(outcome: Outcome, chosen: Any) -> Outcome:
    """Return the outcome of some replicas: a mask, or indices."""
    rows = np.flatnonzero(chosen) if np.asarray(chosen).dtype == bool else np.asarray(chosen)
    arrays = {
        name: getattr(outcome, name)[rows]
        for name in (
            "replicas", "alpha", "beta", "stop_epoch", "best_epoch", "training_chi2", "validation_chi2",
            "positivity_passed", "finite", "guarded", "arc_lengths", "integrability", "pdf", "predictions",
            "training_history", "validation_history",
        )
    }  # fmt: skip
    return replace(
        outcome,
        **arrays,
        positivity_losses={name: losses[rows] for name, losses in outcome.positivity_losses.items()},
        integrability_losses={name: losses[rows] for name, losses in outcome.integrability_losses.items()},
        weights=tuple(outcome.weights[row] for row in rows),
        pseudodata=None if outcome.pseudodata is None else outcome.pseudodata[rows],
    )


def write_outcome(outcome: Outcome, folder: Path, **options: Any) -> FitFolder:
    """Write an outcome with the runcard and the theory of this file; ``options`` replace them."""
    values = {"runcard_text": RUNCARD, "source": Path("cards/toy.yml"), "theory": THEORY, "status": "complete"}
    values |= {"environment": {}, "force": False} | options
    record = outcome.record(values["theory"])
    closure = outcome.closure
    return write_fit_folder(
        record,
        folder,
        residuals=make_residuals(
            record.description.datasets,
            central=outcome.central,
            predictions=outcome.predictions,
            experimental_covariance=outcome.experimental_covariance,
            t0_covariance=outcome.t0_covariance,
        ),
        weights=outcome.weights,
        datasets=values.get("datasets", ()),
        provenance=Provenance(
            runcard_text=values["runcard_text"],
            runcard_name=values["source"].name,
            seeds=outcome.seeds,
            inputs=outcome.inputs,
            timing=outcome.timing,
            environment=values["environment"],
            status=values["status"],
        ),
        closure=None
        if closure is None
        else collect_closure(
            closure, record.description.datasets, predictions=outcome.predictions, central=outcome.central
        ),
        theory_covariance=outcome.theory_covariance,
        pseudodata=outcome.pseudodata,
        force=values["force"],
    )
