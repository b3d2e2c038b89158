"""Trials of a scan of a small fit: three data sets of which two are folds."""

from __future__ import annotations

from typing import Any

from n3fit.hyperopt.evaluation import TrialEvaluator
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard
from n3fit.runcard.kfold import KFold
from support import problems

ELECTRONS = {"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy", "frac": 0.7}
POSITRONS = {"dataset": "HERA_CC_318GEV_EP-SIGMARED", "variant": "legacy", "frac": 0.7}
RATIO = {"dataset": "NMC_NC_NOTFIXED_EM-F2", "variant": "legacy_dw", "frac": 0.7}
PARTITIONS = [{"datasets": [ELECTRONS["dataset"]]}, {"datasets": [POSITRONS["dataset"]]}]


def make_card(datasets: Any = (ELECTRONS, POSITRONS, RATIO), *, epochs: int = 60, **changes: Any) -> Runcard:
    """Return the card of a fit of these data sets in double precision."""
    base = problems.make_runcard(epochs=epochs, positivity={"initial": 10, "threshold": 1e30})
    content = base.model_dump(exclude_unset=True) | {
        "dataset_inputs": list(datasets),
        "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5},
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "added_filter_rules": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "rule": "x > 0.1"}],
        "diagonal_basis": False,
        "double_precision": True,
    }
    return Runcard.model_validate(content | changes)


def make_evaluator(
    paths: Any, card: Runcard | None = None, replicas: Any = (1, 2), progress: Any = None, **changes: Any
) -> TrialEvaluator:
    """Return the evaluator of the trials of a card, with some keys of ``kfold`` changed."""
    kfold = KFold.model_validate({"partitions": PARTITIONS, "threshold": 1e30, "reduce_proportion": 1.0} | changes)
    return TrialEvaluator(card or make_card(), kfold, paths, replicas, progress=progress or NullReporter())


def parameters_of(**changes: Any) -> dict[str, Any]:
    """Return the parameters of the card with some of them changed."""
    return {**make_card().model_dump(exclude_unset=True)["parameters"], **changes}


def limit_memory(monkeypatch: Any, most: int) -> list[int]:
    """Make trainings of more than ``most`` replicas run out of memory; return the sizes of all trainings."""
    from n3fit.hyperopt import fold_training

    sizes: list[int] = []
    train_replicas = fold_training.train_replicas

    def train(settings: Any, architecture: Any, problem: Any, replicas: Any, **options: Any) -> Any:
        sizes.append(len(replicas))
        if len(replicas) > most:
            raise MemoryError("out of memory")
        return train_replicas(settings, architecture, problem, replicas, **options)

    monkeypatch.setattr(fold_training, "train_replicas", train)
    return sizes
