"""The training loop of the backend in use, and when it returns to the host."""

import keras
import numpy as np
import pytest
from keras import ops

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callback_protocol import next_boundary
from n3fit.backends.keras_backend.callbacks import Callback, DeviceCallback
from n3fit.backends.keras_backend.losses import Losses, per_replica

KEYS = ("loss", "tr_loss", "vl_loss")


class Recorder(Callback):
    """Record the epochs at whose end the host was called; request every ``every``-th."""

    def __init__(self, every=1):
        super().__init__()
        self.every = every
        self.calls = []
        self.logs = []

    def next_host_epoch(self, epoch):
        return epoch + (-epoch - 1) % self.every

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(epoch)
        self.logs.append(logs)


class PlainKeras(keras.callbacks.Callback):
    """A callback of Keras, without ``next_host_epoch``."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(epoch)


class BestUntil(DeviceCallback):
    """Keep the best monitored loss and its weights; replica 1 is active for ``lifetime`` epochs."""

    def __init__(self, lifetime):
        super().__init__()
        self.lifetime = lifetime
        self.received = []

    def device_init(self, model, replicas):
        return {
            "best": np.full(replicas, np.inf, dtype="float32"),
            "epoch": np.full(replicas, -1, dtype="int32"),
            "kernel": np.zeros(tuple(model.trainable_variables[0].shape), dtype="float32"),
        }

    def device_update(self, state, epoch, outputs, weights):
        loss = outputs["vl"]
        better = loss < state["best"]
        active = ops.logical_or(ops.arange(loss.shape[0]) != 1, epoch < self.lifetime)
        return {
            "best": ops.where(better, loss, state["best"]),
            "epoch": ops.where(better, epoch, state["epoch"]),
            "kernel": ops.where(ops.reshape(better, (-1, 1, 1)), weights[0], state["kernel"]),
        }, active

    def device_receive(self, state, epoch):
        self.received.append(epoch)


class FreezeNotFinite(DeviceCallback):
    """Freeze replicas whose output is not finite."""

    def device_init(self, model, replicas):
        return {"active": np.ones(replicas, dtype=bool)}

    def device_update(self, state, epoch, outputs, weights):
        active = ops.logical_and(state["active"], ops.isfinite(outputs["tr"]))
        return {"active": active}, active


def kernels(model):
    return [op.evaluate(weight) for weight in model.trainable_variables]


def compiled(model, monitored=False, **kwargs):
    loss = [lambda target, output: op.sum(output), None] if monitored else None
    model.compile(**{"optimizer_name": "Nadam", "learning_rate": 2e-3, "loss": loss, **kwargs})
    return model


@pytest.mark.parametrize("epochs", [1, 7, 100, 101, 950])
def test_exactly_the_epochs_requested(build_model, epochs):
    """950 epochs are 950 (fault 8); the iteration counter of the optimiser agrees with the history."""
    model = compiled(build_model([1]))
    history = model.perform_fit(epochs=epochs)
    assert {key: len(values) for key, values in history.items()} == dict.fromkeys(KEYS, epochs)
    assert int(op.evaluate(model.optimizer.iterations)) == epochs


def test_no_epochs_change_nothing(build_model):
    model = compiled(build_model([1]))
    before = kernels(model)
    assert model.perform_fit(epochs=0) == {"loss": [], "tr_loss": [], "vl_loss": []}
    for old, new in zip(before, kernels(model), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_length_of_chunks_does_not_matter(build_model):
    results = []
    for longest in (3, 40):
        model = compiled(build_model([1, 2]))
        history = model.perform_fit(epochs=20, longest_chunk=longest)
        results.append((history["loss"], kernels(model)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-5)
    for one, other in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_two_trainings_in_a_row_equal_one(build_model):
    once, twice = compiled(build_model([1])), compiled(build_model([1]))
    at_once = once.perform_fit(epochs=30)["loss"]
    parts = twice.perform_fit(epochs=10)["loss"] + twice.perform_fit(epochs=20)["loss"]
    np.testing.assert_allclose(parts, at_once, rtol=1e-5)


def test_the_loss_is_that_before_the_update_and_falls(build_model):
    model = compiled(build_model([1, 2]))
    before = model.compute_losses()
    history = model.perform_fit(epochs=50)
    assert history["tr_loss"][0] == pytest.approx(before["tr_loss"].sum(), rel=1e-5)
    assert history["loss"][0] == pytest.approx(before["loss"].sum(), rel=1e-5)
    assert history["loss"][-1] < history["loss"][0]


def test_one_step_of_gradient_descent_by_hand():
    """Output w^2: the gradient is 2 w, so that w becomes w (1 - 2 rate)."""
    from n3fit.backends import MetaLayer, MetaModel

    class Square(MetaLayer):
        def build(self, shape):
            self.w = self.builder_helper("w", (2,), MetaLayer.init_constant([1.0, 3.0]), replica_axis=0)

        def call(self, x):
            return x * op.reshape(self.w, (1, 2)) ** 2

    x = op.numpy_to_input(np.ones(1))
    model = MetaModel({"x": x}, Square(name="square")(x))
    model.compile("SGD", learning_rate=0.1, clipnorm=0)
    assert model.perform_fit(epochs=2)["loss"] == pytest.approx([10.0, 6.4])
    np.testing.assert_allclose(op.evaluate(model.trainable_variables[0]), [0.64, 1.92], rtol=1e-6)


def test_regularisation_is_part_of_the_loss_only(build_model):
    model = compiled(build_model([1, 2], regularizer=keras.regularizers.L2(0.5)))
    kernel = op.evaluate(model.get_layer("pdf").kernel)
    history = model.perform_fit(epochs=1)
    expected = history["tr_loss"][0] + history["vl_loss"][0] + 0.5 * (kernel**2).sum()
    assert history["loss"][0] == pytest.approx(expected, rel=1e-5)


def test_monitored_outputs_are_in_the_history_and_not_trained(build_model):
    model, other = compiled(build_model([1, 2]), monitored=True), build_model([1, 2])
    history = model.perform_fit(epochs=5)
    assert history["loss"] == history["tr_loss"]
    assert len(history["vl_loss"]) == 5
    other.compile("Nadam", learning_rate=2e-3, loss={"tr": lambda target, output: op.sum(output)})
    assert other.perform_fit(epochs=5)["loss"] == pytest.approx(history["loss"])


def test_targets_and_losses_by_name_are_those_of_keras(build_model):
    model = build_model([1, 2, 3])
    target = np.array([[1.0, 2.0, 3.0]])
    model.compile("SGD", loss=["mse", None], target_output=[target, np.zeros((1, 1))])
    values = model.compute_losses()["tr_loss"]
    assert model.perform_fit()["loss"] == pytest.approx([np.mean((values - target) ** 2)], rel=1e-5)
    values = model.compute_losses()["tr_loss"]
    assert model.perform_fit(y=[0 * target, 0 * target])["loss"] == pytest.approx([np.mean(values**2)], rel=1e-5)


MEAN_SQUARE = [
    pytest.param("mse", id="name"),
    pytest.param(keras.losses.MeanSquaredError(), id="loss object"),
    pytest.param(keras.losses.mean_squared_error, id="function of Keras"),
    pytest.param(lambda target, output: ops.square(target - output), id="function"),
    pytest.param(["mse", "mean_squared_error"], id="list"),
    pytest.param({"tr": "mse", "vl": keras.losses.MeanSquaredError()}, id="dictionary"),
]
X = {"xgrid": np.linspace(0.1, 1, 12, dtype="float32")[np.newaxis, :, np.newaxis]}


def same_weights(one, other):
    for first, second in zip(kernels(one), kernels(other), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)


@pytest.mark.parametrize("loss", MEAN_SQUARE)
def test_a_loss_of_keras_trains_alike_in_perform_fit_and_in_fit_of_keras(build_model, loss):
    """Mean squared errors by hand for the first epoch; history and weights agree for the others."""
    ours, of_keras = build_model([1, 2, 3]), build_model([1, 2, 3])
    targets = [np.array([[1.0, 2.0, 3.0]], dtype="float32"), np.array([[0.5, 0.5, 0.5]], dtype="float32")]
    outputs = [ours.compute_losses()[key] for key in ("tr_loss", "vl_loss")]
    for model in (ours, of_keras):
        model.compile("Nadam", learning_rate=2e-3, loss=loss)
    expected = of_keras.fit(X, targets, epochs=4, verbose=0).history
    history = ours.perform_fit(y=targets, epochs=4)
    first = sum(np.mean((output - target) ** 2) for output, target in zip(outputs, targets, strict=True))
    assert history["loss"][0] == pytest.approx(first, rel=1e-5)
    for key in KEYS:
        assert history[key] == pytest.approx(expected[key], rel=1e-4)
    same_weights(ours, of_keras)
    assert len(of_keras.perform_fit(y=targets, epochs=2)["loss"]) == 2


@pytest.mark.parametrize("monitored", [False, True])
def test_fit_of_keras_minimises_the_outputs_where_no_loss_is_given(build_model, monitored):
    ours, of_keras = (compiled(build_model([1, 2]), monitored=monitored) for _ in range(2))
    of_keras.fit(X, [np.zeros((1, 2))] * 2, epochs=3, verbose=0)
    ours.perform_fit(epochs=3)
    same_weights(ours, of_keras)


def test_fit_of_keras_accepts_a_single_input_as_an_array(build_model):
    by_name, by_array = build_model([1, 2]), build_model([1, 2])
    targets = [np.ones((1, 2))] * 2
    for model, inputs in ((by_name, X), (by_array, X["xgrid"])):
        model.compile("SGD", loss="mse")
        model.fit(inputs, targets, epochs=2, verbose=0)
    same_weights(by_name, by_array)
    np.testing.assert_array_equal(op.evaluate(by_array(X["xgrid"])[0]), op.evaluate(by_array(X)[0]))


def test_losses_of_a_dictionary_of_outputs():
    from n3fit.backends import MetaModel, MultiDense

    x = op.numpy_to_input(np.ones((3, 1)), name="x")
    first, second = (MultiDense(1, [n], "glorot_normal", is_first_layer=True, name=f"out{n}")(x) for n in (1, 2))
    model = MetaModel({"x": x}, {"b": first, "a": second})
    model.compile("SGD", loss={"out1": "mse", "out2": "mae"})
    target = np.ones((1, 1, 3, 1))
    outputs = model.predict()
    expected = np.mean((outputs["b"] - 1) ** 2) + np.mean(np.abs(outputs["a"] - 1))
    history = model.fit({"x": np.ones((1, 3, 1))}, {"b": target, "a": target}, verbose=0).history
    assert history["loss"] == pytest.approx([expected], rel=1e-5)


def test_a_name_that_keras_does_not_have_is_refused(build_model):
    with pytest.raises(ValueError, match="no_such_loss"):
        build_model([1]).compile(loss="no_such_loss")


def test_callbacks_are_called_at_the_epochs_requested_and_at_the_end(build_model):
    model = compiled(build_model([1]))
    rare, plain = Recorder(every=4), PlainKeras()
    model.perform_fit(epochs=10, callbacks=[rare])
    assert rare.calls == [3, 7, 9]
    model.perform_fit(epochs=5, callbacks=[rare, plain])
    assert plain.calls == [0, 1, 2, 3, 4]
    assert rare.calls[3:] == [3, 4]


def test_logs_are_the_losses_of_their_epoch(build_model):
    model, recorder = compiled(build_model([1])), Recorder(every=3)
    history = model.perform_fit(epochs=9, callbacks=[recorder])
    assert [logs["loss"] for logs in recorder.logs] == history["loss"][2::3]


def test_a_callback_stops_the_training(build_model):
    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 4

    model = compiled(build_model([1]))
    assert len(model.perform_fit(epochs=50, callbacks=[Stop()])["loss"]) == 5
    assert len(model.perform_fit(epochs=3)["loss"]) == 3


def test_weights_changed_by_a_callback_are_trained_on(build_model):
    class Reset(Callback):
        def on_epoch_end(self, epoch, logs=None):
            for weight, value in zip(self.model.trainable_variables, initial, strict=True):
                weight.assign(value)

    model = compiled(build_model([1]))
    initial = kernels(model)
    losses = model.perform_fit(epochs=5, callbacks=[Reset()])["loss"]
    assert losses == pytest.approx([losses[0]] * 5, rel=1e-6)


def test_history_of_chunks_only(build_model):
    model = compiled(build_model([1]))
    history = model.perform_fit(epochs=25, longest_chunk=10, history="chunk")
    assert len(history["loss"]) == 3


def test_a_device_callback_sees_every_epoch_and_the_weights_before_the_update(build_model):
    model = compiled(build_model([1, 2, 3]), monitored=True)
    first = kernels(model)[0]
    watch = BestUntil(lifetime=10**6)
    recorder = Recorder()
    model.perform_fit(epochs=1, callbacks=[watch])
    np.testing.assert_array_equal(watch.state["kernel"], first)
    model.perform_fit(epochs=30, callbacks=[watch], longest_chunk=8)
    assert watch.received == [0, 7, 15, 23, 29]
    by_hand = compiled(build_model([1, 2, 3]), monitored=True)
    by_hand.perform_fit(epochs=1)
    losses = []

    class Losses(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            losses.append(self.model.compute_losses()["vl_loss"])

    by_hand.perform_fit(epochs=30, callbacks=[Losses(), recorder])
    np.testing.assert_allclose(watch.state["best"], np.min(losses, axis=0), rtol=1e-4)
    assert np.abs(watch.state["epoch"] - np.argmin(losses, axis=0)).max() <= 1


@pytest.mark.parametrize("longest", [4, 100])
def test_a_device_callback_sets_variables_before_the_forward_pass(longest):
    """Loss scale * w with w' = w - rate * scale, and the scale of epoch e is e + 2."""
    from n3fit.backends import MetaLayer, MetaModel

    class Scaled(MetaLayer):
        def build(self, shape):
            self.w = self.builder_helper("w", (2,), MetaLayer.init_constant([10.0, 30.0]), replica_axis=0)
            self.scale = self.builder_helper("scale", (1,), MetaLayer.init_constant([1.0]), trainable=False)

        def call(self, x):
            return x * op.reshape(self.w * self.scale, (1, 2))

    class Growing(DeviceCallback):
        def device_init(self, model, replicas):
            return {"offset": np.array([2.0], dtype="float32")}

        def device_update(self, state, epoch, outputs, weights):
            return state, None

        def device_variables(self, model):
            return [model.get_layer("scaled").scale]

        def device_values(self, state, epoch):
            return [state["offset"] + ops.cast(epoch, "float32")]

    x = op.numpy_to_input(np.ones(1))
    model = MetaModel({"x": x}, Scaled(name="scaled")(x))
    model.compile("SGD", learning_rate=0.1, clipnorm=0)
    losses = model.perform_fit(epochs=10, callbacks=[Growing()], longest_chunk=longest)["loss"]
    scales = np.arange(10) + 2.0
    weights = 40.0 - 2 * 0.1 * np.concatenate([[0.0], np.cumsum(scales)[:-1]])
    assert losses == pytest.approx(scales * weights, rel=1e-5)


