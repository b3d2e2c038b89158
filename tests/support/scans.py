"""Folders of hyperparameter scans as nnpdf and n3fit write them, with losses by a formula."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.results.tries import Try

PARAMETERS: Mapping[str, Any] = {
    "nodes_per_layer": [5, 4, 8],
    "activation_per_layer": "tanh",
    "initializer": "glorot_normal",
    "layer_type": "dense",
    "dropout": 0.0,
    "optimizer": {"optimizer_name": "Nadam", "learning_rate": 0.01, "clipnorm": 1.0},
    "epochs": 200,
    "stopping_patience": 0.5,
    "positivity": {"initial": 10.0, "multiplier": 1.05},
}
"""Parameters of a small trial."""


def old_entry(tid: int, loss: float, *, status: str = "ok", text: bool = False, **changes: Any) -> dict[str, Any]:
    """Return an entry of ``tries.json`` of nnpdf with two folds of three replicas; arrays are text or lists."""
    replicas = np.array([[loss, loss + 0.1, loss + 0.2], [loss, loss + 0.3, loss + 0.6]])

    def array(values: np.ndarray) -> Any:
        return str(values) if text else values.tolist()

    folds = {
        "validation_losses": array(replicas.mean(axis=1) / 2),
        "experimental_losses": array(replicas.mean(axis=1)),
        "hyper_losses": array(replicas),
        **{f"hyper_losses_{name}": array(replicas.mean(axis=1)) for name in ("chi2", "phi2", "logp")},
        **{f"trvl_losses_{name}": array(replicas.min(axis=1)) for name in ("chi2", "chi2exp", "phi2", "logp")},
        "penalties": {"saturation": array(replicas / 10)},
    }
    return {
        "state": 2,
        "tid": tid,
        "spec": None,
        "result": {
            "status": status,
            "loss": loss,
            "validation_loss": loss / 2,
            "experimental_loss": loss,
            "kfold_meta": folds,
        },
        "misc": {
            "tid": tid,
            "cmd": ["domain_attachment", "FMinIter_Domain"],
            "workdir": None,
            "idxs": {"epochs": [tid]},
            "vals": {"epochs": [200.0]},
            "space_vals": {**PARAMETERS, **changes},
        },
        "exp_key": None,
        "owner": None,
        "version": 0,
        "book_time": f"2026-02-04 10:{tid % 60:02d}:00.250000",
        "refresh_time": f"2026-02-04 10:{tid % 60:02d}:30.750000",
    }


def write_scan(folder: Path, entries: Sequence[Any], runcard: str = "description: a scan\n") -> Path:
    """Write the folder of a scan, and return it."""
    (folder / "nnfit" / "replica_1").mkdir(parents=True)
    (folder / "filter.yml").write_text(runcard)
    (folder / "nnfit" / "replica_1" / "tries.json").write_text(json.dumps(list(entries)))
    return folder


def field_losses(number: int) -> list[float]:
    """Return the losses 5 + ((37 i) mod 101)/100."""
    return [5 + ((37 * index) % 101) / 100 for index in range(number)]


def make_entries(losses: Sequence[float], change: Callable[[int], Mapping[str, Any]] = lambda _: {}) -> list[Any]:
    """Return an entry for each loss, its parameters changed by ``change(tid)``."""
    return [old_entry(tid, loss, **change(tid)) for tid, loss in enumerate(losses)]


def make_tries(number: int = 12) -> list[Try]:
    """Return trials of which every fifth failed; the best one is number 7."""
    tries = []
    for tid in range(number):
        loss = 1 + 0.1 * ((5 * tid + 1) % 12)
        entry = old_entry(tid, loss)
        optimizer = {"optimizer_name": ("Nadam", "Adam")[tid % 2], "learning_rate": 10.0 ** (-tid / 3)}
        parameters: dict[str, Any] = {
            "nodes_per_layer": [5, 8] if tid % 3 else [5, 4, 8],
            "epochs": 100 + tid,
            "optimizer": optimizer,
        }
        status = "fail" if tid % 5 == 4 else "ok"
        tries.append(Try(tid, 2, status, loss, parameters, entry["result"], 10.0 + tid))
    return tries
