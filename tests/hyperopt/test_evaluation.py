"""Trials of a scan of a small fit: against plain fits, in divided batches, and where they fail."""

import resource
from pathlib import Path

import numpy as np
import pytest
from support.progress import RecordedSteps
from support.trials import (
    ELECTRONS,
    POSITRONS,
    RATIO,
    limit_memory,
    make_card,
    make_evaluator,
    parameters_of,
)

from n3fit.errors import RuncardError
from n3fit.fit.inputs import load_inputs
from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
from n3fit.fit.settings import fit_settings
from n3fit.hyperopt.folds import fold_seed
from n3fit.hyperopt.losses import overfit_term
from n3fit.progress import NullReporter
from n3fit.seeds import SeededReplica
from n3fit.training.trainer import train_replicas


@pytest.fixture(scope="module")
def evaluator(paths):
    return make_evaluator(paths, penalties=["saturation", "patience", "integrability"])


@pytest.fixture(scope="module")
def result(evaluator):
    return evaluator.evaluate(parameters_of())


def plain_fit(paths, card, fold, replicas=(1, 2)):
    """Fit the data sets of a card as a fit does, but with the seeds of a fold."""
    inputs = load_inputs(card, paths, progress=NullReporter())
    settings = fit_settings(card)
    architecture = make_architecture(card, inputs)
    pseudodata = make_pseudodata(settings, inputs, replicas)
    problem = make_problem(settings, inputs, replicas, pseudodata, basis=architecture.evolution_basis)
    slots = [SeededReplica(replica, fold_seed(card.nnseed, fold)) for replica in replicas]
    return train_replicas(settings.training, architecture, problem, slots, progress=NullReporter()).record


def test_shapes_and_loss(result):
    assert (result.status, result.reason) == ("ok", "")
    assert result.hyper_losses.shape == (2, 2)
    assert {name: values.shape for name, values in result.penalties.items()} == dict.fromkeys(
        ("saturation", "patience", "integrability"), (2, 2)
    )
    expected = result.fold_losses.mean() + overfit_term(result.trvl_losses_chi2exp.mean())
    assert result.loss == pytest.approx(expected, rel=1e-12)
    # all replicas count, and the smallest of their experimental losses
    smallest = np.maximum(result.hyper_losses.min(axis=1), 2.0)
    np.testing.assert_allclose(result.fold_losses, result.validation_losses + smallest - 2.0, rtol=1e-12)
    np.testing.assert_allclose(result.experimental_losses, result.hyper_losses.mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("eigenbasis", [False, True], ids=["points", "eigenbasis"])
def test_a_fold_is_the_fit_of_its_data(paths, eigenbasis):
    """Data sets left out do not matter: neither their data nor their correlations with the others.

    With central data, as pseudodata of one data set depend on the others.
    """
    changes = {"genrep": False, "diagonal_basis": eigenbasis}
    card = make_card(**changes)
    folds = make_evaluator(paths, card).evaluate(parameters_of())
    for fold, remaining in enumerate([(POSITRONS, RATIO), (ELECTRONS, RATIO)]):
        record = plain_fit(paths, make_card(remaining, **changes), fold)
        assert record.best_epoch.min() > 0
        assert folds.validation_losses[fold] == pytest.approx(record.validation_chi2.mean(), rel=1e-6)


def test_replicas_do_not_depend_on_others(paths, result):
    alone = make_evaluator(paths, replicas=(2,)).evaluate(parameters_of())
    np.testing.assert_allclose(alone.hyper_losses[:, 0], result.hyper_losses[:, 1], rtol=1e-6)
    np.testing.assert_allclose(alone.hyper_losses_phi2, 0.0, atol=1e-7)


def test_trials_do_not_depend_on_those_before(evaluator, result):
    evaluator.evaluate(parameters_of(nodes_per_layer=[3, 8], epochs=20))
    again = evaluator.evaluate(parameters_of())
    np.testing.assert_array_equal(again.hyper_losses, result.hyper_losses)
    assert again.loss == result.loss


def test_data_of_the_fold_judge(paths):
    """One fit of a replica, judged by all data or by the ratio alone, which nothing correlates with the others."""
    everything, ratio = (
        make_evaluator(paths, replicas=(1,), partitions=[partition]).evaluate(parameters_of(epochs=5))
        for partition in ({"datasets": None}, {"datasets": [RATIO["dataset"]], "overfit": True})
    )
    assert everything.trvl_losses_chi2[0] == pytest.approx(everything.hyper_losses[0, 0], rel=1e-12)
    own, others = 121, 39 + 42
    total = own * ratio.hyper_losses[0, 0] + others * ratio.trvl_losses_chi2[0]
    assert everything.hyper_losses[0, 0] == pytest.approx(total / (own + others), rel=1e-9)
    assert ratio.hyper_losses[0, 0] != pytest.approx(ratio.trvl_losses_chi2[0], rel=1e-2)


def test_a_batch_that_does_not_fit_is_divided(paths, result, monkeypatch):
    sizes = limit_memory(monkeypatch, 2)
    progress = RecordedSteps()
    calls = []
    divided = make_evaluator(paths, progress=progress).evaluate(
        parameters_of(), on_fold=lambda number, loss: calls.append((number, len(sizes))) or False
    )
    assert sizes == [4, 2, 2]
    assert calls == [(0, 2), (1, 3)]
    assert any("need more memory" in message for message in progress.messages)
    np.testing.assert_allclose(divided.hyper_losses, result.hyper_losses, rtol=1e-6)


def test_stop_between_folds_trains_no_more(paths, monkeypatch):
    sizes = limit_memory(monkeypatch, 2)
    stopped = make_evaluator(paths).evaluate(parameters_of(), on_fold=lambda number, loss: True)
    assert sizes == [4, 2]
    assert (stopped.status, len(stopped.hyper_losses)) == ("fail", 1)
    assert "stopped between folds" in stopped.reason


def test_too_little_memory_for_one_replica_fails_the_trial(evaluator, monkeypatch):
    limit_memory(monkeypatch, 0)
    failed = evaluator.evaluate(parameters_of())
    assert (failed.status, failed.loss) == ("fail", np.inf)
    assert "memory" in failed.reason


def test_nan_fails_the_trial(evaluator):
    optimizer = {"optimizer_name": "SGD", "learning_rate": 1e200, "clipnorm": 1e200}
    failed = evaluator.evaluate(parameters_of(optimizer=optimizer))
    assert failed.status == "fail"
    assert "NaN or infinity" in failed.reason
    assert not np.isnan(failed.loss)


def test_invalid_parameters(evaluator):
    with pytest.raises(RuncardError, match="nodes_per_layer"):
        evaluator.evaluate(parameters_of(nodes_per_layer=[4, 7]))


def test_phi_needs_two_replicas(paths):
    with pytest.raises(RuncardError, match="phi2 needs at least two replicas"):
        make_evaluator(paths, replicas=(1,), loss_type="phi2")


def test_inputs_have_hashes(evaluator):
    assert any(name.startswith("data HERA") for name in evaluator.hashes)
    assert evaluator.loss_type == "chi2"


@pytest.mark.slow
def test_memory_is_flat_over_trials(paths):
    """Every trial has an architecture of its own; after the first ten the memory does not grow."""
    evaluator = make_evaluator(paths)
    used = []
    for trial in range(50):
        evaluator.evaluate(parameters_of(nodes_per_layer=[4 + trial, 8], epochs=10))
        used.append(resident_mb())
    assert max(used[-10:]) < max(used[:10]) + 40


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