def test_a_frozen_replica_is_kept_and_the_others_train_as_without_it(build_model):
    free = compiled(build_model([1, 2, 3]), monitored=True)
    some = compiled(build_model([1, 2, 3]), monitored=True)
    short = compiled(build_model([1, 2, 3]), monitored=True)
    free.perform_fit(epochs=20)
    some.perform_fit(epochs=20, callbacks=[BestUntil(lifetime=6)])
    short.perform_fit(epochs=6)
    slots = zip(some.optimizer.variables, short.optimizer.variables, strict=True)
    for after, before in slots:
        if len(after.shape):
            np.testing.assert_allclose(op.evaluate(after)[1], op.evaluate(before)[1], rtol=1e-5, atol=1e-9)
    for frozen, trained, early in zip(kernels(some), kernels(free), kernels(short), strict=True):
        np.testing.assert_allclose(frozen[1], early[1], atol=1e-6)
        np.testing.assert_allclose(frozen[[0, 2]], trained[[0, 2]], atol=1e-6)
    assert np.abs(kernels(some)[0][1] - kernels(free)[0][1]).max() > 1e-4


def test_a_replica_with_nan_does_not_change_the_others(build_model):
    """NaN weights in replica 1: the others train bit by bit as without it (fault 46)."""
    sound, broken = (compiled(build_model([1, 2, 3]), monitored=True) for _ in range(2))
    weight = broken.trainable_variables[0]
    values = op.evaluate(weight)
    values[1] = np.nan
    weight.assign(values)
    watches = [FreezeNotFinite(), FreezeNotFinite()]
    sound.perform_fit(epochs=15, callbacks=watches[:1])
    broken.perform_fit(epochs=15, callbacks=watches[1:])
    assert watches[1].state["active"].tolist() == [True, False, True]
    assert watches[0].state["active"].all()
    for one, other in zip(kernels(sound), kernels(broken), strict=True):
        np.testing.assert_array_equal(one[[0, 2]], other[[0, 2]])


