"""Clipping per replica, in all eight optimisers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.constraints import MinMaxWeight
from n3fit.backends.keras_backend.optimizers import ACCEPTED_OPTIMIZERS, build_optimizer, clip_by_replica_norm
from n3fit.backends.keras_backend.replica_assignment import ReplicaAssignment

CLIPNORM = 6.073e-6
"""Clip norm of the NNPDF4.0 methodology, arXiv:2109.02653."""


def clip(gradient, norm, axis):
    tensor = ops.convert_to_tensor(gradient, dtype="float32")
    return op.evaluate(clip_by_replica_norm(tensor, norm, ReplicaAssignment(axis)))


@given(seed=st.integers(0, 1000), norm=st.floats(1e-6, 10), exponent=st.integers(-25, 25))
@settings(max_examples=25, deadline=None)
def test_each_replica_is_clipped_by_its_own_norm(seed, norm, exponent):
    gradient = np.random.default_rng(seed).normal(size=(3, 4, 2)) * 10.0**exponent
    clipped = clip(gradient, norm, 0)
    for before, after in zip(gradient, clipped, strict=True):
        np.testing.assert_allclose(after, before * min(1, norm / np.linalg.norm(before)), rtol=1e-5)


def test_a_shared_variable_is_clipped_as_a_whole():
    np.testing.assert_allclose(clip([[3.0, 4.0]], 1.0, None), [[0.6, 0.8]], rtol=1e-6)


def test_one_number_per_replica_is_clipped_by_its_size():
    np.testing.assert_allclose(clip([3.0, -0.5], 1.0, 0), [1.0, -0.5], rtol=1e-6)


def test_zero_huge_and_broken_gradients():
    clipped = clip([[0.0, 0.0], [3e37, 3e37], [np.nan, 1.0], [1.0, 1.0]], 0.1, 0)
    np.testing.assert_array_equal(clipped[0], 0)
    np.testing.assert_allclose(clipped[[1, 3]], 0.1 / np.sqrt(2), rtol=1e-5)
    assert np.isnan(clipped[2]).all()


def trained(build_model, seeds, name, epochs=1, **kwargs):
    model = build_model(seeds, **kwargs)
    model.compile(name, learning_rate=2.6e-3, clipnorm=CLIPNORM)
    model.perform_fit(epochs=epochs)
    return [op.evaluate(weight) for weight in model.trainable_variables]


@pytest.mark.parametrize("name", sorted(ACCEPTED_OPTIMIZERS))
def test_a_replica_among_others_equals_it_alone(build_model, name):
    """With regularisation, constraint and dropout; one step to 1e-6, from the same state (faults 50 and 52)."""
    options = {
        "dropout": 0.2,
        "regularizer": keras.regularizers.L1L2(1e-3, 1e-3),
        "constraint": MinMaxWeight(-0.4, 0.3, axis=2),
        "scale": 1e4,
    }
    together = trained(build_model, [1, 2, 3, 4], name, **options)
    alone = trained(build_model, [3], name, **options)
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[2:3], one, rtol=0, atol=1e-6)


def test_a_hundred_epochs_among_others_equal_those_alone(build_model):
    """Rounding grows to less than 1e-3 in single precision."""
    together = trained(build_model, [1, 2, 3, 4], "Nadam", epochs=100, dropout=0.2)
    alone = trained(build_model, [3], "Nadam", epochs=100, dropout=0.2)
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[2:3], one, rtol=0, atol=1e-3)


@pytest.mark.usefixtures("restored_state")
def test_a_hundred_epochs_among_others_equal_those_alone_in_double_precision(build_model):
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)
    together = trained(build_model, [1, 2, 3, 4], "Nadam", epochs=100)
    alone = trained(build_model, [3], "Nadam", epochs=100)
    for many, one in zip(together, alone, strict=True):
        assert many.dtype == np.float64
        np.testing.assert_allclose(many[2:3], one, rtol=0, atol=1e-9)


def test_a_step_is_that_of_the_keras_optimiser_on_clipped_gradients():
    """One step of plain gradient descent by hand: w - rate * g * clipnorm / |g|, replica by replica."""
    weight = keras.Variable([[1.0, 2.0], [30.0, 40.0]])
    weight.replica_axis = 0
    optimizer = build_optimizer("SGD", learning_rate=0.5, clipnorm=1.0)
    optimizer.apply([ops.convert_to_tensor([[0.3, 0.4], [30.0, 40.0]])], [weight])
    np.testing.assert_allclose(op.evaluate(weight), [[0.85, 1.8], [29.7, 39.6]], rtol=1e-6)


def test_slots_have_the_replica_axis_of_their_variable(build_model):
    model = build_model([1, 2])
    model.compile("Nadam")
    model.perform_fit()
    axes = {tuple(slot.shape): slot.replica_axis for slot in model.optimizer.variables if len(slot.shape)}
    assert axes == {(2, 1, 6): 0, (2, 6, 2): 0, (2, 1, 2): 0}


def test_arguments_do_not_leak_into_the_next_model(build_model):
    """Learning rate and clip norm of fit A do not reach fit B (fault 55)."""
    first, second = build_model([1]), build_model([1])
    first.compile("Adam", learning_rate=0.5, clipnorm=3.0)
    second.compile("Adam")
    assert float(op.evaluate(first.optimizer.learning_rate)) == 0.5
    assert float(op.evaluate(second.optimizer.learning_rate)) == pytest.approx(0.01)
    assert (first.optimizer.clipnorm, second.optimizer.clipnorm) == (3.0, 1.0)


@pytest.mark.parametrize("name", sorted(ACCEPTED_OPTIMIZERS))
def test_the_learning_rate_is_applied_in_all_of_them(name):
    assert float(op.evaluate(build_optimizer(name, learning_rate=0.125).learning_rate)) == 0.125
    assert isinstance(build_optimizer(name), ACCEPTED_OPTIMIZERS[name][0])


def test_documented_options_are_applied():
    optimizer = build_optimizer("SGD", momentum=0.5, nesterov=1)
    assert (optimizer.momentum, optimizer.nesterov) == (0.5, True)
    assert build_optimizer("Amsgrad", amsgrad=False).amsgrad is False
    assert build_optimizer("SGD").momentum == 0.0


def test_arguments_without_effect_are_named_in_a_warning(build_model):
    model = build_model([1])
    with pytest.warns(
        UserWarning, match="without effect on the optimizer SGD: amsgrad, metrics; it accepts clipnorm, "
    ) as caught:
        model.compile("SGD", momentum=0.5, amsgrad=True, metrics=["mae"], weight_decay=None)
    assert [warning.filename for warning in caught] == [__file__]
    assert model.optimizer.momentum == 0.5


@pytest.mark.parametrize("name", sorted(ACCEPTED_OPTIMIZERS))
def test_a_learning_rate_of_zero_leaves_the_weights_as_they_are(build_model, name):
    model = build_model([1, 2])
    before = [op.evaluate(weight) for weight in model.trainable_variables]
    model.compile(name, learning_rate=0.0)
    assert len(model.perform_fit(epochs=3)["loss"]) == 3
    for old, weight in zip(before, model.trainable_variables, strict=True):
        np.testing.assert_array_equal(op.evaluate(weight), old)


def test_amsgrad_is_adam_with_its_flag():
    assert build_optimizer("Amsgrad").amsgrad
    assert not build_optimizer("Adam").amsgrad


def test_clipnorm_zero_switches_clipping_off():
    weight = keras.Variable([10.0])
    optimizer = build_optimizer("SGD", learning_rate=0.1, clipnorm=0)
    optimizer.apply([ops.convert_to_tensor([50.0])], [weight])
    np.testing.assert_allclose(op.evaluate(weight), [5.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"optimizer_name": "Adm"}, NotImplementedError, "unknown optimizer 'Adm', known are: Adadelta"),
        ({"optimizer_name": "Adam", "learning_rate": -0.1}, ValueError, "not negative, received -0.1"),
        ({"optimizer_name": "Adam", "learning_rate": float("inf")}, ValueError, "must be finite"),
        ({"optimizer_name": "Adam", "learning_rate": float("nan")}, ValueError, "must be finite"),
        ({"optimizer_name": "Adam", "clipnorm": -1.0}, ValueError, "must not be negative, received -1.0"),
    ],
)
def test_wrong_use_is_refused(arguments, error, text):
    with pytest.raises(error, match=text):
        build_optimizer(**arguments)


RATES = np.array([1e-2, 0.0, 3e-3])
CLIPNORMS = np.array([1e-3, 1.0, 0.0])


def steps(name, gradients, rate, clipnorm):
    """Apply gradients (steps, R, n) to ones."""
    weight = keras.Variable(np.ones(gradients.shape[1:]), dtype="float32")
    weight.replica_axis = 0
    optimizer = build_optimizer(name, learning_rate=rate, clipnorm=clipnorm)
    for gradient in gradients:
        optimizer.apply([ops.convert_to_tensor(gradient, dtype="float32")], [weight])
    return op.evaluate(weight)


@pytest.mark.parametrize("name", sorted(ACCEPTED_OPTIMIZERS))
def test_rates_of_replicas(name):
    """Steps with three learning rates and clip norms are those of three optimisers with one of each."""
    gradients = np.random.default_rng(1).normal(size=(3, 3, 4))
    together = steps(name, gradients, RATES, CLIPNORMS)
    for replica, (rate, clipnorm) in enumerate(zip(RATES, CLIPNORMS, strict=True)):
        alone = steps(name, gradients[:, replica : replica + 1], float(rate), float(clipnorm))
        np.testing.assert_allclose(together[replica], alone[0], rtol=0, atol=2e-7)
    assert (np.abs(together - 1).max(axis=1) > 1e-6).tolist() == [True, False, True]


@pytest.mark.usefixtures("restored_state")
def test_rates_of_replicas_in_the_compiled_loop(build_model):
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)

    def weights(seeds, rate, clipnorm):
        model = build_model(seeds, scale=10.0)
        model.compile("Nadam", learning_rate=rate, clipnorm=clipnorm)
        model.perform_fit(epochs=60)
        return [op.evaluate(weight) for weight in model.trainable_variables]

    together = weights([1, 2, 3], RATES, CLIPNORMS)
    for replica in (0, 2):
        alone = weights([replica + 1], float(RATES[replica]), float(CLIPNORMS[replica]))
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(many[replica], one[0], rtol=0, atol=1e-12)


def test_one_rate_for_replicas_with_their_clip_norms():
    """By hand, as above; the default of the other argument is used for all replicas."""
    weight = keras.Variable([[1.0, 2.0], [30.0, 40.0]])
    weight.replica_axis = 0
    optimizer = build_optimizer("SGD", learning_rate=0.5, clipnorm=np.array([0.25, 0.0]))
    optimizer.apply([ops.convert_to_tensor([[0.3, 0.4], [30.0, 40.0]])], [weight])
    np.testing.assert_allclose(op.evaluate(weight), [[0.925, 1.9], [15.0, 20.0]], rtol=1e-6)
    assert [slot.replica_axis for slot in optimizer.variables if tuple(slot.shape) == (2,)] == [0, 0]
    again = keras.Variable([[1.0, 2.0], [30.0, 40.0]])
    again.replica_axis = 0
    build_optimizer("SGD", learning_rate=np.array([0.5, 1.0])).apply(
        [ops.convert_to_tensor([[0.3, 0.4], [30.0, 40.0]])], [again]
    )
    np.testing.assert_allclose(op.evaluate(again), [[0.85, 1.8], [29.4, 39.2]], rtol=1e-6)


def test_rates_of_another_number_of_replicas(build_model):
    model = build_model([1, 2])
    model.compile("Nadam", learning_rate=RATES)
    with pytest.raises(ValueError, match="expected 3 replicas along axis 0, received the shape"):
        model.perform_fit()
    shared = keras.Variable([1.0])
    with pytest.raises(ValueError, match="received one that all share"):
        build_optimizer("SGD", learning_rate=RATES).build([shared])
    with pytest.raises(ValueError, match="must be finite"):
        build_optimizer("SGD", learning_rate=np.array([1.0, np.nan]))
