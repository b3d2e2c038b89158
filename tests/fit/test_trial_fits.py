"""Fits whose replicas take their networks from the trials of a scan: each replica as in a fit of its own."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.scans import make_entries, write_scan

from n3fit import api
from n3fit.errors import DataError
from n3fit.fit.initial_weights import read_initial_weights
from n3fit.fit.replica_cards import read_replica_cards
from n3fit.progress import NullReporter
from n3fit.results import FitFolder, read_fit_folder
from n3fit.runcard import read_runcard

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
BEGIN, END = CARD.index("parameters:"), CARD.index("fitting:")
KEPT = "{threshold_chi2: 1e6, positivity: {threshold: 1e6}, integrability: {initial: 10}}"
TRIALS: tuple[dict[str, Any], ...] = (
    {"nodes_per_layer": [5, 4, 8], "epochs": 60, "positivity": {"initial": 10.0}},
    {
        "nodes_per_layer": [7, 8], "epochs": 310, "activation_per_layer": "sigmoid", "positivity": {"initial": 30.0},
        "optimizer": {"optimizer_name": "Adam", "learning_rate": 0.02, "clipnorm": 0.5}, "stopping_patience": 1.0,
    },
)  # fmt: skip
"""The best trial, for even replicas, and the second one, for odd ones."""

Fit = Callable[..., FitFolder]


def write_card(path: Path, parameters: str, more: str = "debug: true\n") -> Path:
    path.write_text(f"{CARD[:BEGIN]}{more}{parameters}\n{CARD[END:]}")
    return path


def plain_parameters(trial: dict[str, Any]) -> str:
    """Return the keys ``parameters`` of a card without trials that has the network of one."""
    optimizer = {"optimizer_name": "Nadam", "learning_rate": 0.01, "clipnorm": 1.0}
    names = [trial.get("activation_per_layer", "tanh")] * (len(trial["nodes_per_layer"]) - 1)
    content = {
        "nodes_per_layer": trial["nodes_per_layer"],
        "activation_per_layer": [*names, "linear"],
        "epochs": trial["epochs"],
        "optimizer": trial.get("optimizer", optimizer),
        "stopping_patience": trial.get("stopping_patience", 0.5),
        "threshold_chi2": 1e6,
        "positivity": {**trial["positivity"], "threshold": 1e6},
        "integrability": {"initial": 10},
    }
    return f"parameters: {json.dumps(content)}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scan and the card of its ensemble."""
    home = tmp_path_factory.mktemp("trials")
    write_scan(home / "scan", make_entries([1.0, 2.0], lambda tid: TRIALS[tid]))
    specs = f"trial_specs: {{hyperscan: scan, number_of_trials: 2}}\nparameters: {KEPT}"
    write_card(home / "ensemble.yml", specs)
    write_card(home / "together.yml", specs, more="")
    for number, trial in enumerate(TRIALS):
        write_card(home / f"trial_{number}.yml", plain_parameters(trial))
    return home


@pytest.fixture(scope="module")
def fit(home: Path, toy_pdf_sets: Path) -> Fit:
    """Fit replicas of a card of the folder."""

    def run(name: str, replicas: list[int], card: str = "ensemble", **options: Any) -> FitFolder:
        api.fit(home / f"{card}.yml", replicas=replicas, output=home / name, pdf_path=toy_pdf_sets, **options)
        return read_fit_folder(home / name)

    return run


@pytest.fixture(scope="module")
def ensemble(fit: Fit) -> FitFolder:
    return fit("ensemble", [1, 2, 3])


def assert_same(one: FitFolder, other: FitFolder, replica: int) -> None:
    """Compare every bit of what is left of a replica."""
    places = [folder.replicas.tolist().index(replica) for folder in (one, other)]
    for field in ("pdf", "predictions", "alpha", "positivity_losses"):
        values = [getattr(folder.results, field)[place] for folder, place in zip((one, other), places, strict=True)]
        np.testing.assert_array_equal(*values, err_msg=field)
    for name, arrays in one.weights(replica).items():
        for array, twin in zip(arrays, other.weights(replica)[name], strict=True):
            assert array.tobytes() == twin.tobytes(), name


def info(folder: FitFolder, replica: int) -> dict[str, Any]:
    path = folder.path / "nnfit" / f"replica_{replica}" / f"{folder.path.name}.json"
    return dict(json.loads(path.read_text()))


def test_each_replica_is_that_of_a_fit_with_the_keys_of_its_trial(ensemble: FitFolder, fit: Fit) -> None:
    """Network, optimiser, epochs, patience and first multipliers, whichever replica is the first of the run."""
    odd = fit("odd", [3], "trial_1")
    even = fit("even", [2], "trial_0")
    assert_same(ensemble, odd, 3)
    assert_same(ensemble, even, 2)


