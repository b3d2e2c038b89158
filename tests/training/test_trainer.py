"""The trainer on small synthetic problems."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.backends import NN_LAYER_ALL_REPLICAS
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.progress import NullReporter
from n3fit.training.trainer import train_replicas

FAST = {"optimizer": {"optimizer_name": "Nadam", "learning_rate": 5e-3}}


class Listener(NullReporter):
    """Reporter that keeps its arguments, and interrupts at a given epoch."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        self.interrupt_at = interrupt_at
        self.heard: list[tuple[int, int, int, int]] = []

    def epoch(self, epoch, total, losses, active, replicas):
        self.heard.append((epoch, total, active, replicas))
        assert set(losses) == {"training", "validation"}
        if self.interrupt_at is not None and epoch >= self.interrupt_at:
            raise KeyboardInterrupt


def closure_problem(replicas: int):
    """Return data without noise from a PDF that the network can represent."""
    problem = problems.make_problem(replicas)
    truth = build_pdf_model(problems.make_architecture(), [1])
    random = np.random.default_rng(99)  # the same truth with every framework
    for weight in truth.trainable_weights:
        weight.assign(random.normal(0.0, 0.5, weight.shape))
    data = np.concatenate(
        [problems.predict_folded(o, evaluate_pdf(truth, problem.xgrid)) for o in problem.observables], axis=1
    )
    return replace(problem, data=np.tile(data, (replicas, 1)))


def chi2_per_point(problem, pdf_model) -> dict[str, np.ndarray]:
    """Return training and validation chi2 per point in plain numpy, (R,) each."""
    multipliers = {"positivity_penalty": np.ones(2), "integrability_penalty": np.ones(1)}
    losses = problems.plain_losses(problem, evaluate_pdf(pdf_model, problem.xgrid), multipliers)
    return {
        "training": losses["training"] / problem.training_points,
        "validation": losses["validation"] / problem.validation_points,
    }


@pytest.fixture(scope="module")
def closure():
    """Four replicas, 230 epochs."""
    problem = closure_problem(4)
    listener = Listener()
    trained = train_replicas(
        problems.make_settings(epochs=230, **FAST),
        problems.make_architecture(),
        problem,
        [1, 2, 3, 4],
        progress=listener,
    )
    return problem, trained, listener


def test_closure_finds_the_truth(closure):
    problem, trained, _ = closure
    assert trained.record.training_history.shape == (4, 3)
    first = chi2_per_point(problem, build_pdf_model(problems.make_architecture(), [1, 2, 3, 4]))
    assert (first["training"] > 10).all()
    assert (trained.record.training_chi2 < 0.05 * first["training"]).all()
    assert (trained.record.validation_chi2 < 0.1 * first["validation"]).all()
    assert trained.record.finite.all()
    assert trained.finished.all()
    assert trained.interruption is None
    assert not np.isinf(trained.record.validation_history).any()


def test_weights_are_those_of_the_best_epoch(closure):
    """The losses of the weights that come back are the recorded ones."""
    problem, trained, _ = closure
    losses = chi2_per_point(problem, trained.pdf_model)
    np.testing.assert_allclose(losses["training"], trained.record.training_chi2, rtol=1e-3)
    np.testing.assert_allclose(losses["validation"], trained.record.validation_chi2, rtol=1e-3)
    assert (trained.record.best_epoch > 20).all()
    assert (trained.record.validation_chi2 <= trained.record.validation_history.min(axis=1) * (1 + 1e-6)).all()


def test_trains_exactly_as_many_epochs_as_asked_for(closure):
    _, trained, listener = closure
    assert trained.record.stop_epoch.tolist() == [229] * 4
    assert trained.record.history_epochs.tolist() == [99, 199, 229]
    assert listener.heard == [(100, 230, 4, 4), (200, 230, 4, 4), (230, 230, 4, 4)]


def test_interruption_keeps_what_was_reached():
    problem = closure_problem(3)
    problem.data[1] = np.nan
    trained = train_replicas(
        problems.make_settings(epochs=300, **FAST), problems.make_architecture(), problem, [1, 2, 3],
        progress=Listener(interrupt_at=200),
    )  # fmt: skip
    assert isinstance(trained.interruption, KeyboardInterrupt)
    assert trained.finished.tolist() == [False, True, False]
    assert trained.record.stop_epoch.tolist() == [199, 0, 199]
    assert trained.record.history_epochs.tolist() == [99, 199]
    losses = chi2_per_point(problem, trained.pdf_model)
    np.testing.assert_allclose(losses["training"][[0, 2]], trained.record.training_chi2[[0, 2]], rtol=1e-3)


def test_starts_from_loaded_weights(closure):
    problem, trained, _ = closure
    start = trained.pdf_model.get_replica_weights(2)
    again = train_replicas(
        problems.make_settings(epochs=1, **FAST), problems.make_architecture(), problem, [1, 2, 3, 4],
        progress=NullReporter(), initial_weights=[start] * 4,
    )  # fmt: skip
    for replica in range(4):
        for one, two in zip(
            again.pdf_model.get_replica_weights(replica)[NN_LAYER_ALL_REPLICAS],
            start[NN_LAYER_ALL_REPLICAS],
            strict=True,
        ):
            np.testing.assert_array_equal(one, two)
    assert again.record.training_chi2[2] == pytest.approx(trained.record.training_chi2[2], rel=1e-3)


def test_options_of_the_optimiser_reach_it():
    def trained(**options):
        settings = problems.make_settings(epochs=3, optimizer={"optimizer_name": "SGD", **options})
        problem = problems.make_problem(1)
        return train_replicas(settings, problems.make_architecture(), problem, [1], progress=NullReporter())

    plain, pushed = (trained(**options).record.training_history for options in ({}, {"momentum": 0.5}))
    assert plain.shape == pushed.shape == (1, 1)
    assert abs(plain / pushed - 1) > 1e-5