def test_the_program_is_compiled_once(build_model, backend_name, monkeypatch):
    if backend_name == "torch":
        monkeypatch.setattr("n3fit.backends.keras_backend.torch_loop.RECORD_AFTER", 0)
    model = compiled(build_model([1]))
    traces = []
    model.optimizer.build(model.trainable_variables)
    original = model.optimizer._backend_apply_gradients
    model.optimizer._backend_apply_gradients = lambda *args: (traces.append(1), original(*args))[1]
    for epochs in (3, 100, 17, 250):
        model.perform_fit(epochs=epochs)
    assert 1 <= len(traces) <= 2


def test_training_needs_a_compiled_model_and_sensible_numbers(build_model):
    model = build_model([1])
    with pytest.raises(RuntimeError, match="compile the model"):
        model.perform_fit()
    compiled(model)
    for wrong in ({"epochs": -1}, {"longest_chunk": 0}, {"history": "none"}):
        with pytest.raises(ValueError, match="must be"):
            model.perform_fit(**wrong)
    with pytest.raises(TypeError):
        model.perform_fit(epochs=2.5)


def test_training_without_trainable_weights_or_after_a_change_is_refused(build_model):
    model = compiled(build_model([1]))
    model.perform_fit()
    model.get_layer("pdf").trainable = False
    with pytest.raises(ValueError, match="compile the model again"):
        model.perform_fit()
    compiled(model)
    assert len(model.perform_fit(epochs=2)["loss"]) == 2
    model.trainable = False
    with pytest.raises(ValueError, match="no trainable weight"):
        model.perform_fit()