def test_what_the_folder_says(ensemble: FitFolder) -> None:
    assert ensemble.replicas.tolist() == [1, 2, 3]
    assert ensemble.description.epochs == 310
    assert [trial.tid for trial in ensemble.description.trials] == [0, 1]
    assert ensemble.weights(1)["all_NNs"][0].shape == (1, 2, 7)
    assert ensemble.weights(2)["all_NNs"][0].shape == (1, 2, 5)
    assert info(ensemble, 3)["hyperparameters"] == {
        "optimizer": "Adam", "learning_rate": 0.02, "clipnorm": 0.5, "epochs": 310, "stopping_patience": 1.0,
        "initial": 30.0, "nodes_per_layer": [7, 8], "number_of_layers": 1, "activation": "sigmoid",
        "layer_type": "dense", "initializer": "glorot_normal", "dropout": 0.0,
    }  # fmt: skip
    assert info(ensemble, 2)["hyperparameters"]["nodes_per_layer"] == [5, 4, 8]
    assert info(ensemble, 2)["stop_epoch"] <= 60 < info(ensemble, 3)["hyperparameters"]["epochs"]
    log = json.loads((ensemble.path / "nnfit" / "replica_2" / "chi2exps.log").read_text())
    assert max(map(int, log)) == 60
    assert all(entry["training_loss"] is not None for entry in log.values())
    assert any(name.startswith("trials of the scan scan") for name in ensemble.manifest.inputs)


def test_replicas_that_are_fitted_later(ensemble: FitFolder, fit: Fit, home: Path) -> None:
    """Alone, added and merged, each replica is the same; a scan that has changed is noticed."""
    assert_same(ensemble, fit("alone", [2]), 2)
    tries = home / "scan" / "nnfit" / "replica_1" / "tries.json"
    before = tries.read_text()
    try:
        tries.write_text(before + "\n")
        with pytest.raises(DataError, match="was made with other inputs: trials of the scan scan"):
            fit("alone", [3], add=True)
    finally:
        tries.write_text(before)
    added = fit("alone", [3], add=True)
    assert added.replicas.tolist() == [2, 3]
    fit("first", [1])
    merged = read_fit_folder(api.merge([added.path, home / "first"], output=home / "merged").path)
    assert merged.replicas.tolist() == [1, 2, 3]
    for replica in (1, 2, 3):
        assert_same(ensemble, merged, replica)
    assert info(merged, 3)["hyperparameters"] == info(ensemble, 3)["hyperparameters"]


def test_replicas_of_one_trial_train_together(ensemble: FitFolder, fit: Fit) -> None:
    """Groups of a trial each, the results in the order of the replicas; in single precision up to rounding."""
    together = fit("together", [1, 2, 3], "together")
    assert together.replicas.tolist() == [1, 2, 3]
    assert together.manifest.environment["replicas_together"] == 2
    np.testing.assert_allclose(together.results.pdf, ensemble.results.pdf, rtol=2e-2, atol=2e-3)


class InterruptedLater(NullReporter):
    """Send SIGINT in the training of the trial with more epochs."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Interrupt before the end."""
        if epoch < total == 310:
            signal.raise_signal(signal.SIGINT)


def test_an_interrupted_fit_goes_on_in_the_second_group(ensemble: FitFolder, fit: Fit, home: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit("broken", [2, 3], progress=InterruptedLater())
    before = read_fit_folder(home / "broken")
    assert (before.manifest.status, before.replicas.tolist()) == ("interrupted", [2])
    resumed = fit("broken", [2, 3], resume=True)
    assert (resumed.manifest.status, resumed.replicas.tolist()) == ("complete", [2, 3])
    for replica in (2, 3):
        assert_same(ensemble, resumed, replica)


def test_start_from_the_weights_of_such_a_fit(ensemble: FitFolder, home: Path) -> None:
    specs = "trial_specs: {hyperscan: scan, number_of_trials: 2}"
    path = write_card(home / "again.yml", f"{specs}\nparameters: {KEPT}\nload_weights_from_fit: ensemble")
    card = read_runcard(path)
    start = read_initial_weights(card, [2, 3], source=path, cards=read_replica_cards(card, source=path))
    assert start is not None
    for replica, weights in zip((2, 3), start.replicas, strict=True):
        for name, arrays in ensemble.weights(replica).items():
            for array, twin in zip(arrays, weights[name], strict=True):
                np.testing.assert_array_equal(array, twin)
    other = ensemble.path / "nnfit" / "replica_3" / ensemble.description.weights_file
    shutil.copy(other, home / "one.weights.h5")
    path = write_card(home / "one.yml", f"{specs}\nparameters: {KEPT}\nload: one.weights.h5")
    card = read_runcard(path)
    cards = read_replica_cards(card, source=path)
    assert read_initial_weights(card, [1, 3], source=path, cards=cards) is not None
    with pytest.raises(DataError, match="one.weights.h5: weights of another architecture"):
        read_initial_weights(card, [1, 2], source=path, cards=cards)


def test_check_names_the_trials(home: Path, toy_pdf_sets: Path) -> None:
    summary = api.check(home / "ensemble.yml", replicas=[1, 2, 3], pdf_path=toy_pdf_sets)
    assert isinstance(summary, api.CheckSummary)
    assert [(entry.trial, entry.loss, entry.replicas) for entry in summary.trials] == [
        (0, 1.0, (2,)), (1, 2.0, (1, 3)),
    ]  # fmt: skip
    parameters = [2 * 5 + 5 + 5 * 4 + 4 + 4 * 8 + 8, 2 * 7 + 7 + 7 * 8 + 8]
    assert summary.parameters == max(parameters)
