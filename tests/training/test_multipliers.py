"""Growth of the Lagrange multipliers."""

import numpy as np
import pytest
from support import problems

from n3fit.backends import callbacks
from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.training_model import INTEGRABILITY_PENALTY, POSITIVITY_PENALTY, build_training_model
from n3fit.training.multipliers import MultiplierGrowth, multipliers_of

PENALTIES = (POSITIVITY_PENALTY, INTEGRABILITY_PENALTY)


class HostGrowth(callbacks.Callback):
    """The same between two epochs, by the plain formula."""

    def __init__(self, factors):
        super().__init__()
        self.factors = factors

    def next_host_epoch(self, epoch):
        return epoch + (-epoch - 1) % 100

    def on_epoch_end(self, epoch, logs=None):
        for name, factors in self.factors.items():
            layer = self.model.get_layer(name)
            layer.multipliers.assign(layer.initial * factors ** float((epoch + 1) // 100))


class Watch(callbacks.DeviceCallback):
    """Sum the penalties of all epochs."""

    def device_init(self, model, replicas):
        return {"sum": np.zeros(replicas, dtype="float32")}

    def device_update(self, state, epoch, outputs, weights):
        return {"sum": state["sum"] + sum(outputs[name] for name in PENALTIES)}, None


def fitted(growth, *, longest, epochs=330, initial_epoch=0):
    problem = problems.make_problem(2)
    model = build_training_model(build_pdf_model(problems.make_architecture(), [1, 2]), problem)
    problems.compile_as_trainer(model)
    factors = {POSITIVITY_PENALTY: problem.positivity.growth, INTEGRABILITY_PENALTY: problem.integrability.growth}
    watch = Watch()
    model.perform_fit(
        epochs=epochs, callbacks=[growth(factors), watch], longest_chunk=longest, initial_epoch=initial_epoch
    )
    multipliers = [model.get_layer(name).multipliers.numpy() for name in PENALTIES]
    return [weight.numpy() for weight in model.trainable_variables], multipliers, watch.state["sum"], problem


@pytest.mark.parametrize("longest", [330, 70])
def test_on_the_device_as_on_the_host(longest):
    """Bit by bit, in one chunk or in many."""
    weights, multipliers, penalties, problem = fitted(MultiplierGrowth, longest=longest)
    expected, host_multipliers, host_penalties, _ = fitted(HostGrowth, longest=100)
    for one, other in zip([*weights, *multipliers], [*expected, *host_multipliers], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(penalties, host_penalties)
    for values, penalty in zip(multipliers, (problem.positivity, problem.integrability), strict=True):
        np.testing.assert_allclose(values, penalty.initial * penalty.growth**3, rtol=1e-6)


def test_a_training_that_goes_on_has_the_multipliers_of_its_epochs():
    _, multipliers, _, problem = fitted(MultiplierGrowth, longest=100, initial_epoch=320)
    for values, penalty in zip(multipliers, (problem.positivity, problem.integrability), strict=True):
        np.testing.assert_allclose(values, penalty.initial * penalty.growth**3, rtol=1e-6)


def test_closed_form_and_overflow():
    found = multipliers_of(np.array([2.0, 1.0]), np.array([1.5, 1e200]), np.array([0, 1, 3]))
    np.testing.assert_array_equal(found, [[2, 1], [3, 1e200], [2 * 1.5**3, np.inf]])


def test_closed_form_for_each_replica():
    """Two replicas, three periods, two sets; the first replica ends in its first period."""
    periods = np.array([[0, 0], [0, 1], [0, 2]])
    found = multipliers_of(np.array([[2.0, 1.0], [3.0, 4.0]]), np.array([[1e300, 5.0], [2.0, 0.5]]), periods)
    np.testing.assert_array_equal(found[:, 0], [[2, 1]] * 3)
    np.testing.assert_array_equal(found[:, 1], [[3, 4], [6, 2], [12, 1]])
