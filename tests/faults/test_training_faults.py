"""Faults of the training that n3fit survives; the numbers are those of the catalogue of faults."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.ensembles.integrability import unnormalised_replicas
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.model.training_model import build_training_model
from n3fit.progress import NullReporter
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.positivity import positivity_loss
from n3fit.theory.sum_rules import normalisations
from n3fit.training import trainer
from n3fit.training.stopping import ReplicaStopping, StoppingRules
from n3fit.training.trainer import train_replicas

REPLICAS = [1, 2, 3, 4, 5]
OTHERS = [0, 2, 4]


def train(problem, **parameters):
    replicas = REPLICAS[: len(problem.data)]
    settings = problems.make_settings(**({"epochs": 60} | parameters))
    return train_replicas(settings, problems.make_architecture(), problem, replicas, progress=NullReporter())


def weights_of(trained, index):
    return [array for arrays in trained.pdf_model.get_replica_weights(index).values() for array in arrays]


@pytest.fixture(scope="module")
def clean():
    return train(problems.make_problem(5))


@pytest.fixture(scope="module")
def broken():
    """The data of the second replica are nan, those of the fourth so large that their square is infinite."""
    problem = problems.make_problem(5)
    problem.data[1] = np.nan
    problem.data[3] = 1e30
    return train(problem)


def test_fault_46_nan_in_one_replica(clean, broken):
    assert clean.record.finite.all()
    assert clean.record.stop_epoch.tolist() == [59] * 5
    assert broken.record.finite.tolist() == [True, False, True, False, True]
    assert broken.record.stop_epoch.tolist() == [59, 0, 59, 0, 59]
    assert broken.record.best_epoch[1] == -1
    for index in OTHERS:
        for undisturbed, beside in zip(weights_of(clean, index), weights_of(broken, index), strict=True):
            np.testing.assert_array_equal(undisturbed, beside)
    for name in ("training_chi2", "validation_chi2", "best_epoch"):
        np.testing.assert_array_equal(getattr(clean.record, name)[OTHERS], getattr(broken.record, name)[OTHERS])


def test_fault_47_infinite_loss(broken):
    """The replica stays where it was, with finite weights."""
    start = build_pdf_model(problems.make_architecture(), REPLICAS)
    for index in (1, 3):
        first = [array for arrays in start.get_replica_weights(index).values() for array in arrays]
        for before, after in zip(first, weights_of(broken, index), strict=True):
            np.testing.assert_array_equal(before, after)
    assert np.isfinite(evaluate_pdf(broken.pdf_model, np.array([1e-5, 0.1, 0.9]))).all()
    assert np.isinf(broken.record.validation_chi2[3])


def test_fault_46_nan_in_the_weights():
    problem = problems.make_problem(3)
    results = []
    for poison in (False, True):
        pdf_model = build_pdf_model(problems.make_architecture(), REPLICAS[:3])
        if poison:
            weight = pdf_model.trainable_weights[0]
            values = weight.numpy().copy()
            values[1] = np.nan
            weight.assign(values)
        model = build_training_model(pdf_model, problem)
        problems.compile_as_trainer(model)
        settings = problems.make_settings().stopping
        rules = StoppingRules(problem.training_points, problem.validation_points, settings)
        stopping = ReplicaStopping(rules)
        model.perform_fit(epochs=20, callbacks=[stopping])
        results.append(([weight.numpy() for weight in model.trainable_weights], stopping.state))
    (undisturbed, _), (beside, state) = results
    assert state["finite"].tolist() == [True, False, True]
    assert state["active"].tolist() == [True, False, True]
    for one, other in zip(undisturbed, beside, strict=True):
        np.testing.assert_array_equal(one[[0, 2]], other[[0, 2]])


def test_fault_48_positivity_never_satisfied():
    """A table and the same with the other sign cannot both be positive."""
    problem = problems.make_problem(2)
    table = problems.make_table("pos", 4)
    opposite = replace(table, values=-table.values)
    observables = [problems.make_observable(name, [entry]) for name, entry in (("UP", table), ("DOWN", opposite))]
    problem = replace(problem, positivity=problems.make_penalty(observables, problem.xgrid, 1.0, 1.1))
    trained = train(problem, positivity={"threshold": 1e-6}, stopping_patience=0.05)
    assert trained.record.best_epoch.tolist() == [-1, -1]
    assert trained.record.stop_epoch.tolist() == [59, 59]
    assert trained.record.finite.all()
    pdf = evaluate_pdf(trained.pdf_model, problem.xgrid)
    losses = [positivity_loss(problems.predict_folded(folded, pdf)) for folded in problem.positivity.observables]
    assert (np.max(losses, axis=0) > 1e-3).all()
    # the weights are the latest: their losses are the recorded ones
    multipliers = {
        name: np.ones(2)[: 2 if "pos" in name else 1] for name in ("positivity_penalty", "integrability_penalty")
    }
    training = problems.plain_losses(problem, pdf, multipliers)["training"]
    np.testing.assert_allclose(training / problem.training_points, trained.record.training_chi2, rtol=1e-3)


@pytest.mark.parametrize("eigenbasis", [True, False], ids=["eigenbasis", "points"])
def test_fault_49_no_validation(eigenbasis):
    """Stopping watches the training loss."""
    problem = problems.make_problem(2, eigenbasis=eigenbasis)
    problem = replace(problem, chi2=replace(problem.chi2, training=np.ones_like(problem.chi2.training)))
    trained = train(problem, optimizer={"optimizer_name": "Nadam", "learning_rate": 1e-3})
    assert trained.record.finite.all()
    assert (trained.record.best_epoch >= 0).all()
    assert trained.record.validation_chi2.tolist() == [0.0, 0.0]
    assert (trained.record.training_chi2 <= trained.record.training_history.min(axis=1)).all()


def test_fault_50_clipping_is_per_replica(clean):
    """A neighbour with a gradient a million times larger changes no bit, though all gradients are clipped."""
    problem = problems.make_problem(5)
    problem.data[1] *= 1e3
    wild = train(problem)
    for index in (0, 2, 3, 4):
        for calm, beside in zip(weights_of(clean, index), weights_of(wild, index), strict=True):
            np.testing.assert_array_equal(calm, beside)


def test_fault_51_training_ends_with_the_last_replica():
    """Wild steps: every replica loses its patience long before the last epoch."""
    trained = train(
        problems.make_problem(2), epochs=100000, stopping_patience=1e-4,
        optimizer={"optimizer_name": "Nadam", "learning_rate": 0.3},
    )  # fmt: skip
    assert (trained.record.stop_epoch < 2000).all()
    assert trained.record.history_epochs[-1] - trained.record.stop_epoch.max() < 100
    assert trained.finished.all()
    assert (trained.record.best_epoch < trained.record.stop_epoch).all()


def test_fault_51_finished_replicas_leave_the_batch(clean, monkeypatch):
    """Two of five stop at once. Where a smaller batch pays, they are trained no longer; the others notice nothing."""
    problem = problems.make_problem(5)
    problem.data[[1, 3]] = np.nan
    sizes = []

    class Counted(trainer.Batch):
        def train(self, callbacks) -> None:
            sizes.append(len(self.slots))
            super().train(callbacks)

    monkeypatch.setattr(trainer, "Batch", Counted)
    monkeypatch.setattr(trainer, "operations_of_problem", lambda architecture, problem: 1e15)
    trained = train(problem, epochs=150)
    assert sizes == [5, 3]
    assert trained.record.stop_epoch.tolist() == [149, 0, 149, 0, 149]
    assert (trained.record.training_chi2[OTHERS] < clean.record.training_chi2[OTHERS]).all()


def test_fault_08_any_number_of_epochs_is_trained_exactly():
    """No multiple of the epochs of a compiled chunk, and none of the interval of the multipliers."""
    trained = train(problems.make_problem(2), epochs=137)
    assert trained.record.history_epochs[-1] == 136
    assert trained.record.stop_epoch.tolist() == [136, 136]


def test_fault_52_one_replica_or_a_hundred():
    """Beyond rounding, no result depends on the replicas beside it."""
    problem = problems.make_problem(100)
    many = train_many(problem, range(1, 101))
    alone = train_many(problems.select_replicas(problem, [57]), [58])
    assert alone.record.training_chi2[0] == pytest.approx(many.record.training_chi2[57], rel=1e-4)
    assert alone.record.best_epoch[0] == many.record.best_epoch[57]
    for one, among_others in zip(weights_of(alone, 0), weights_of(many, 57), strict=True):
        np.testing.assert_allclose(one, among_others, rtol=0, atol=1e-4)
    neighbour = weights_of(many, 56)
    assert max(np.abs(one - other).max() for one, other in zip(weights_of(many, 57), neighbour, strict=True)) > 0.1


def train_many(problem, replicas):
    settings = problems.make_settings(epochs=20)
    return train_replicas(settings, problems.make_architecture(), problem, list(replicas), progress=NullReporter())


def test_fault_52_one_replica_or_many(clean):
    problem = problems.select_replicas(problems.make_problem(5), [3])
    alone = train_replicas(
        problems.make_settings(epochs=60), problems.make_architecture(), problem, [REPLICAS[3]], progress=NullReporter()
    )
    assert alone.record.training_chi2[0] == pytest.approx(clean.record.training_chi2[3], rel=1e-4)
    for one, among_others in zip(weights_of(alone, 0), weights_of(clean, 3), strict=True):
        np.testing.assert_allclose(one, among_others, rtol=0, atol=1e-3)


@pytest.mark.parametrize("flavour", ["v3", "g", "sng"])
def test_fault_56_vanishing_normalisation(flavour):
    """The output of one flavour is zero in one replica."""
    architecture = problems.make_architecture()
    model = build_pdf_model(architecture, REPLICAS[:3])
    x = np.geomspace(1e-7, 0.9, 20)
    before = evaluate_pdf(model, x)
    kernel, bias = model.trainable_weights[-2:]
    column = architecture.flavours.index(flavour)
    for weight in (kernel, bias):
        values = weight.numpy().copy()
        values[1, :, column] = 0
        weight.assign(values)
    after = evaluate_pdf(model, x)
    assert np.isfinite(after).all()
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    marked = unnormalised_replicas(
        lambda nodes: evaluate_pdf(model, nodes), normalisations(("MSR", "VSR"), EVOLUTION_BASIS)
    )
    # without a singlet the gluon can still carry all momentum
    assert marked.tolist() == [False, flavour != "sng", False]