@pytest.mark.parametrize(
    ("loss", "text"),
    [(["mse"], "one loss for each of 2 outputs, received 1"), ({"xy": "mse"}, "no output xy; it has tr, vl")],
)
def test_losses_that_do_not_fit_the_outputs_are_refused(loss, text):
    with pytest.raises(ValueError, match=text):
        Losses.from_argument(loss, ["tr", "vl"])


def test_a_training_where_everything_is_only_monitored_is_refused(build_model):
    with pytest.raises(ValueError, match="at least one"):
        build_model([1]).compile(loss=[None, None])


@pytest.mark.parametrize(
    ("epoch", "longest", "expected"), [(0, 100, 4), (5, 100, 9), (5, 2, 6), (10, 100, 11), (11, 1, 11)]
)
def test_boundaries(epoch, longest, expected):
    assert next_boundary([Recorder(every=5)], epoch, 12, longest) == expected
    assert next_boundary([Recorder(every=5), PlainKeras()], epoch, 12, longest) == epoch


@pytest.mark.parametrize(("shape", "expected"), [((), (1,)), ((3,), (3,)), ((2, 3), (3,)), ((1, 3, 4, 5), (3,))])
def test_outputs_are_summed_to_one_number_per_replica(shape, expected):
    output = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    result = op.evaluate(per_replica(ops.convert_to_tensor(output)))
    assert result.shape == expected
    assert result.sum() == output.sum()
