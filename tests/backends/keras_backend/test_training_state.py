"""A training that is continued in another model."""

import numpy as np
import pytest

from n3fit.backends import TrainingState
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callbacks import Callback

SEEDS = [1, 2, 3]


def compiled(model):
    model.compile("Nadam", learning_rate=2e-3, loss=[lambda target, output: op.sum(output), None])
    return model


def kernels(model):
    return [op.evaluate(weight) for weight in model.trainable_variables]


def test_some_replicas_continue_in_another_model_unchanged(build_model):
    uninterrupted, first = (compiled(build_model(SEEDS)) for _ in range(2))
    uninterrupted.perform_fit(epochs=30)
    first.perform_fit(epochs=12)
    rows = [2, 0]
    second = compiled(build_model([SEEDS[row] for row in rows]))
    second.set_training_state(first.get_training_state().select(rows))
    assert len(second.perform_fit(epochs=30, initial_epoch=12)["loss"]) == 18
    assert int(op.evaluate(second.optimizer.iterations)) == 30
    for one, other in zip(kernels(second), kernels(uninterrupted), strict=True):
        np.testing.assert_allclose(one, other[rows], atol=1e-5)
    # the slots count: without them it is another training
    third = compiled(build_model([SEEDS[row] for row in rows]))
    for variable, values in zip(third.trainable_variables, kernels(first), strict=True):
        variable.assign(values[rows])
    third.perform_fit(epochs=30, initial_epoch=12)
    assert np.abs(kernels(third)[0] - kernels(uninterrupted)[0][rows]).max() > 1e-3


def test_callbacks_count_the_epochs_from_the_start(build_model):
    calls = []

    class Recorder(Callback):
        def on_epoch_end(self, epoch, logs=None):
            calls.append(epoch)

    compiled(build_model([1])).perform_fit(epochs=7, initial_epoch=4, callbacks=[Recorder()])
    assert calls == [4, 5, 6]


def test_a_state_that_does_not_fit_changes_nothing(build_model):
    state = compiled(build_model(SEEDS)).get_training_state()
    other = compiled(build_model([1, 2]))
    before = kernels(other)
    with pytest.raises(ValueError, match="expected the shape"):
        other.set_training_state(state)
    short = TrainingState(state.names[1:], state.values[1:], state.assignments[1:])
    with pytest.raises(ValueError, match=r"expected \d+ variables"):
        other.set_training_state(short)
    for one, two in zip(before, kernels(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_model_that_is_not_compiled_has_no_state(build_model):
    with pytest.raises(RuntimeError, match="compile the model"):
        build_model([1]).get_training_state()


def test_no_negative_initial_epoch(build_model):
    with pytest.raises(ValueError, match="initial_epoch must be at least 0"):
        compiled(build_model([1])).perform_fit(epochs=3, initial_epoch=-1)
