"""Faults 53 to 55: trainings that are resumed, what one backend lacks, and what one training leaves to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from support import problems

from n3fit.backends import MetaModel, MultiDense, base_layer_selector
from n3fit.backends import operations as op
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.progress import NullReporter
from n3fit.storage.checkpoints import CheckpointSeries
from n3fit.training.checkpoint import NoMonitor, TrainingCheckpoint
from n3fit.training.trainer import TrainedModel, train_replicas
from n3fit.vocabulary import ACTIVATIONS

X = np.array([[-4.0, -1.5, -0.3, 0.0, 0.2, 0.7, 1.0, 5.0]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sparsemax(x):
    """The projection onto the simplex (arXiv:1602.02068, algorithm 1)."""
    ordered = -np.sort(-x, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    number = np.arange(1, x.shape[-1] + 1)
    largest = (1 + number * ordered > sums).sum(axis=-1, keepdims=True)
    threshold = (np.take_along_axis(sums, largest - 1, axis=-1) - 1) / largest
    return np.maximum(x - threshold, 0)


def softplus(x):
    return np.log1p(np.exp(x))


def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


FORMULAS = {
    "square": np.square,
    "square_singlet": lambda x: np.concatenate([x[..., :2] ** 2, x[..., 2:]], axis=-1),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "modified_tanh": lambda x: np.abs(x) * np.tanh(x),
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "exponential": np.exp,
    "gelu": lambda x: 0.5 * x * (1 + special.erf(x / np.sqrt(2))),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": lambda x: x * hard_sigmoid(x),
    "hard_swish": lambda x: x * hard_sigmoid(x),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "linear": lambda x: x,
    "log_sigmoid": lambda x: -softplus(-x),
    "log_softmax": lambda x: x - np.log(np.exp(x).sum(axis=-1, keepdims=True)),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "sparsemax": sparsemax,
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "swish": lambda x: x * sigmoid(x),
    "tanh": np.tanh,
    "tanh_shrink": lambda x: x - np.tanh(x),
}


def test_fault_54_there_is_a_formula_for_every_activation() -> None:
    assert sorted(FORMULAS) == sorted(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_fault_54_every_activation_of_a_runcard_is_the_same_on_every_backend(name: str) -> None:
    """In a layer of the networks whose kernel is the unit matrix."""
    layer = base_layer_selector(
        "dense", units=X.shape[-1], replica_seeds=[1], activation=name, kernel_initializer="glorot_normal"
    )
    values = op.numpy_to_tensor(X[np.newaxis, np.newaxis])  # (batch, replica, x, units)
    layer.build(values.shape)
    layer.kernel.assign(np.eye(X.shape[-1])[np.newaxis])
    received = np.asarray(op.tensor_to_numpy_or_python(layer(values)))[0, 0]
    np.testing.assert_allclose(received, FORMULAS[name](X), rtol=2e-6, atol=2e-6)


def test_fault_54_leaky_relu_trains() -> None:
    architecture = problems.make_architecture(activations=("leaky_relu", "linear"))
    settings = problems.make_settings(epochs=20)
    trained = train_replicas(settings, architecture, problems.make_problem(2), [1, 2], progress=NullReporter())
    assert trained.record.finite.all()
    x = np.array([1e-4, 0.1, 0.5])
    start = evaluate_pdf(build_pdf_model(architecture, [1, 2]), x)
    assert np.abs(evaluate_pdf(trained.pdf_model, x) - start).max() > 1e-4


class OnDisk(NoMonitor):
    """Monitor that writes checkpoints to a disk, resumes from there, and stops after some chunks of epochs."""

    def __init__(self, series: CheckpointSeries, stop_after: int) -> None:
        self.series = series
        self.stop_after = stop_after

    def start(self) -> TrainingCheckpoint | None:
        found = self.series.read()
        return None if found is None else TrainingCheckpoint.from_arrays(found.header["training"], found.arrays)

    def interruption(self) -> KeyboardInterrupt | None:
        self.stop_after -= 1
        return KeyboardInterrupt() if self.stop_after == 0 else None

    def checkpoint_is_due(self, *, last: bool) -> bool:
        return True

    def write(self, make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        header, arrays = make_checkpoint().to_arrays()
        self.series.write({"training": header}, arrays)


def test_fault_53_a_training_resumed_at_any_step_is_the_uninterrupted_one(tmp_path: Path) -> None:
    """Bit by bit in deterministic mode: interrupted after one chunk of epochs, resumed, and interrupted once more."""
    settings = replace(problems.make_settings(epochs=350), deterministic=True)
    problem, replicas = problems.make_problem(3), [1, 2, 3]

    def run(monitor: NoMonitor) -> TrainedModel:
        architecture = problems.make_architecture()
        return train_replicas(settings, architecture, problem, replicas, progress=NullReporter(), monitor=monitor)

    series = CheckpointSeries(tmp_path / "checkpoints", "training")
    stopped = [run(OnDisk(series, stop_after)).interruption for stop_after in (1, 2)]
    assert [type(interruption) for interruption in stopped] == [KeyboardInterrupt] * 2
    resumed, whole = run(OnDisk(series, -1)), run(NoMonitor())
    np.testing.assert_array_equal(weights_of(resumed), weights_of(whole))
    for field in fields(whole.record):
        received, expected = getattr(resumed.record, field.name), getattr(whole.record, field.name)
        np.testing.assert_array_equal(received, expected, err_msg=field.name)
    assert len(whole.record.history_epochs) >= 4


def train(learning_rate: float, name: str = "Adam") -> TrainedModel:
    settings = problems.make_settings(epochs=20, optimizer={"optimizer_name": name, "learning_rate": learning_rate})
    problem = problems.make_problem(2)
    return train_replicas(settings, problems.make_architecture(), problem, [1, 2], progress=NullReporter())


def weights_of(trained: TrainedModel) -> np.ndarray:
    arrays = [
        arrays
        for index in range(len(trained.finished))
        for arrays in trained.pdf_model.get_replica_weights(index).values()
    ]
    return np.concatenate([np.ravel(array) for entry in arrays for array in entry])


def test_fault_55_the_learning_rate_of_a_fit_does_not_reach_the_next() -> None:
    """Nor does its optimiser, or the moments of that: fits one after the other are those of fits alone."""
    alone = weights_of(train(1e-3))
    other = weights_of(train(0.5, "SGD"))
    assert np.abs(other - alone).max() > 1e-2
    np.testing.assert_array_equal(weights_of(train(1e-3)), alone)


def test_fault_55_models_compiled_one_after_the_other_keep_their_own_rate() -> None:
    def model(**arguments: float) -> MetaModel:
        x = op.numpy_to_input(np.linspace(0.1, 1.0, 5)[:, np.newaxis])
        pdf = MultiDense(1, replica_seeds=[1], kernel_initializer="glorot_normal", is_first_layer=True)(x)
        built = MetaModel({"x": x}, op.sum(pdf * pdf, axis=(1, 2, 3)))
        built.compile("Adam", **arguments)
        return built

    default = float(model().optimizer.learning_rate)
    first, second = model(learning_rate=0.25), model(learning_rate=0.125)
    third = model()
    assert [float(entry.optimizer.learning_rate) for entry in (first, second, third)] == [0.25, 0.125, default]
    first.compile("Adam", learning_rate=0.5)
    assert float(second.optimizer.learning_rate) == 0.125
