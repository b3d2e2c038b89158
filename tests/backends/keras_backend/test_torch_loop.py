"""The recorded epoch of PyTorch against epochs in which the layers are called."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callbacks import Callback, DeviceCallback

pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="the loop of PyTorch")

EPOCHS = 30
OPTIMIZERS = ("Adadelta", "Adagrad", "Adam", "Adamax", "Amsgrad", "Nadam", "RMSprop", "SGD")


class FreezeInTurn(DeviceCallback):
    """Freeze replica r from epoch 5 r + 5 on, keep the best loss, and set nothing else."""

    def device_init(self, model, replicas):
        return {"best": np.full(replicas, np.inf, dtype="float32"), "seen": np.zeros((), dtype="int32")}

    def device_update(self, state, epoch, outputs, weights):
        best = ops.minimum(state["best"], outputs["vl"])
        return {"best": best, "seen": state["seen"] + 1}, epoch < 5 * ops.arange(best.shape[0]) + 5


@pytest.fixture
def loop_module():
    from n3fit.backends.keras_backend import torch_loop

    return torch_loop


@pytest.fixture
def train(build_model, loop_module, monkeypatch):
    """Return a function that trains a model with recorded epochs or without."""

    def trained(recorded, *, seeds=(1, 2, 3), callbacks=(), epochs=EPOCHS, prepare=None, **kwargs):
        monkeypatch.setattr(loop_module, "RECORD_AFTER", 0 if recorded else 10**9)
        layers = {name: kwargs.pop(name) for name in ("regularizer", "dropout", "constraint") if name in kwargs}
        model = build_model(list(seeds), **layers)
        if prepare is not None:
            prepare(model)
        model.compile(**{"optimizer_name": "Nadam", "learning_rate": 2e-3, **kwargs})
        history = model.perform_fit(epochs=epochs, callbacks=list(callbacks), longest_chunk=8)
        return model, history

    return trained


def variables(model):
    return [op.evaluate(variable) for variable in (*model.trainable_variables, *model.optimizer.variables)]


def is_recorded(model):
    return model._loop._program is not None


def same(one, other):
    assert is_recorded(other[0])
    assert not is_recorded(one[0])
    for first, second in zip(variables(one[0]), variables(other[0]), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-6)
    for key in one[1]:
        np.testing.assert_allclose(one[1][key], other[1][key], rtol=1e-6)


@pytest.mark.parametrize("clipnorm", [0.0, 0.05])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_and_slots_of_all_optimisers(train, optimizer, clipnorm):
    watches = [FreezeInTurn(), FreezeInTurn()]
    one, other = (
        train(recorded, callbacks=[watch], optimizer_name=optimizer, clipnorm=clipnorm)
        for recorded, watch in zip((False, True), watches, strict=True)
    )
    same(one, other)
    assert watches[1].state["seen"] == EPOCHS
    np.testing.assert_allclose(watches[0].state["best"], watches[1].state["best"], rtol=1e-6)


def test_regularisation_and_constraints(train):
    layers = {"regularizer": keras.regularizers.L2(0.5), "constraint": keras.constraints.NonNeg()}
    one, other = train(False, **layers), train(True, **layers)
    same(one, other)
    assert min(op.evaluate(weight).min() for weight in other[0].trainable_variables[:1]) >= 0


def test_monitored_outputs_and_targets(train):
    arguments = {"loss": ["mse", None], "target_output": [np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 1))]}
    same(train(False, **arguments), train(True, **arguments))


def test_weights_changed_between_chunks_are_trained_on(train):
    class Halve(Callback):
        def on_epoch_end(self, epoch, logs=None):
            for weight in self.model.trainable_variables:
                weight.assign(weight / 2)

        def next_host_epoch(self, epoch):
            return epoch + (-epoch - 1) % 10

    same(train(False, callbacks=[Halve()]), train(True, callbacks=[Halve()]))


def test_a_loop_that_is_used_again_has_the_new_targets(train):
    targets = [np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 3))]
    results = []
    for recorded in (False, True):
        model, _ = train(recorded, loss="mse", target_output=targets)
        loop, program = model._loop, model._loop._program
        history = model.perform_fit(y=[targets[0] + 1, targets[1]], epochs=EPOCHS, longest_chunk=8)
        assert model._loop is loop
        assert model._loop._program is program
        results.append((model, history))
    same(*results)


def test_dropout_is_not_recorded(train):
    """Every epoch drops other entries, with the numbers of the epochs that are not recorded."""
    one, other = train(False, dropout=0.3), train(True, dropout=0.3)
    assert not is_recorded(other[0])
    assert one[1]["loss"] == pytest.approx(other[1]["loss"], rel=1e-6)


def test_a_callback_that_reads_values_is_not_recorded(train):
    class Reads(DeviceCallback):
        def device_init(self, model, replicas):
            return {"sum": np.zeros((), dtype="float32")}

        def device_update(self, state, epoch, outputs, weights):
            return {"sum": state["sum"] + float(ops.sum(outputs["vl"]))}, None

    watches = [Reads(), Reads()]
    one, other = (train(recorded, callbacks=[watch]) for recorded, watch in zip((False, True), watches, strict=True))
    assert not is_recorded(other[0])
    assert one[1]["loss"] == pytest.approx(other[1]["loss"], rel=1e-6)
    assert watches[1].state["sum"] == pytest.approx(sum(other[1]["vl_loss"]), rel=1e-5)


def test_the_values_of_a_replica_do_not_reach_the_others(train):
    def spoil(model):
        weight = model.trainable_variables[0]
        values = op.evaluate(weight)
        values[1] = np.nan
        weight.assign(values)

    sound, broken = train(True)[0], train(True, prepare=spoil)[0]
    for one, other in zip(sound.trainable_variables, broken.trainable_variables, strict=True):
        one, other = op.evaluate(one), op.evaluate(other)
        np.testing.assert_array_equal(one[[0, 2]], other[[0, 2]])
        assert np.isnan(other[1]).any()


def test_after_an_interrupt_variables_and_states_are_those_of_one_epoch(train, loop_module, monkeypatch):
    """The interrupt comes while the eleventh epoch is computed: the optimiser has done ten."""
    bind = loop_module.Program.bind

    def interrupted(step, calls, *arguments):
        calls.append(1)
        if len(calls) == 11:
            raise KeyboardInterrupt
        return step(*arguments)

    calls = []
    monkeypatch.setattr(loop_module.Program, "bind", lambda *args: partial(interrupted, bind(*args), calls))
    models, watch = [], FreezeInTurn()
    with pytest.raises(KeyboardInterrupt):
        train(True, callbacks=[watch], prepare=models.append)
    monkeypatch.setattr(loop_module.Program, "bind", bind)
    expected, _ = train(True, callbacks=[FreezeInTurn()], epochs=10)
    for one, other in zip(variables(models[0]), variables(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert models[0]._loop.device_states()[0]["seen"] == 10


def test_epochs_are_recorded_after_some(build_model, loop_module):
    model = build_model([1])
    model.compile("SGD")
    for chunks, recorded in ((loop_module.RECORD_AFTER, False), (1, True)):
        model.perform_fit(epochs=chunks)
        assert is_recorded(model) == recorded
    assert np.isfinite(model.compute_losses()["tr_loss"]).all()
