"""Inputs by name, constants, predictions and losses of a model."""

import numpy as np
import pytest

from n3fit.backends import Input, Lambda, MetaLayer, MetaModel
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout

GRID = np.array([[1.0], [2.0], [4.0]])


class Two(MetaLayer):
    """Two replicas of x: w x."""

    def build(self, shape):
        self.w = self.builder_helper("w", (2,), MetaLayer.init_constant([1.0, 10.0]), replica_axis=0)

    def call(self, x):
        return op.einsum("bnf,r->brnf", x, self.w)


def pdf_model(**kwargs):
    x = op.numpy_to_input(GRID, name="points")
    return MetaModel({"pdf_input": x}, Two(name="pdf")(x), **kwargs)


def slot_model(**kwargs):
    x, y = op.numpy_to_input(GRID, name="points"), Input(batch_shape=(1, 3, 1), name="photons")
    return MetaModel({"x": x, "photon": y}, op.op_multiply([x, y]), **kwargs)


def test_constants_come_with_the_input_tensors():
    model = pdf_model(name="PDF")
    np.testing.assert_array_equal(model.predict(), np.stack([GRID, 10 * GRID])[None])
    assert model.name == "PDF"
    assert model.num_replicas == 2
    assert model.required_slots == set()
    assert model.x_in["pdf_input"].tolist() == GRID[None].tolist()


def test_constants_may_be_given_by_name():
    model = slot_model(input_values={"photon": np.full((1, 3, 1), 2.0)})
    np.testing.assert_array_equal(model.predict()[0], 2 * GRID)


def test_slots_are_filled_in_each_call_and_remembered_by_none():
    model = slot_model()
    assert model.required_slots == {"photon"}
    for factor in (2.0, 3.0):
        np.testing.assert_array_equal(model.predict({"photon": np.full((1, 3, 1), factor)})[0], factor * GRID)
    with pytest.raises(ValueError, match="needs values for the inputs photon"):
        model.predict()
    with pytest.raises(ValueError, match="needs values for the inputs photon"):
        model.compute_losses()


def test_given_values_replace_constants_for_one_call_only():
    model = pdf_model()
    np.testing.assert_array_equal(model.predict({"pdf_input": 2 * GRID[None]})[0, 0], 2 * GRID)
    np.testing.assert_array_equal(model.predict()[0, 0], GRID)


def test_given_values_are_scaled_and_constants_are_not():
    model = slot_model(scaler=lambda values: values + 1)
    np.testing.assert_array_equal(model.predict({"photon": np.zeros((1, 3, 1))})[0], GRID)


def test_parsing_returns_a_copy():
    model = pdf_model()
    model._named_inputs.complete()["pdf_input"] = None
    np.testing.assert_array_equal(model.predict()[0, 0], GRID)


def test_inputs_stay_as_they_are_after_training_and_prediction():
    model = pdf_model()
    model.compile("Adam")
    for _ in range(2):
        model.perform_fit(epochs=3)
        assert model.predict().shape == (1, 2, 3, 1)
    assert model.x_in["pdf_input"].tolist() == GRID[None].tolist()


def test_the_model_is_called_with_the_names_of_the_user():
    x = np.ones((1, 3, 1), dtype="float32")
    np.testing.assert_array_equal(op.evaluate(pdf_model()({"pdf_input": x}))[0, 1], 10 * x[0])


def test_a_model_is_applied_to_other_tensors():
    model = slot_model()
    other = op.numpy_to_input(5 * GRID, name="other")
    inputs, output = model.apply_as_layer({"x": other})
    assert inputs == {"x": other, "photon": model.input_tensors["photon"]}
    outer = MetaModel(inputs, Lambda(lambda x: x + 1.0)(output))
    np.testing.assert_array_equal(outer.predict({"photon": np.full((1, 3, 1), 2.0)})[0], 10 * GRID + 1)
    assert outer.required_slots == {"photon"}
    with pytest.raises(ValueError, match="no input y"):
        model.apply_as_layer({"y": other})


def test_models_share_their_layers():
    model = pdf_model()
    inputs, output = model.apply_as_layer({})
    loss = MetaModel(inputs, Lambda(lambda pdf: op.sum(pdf**2, axis=[2, 3]), name="chi2")(output))
    loss.compile("SGD", learning_rate=0.01)
    before = model.predict()
    loss.perform_fit(epochs=2)
    assert np.all(model.predict() < before)


def test_models_inside_models_are_called_with_training():
    """Dropout of an inner model acts in training only; in one step each loss differs from that without."""
    x = op.numpy_to_input(np.ones((50, 1)), name="points")
    inner = MetaModel({"x": x}, ReplicaDropout(0.5, [1, 2])(Two()(x)))
    inputs, output = inner.apply_as_layer({})
    model = MetaModel(inputs, Lambda(lambda pdf: op.sum(pdf, axis=[2, 3]), name="sums")(output))
    model.compile("SGD", learning_rate=1e-9)
    np.testing.assert_allclose(model.compute_losses()["loss"], [50, 500])
    losses = model.perform_fit(epochs=3, callbacks=None)["loss"]
    assert len({550.0, *losses}) == 4


def test_a_new_compilation_sees_changed_layers():
    """A function inside a layer is traced again after ``compile``."""
    x = op.numpy_to_input(GRID, name="points")
    layer = Lambda(lambda x: x + 1.0)
    model = MetaModel({"x": x}, layer(x))
    np.testing.assert_array_equal(model.predict()[0], GRID + 1)
    layer.function = lambda x: x + 2.0
    model.compile()
    np.testing.assert_array_equal(model.predict()[0], GRID + 2)
    np.testing.assert_allclose(model.compute_losses()["loss"].sum(), (GRID + 2).sum())


def test_losses_are_separate_for_each_replica():
    x = op.numpy_to_input(GRID, name="points")
    pdf = Two()(x)
    squares = Lambda(lambda pdf: op.sum(pdf**2, axis=[2, 3]), name="squares")(pdf)
    sums = Lambda(lambda pdf: op.einsum("brnf->r", pdf), name="sums")(pdf)
    model = MetaModel({"x": x}, [squares, sums])
    losses = model.compute_losses()
    assert list(losses) == ["loss", "squares_loss", "sums_loss"]
    np.testing.assert_allclose(losses["squares_loss"], [21, 2100])
    np.testing.assert_allclose(losses["sums_loss"], [7, 70])
    np.testing.assert_allclose(losses["loss"], [28, 2170])


def test_losses_follow_the_weights():
    model = pdf_model()
    before = model.compute_losses()["loss"]
    model.weights[0].assign([2.0, 20.0])
    np.testing.assert_allclose(model.compute_losses()["loss"], 2 * before)
    model.compile()
    np.testing.assert_allclose(model.compute_losses()["loss"], 2 * before)


def test_outputs_may_be_a_dictionary_and_share_a_layer():
    x = op.numpy_to_input(np.arange(6.0).reshape(2, 3), name="points")
    first, second = op.tensor_splitter((1, 2, 3), [1, 2], axis=2, name="cut")(x)
    assert MetaModel({"x": x}, [first, second]).unique_output_names == ["cut", "cut_output_1"]
    model = MetaModel({"x": x}, {"b": first, "a": second})
    losses = model.compute_losses()
    assert {name: values.tolist() for name, values in losses.items()} == {
        "loss": [3.0, 12.0],
        "cut_loss": [3.0, 9.0],
        "cut_output_1_loss": [0.0, 3.0],
    }


def test_compile_starts_from_the_defaults_each_time():
    model = pdf_model()
    model.compile("SGD", learning_rate=0.5, clipnorm=0.1, target_output=np.ones((1, 1)))
    assert len(model.target_tensors) == 1
    model.compile()
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(op.evaluate(model.optimizer.learning_rate)) == pytest.approx(0.01)
    assert model.target_tensors[0].tolist() == [[0.0]]


def test_one_target_for_each_output():
    with pytest.raises(ValueError, match="one target for each of 1 outputs, received 4"):
        pdf_model().compile(target_output=[0, 0, 0, 0])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: MetaModel([x], op.op_log(x)), TypeError, "input_tensors must be a dictionary, received list"),
        (lambda x: MetaModel({"x": x}, op.op_log(x), input_values=[1]), TypeError, "input_values must be a dictionary"),
        (
            lambda x: MetaModel({"x": x}, op.op_log(x), input_values={"y": 1}),
            ValueError,
            "no input y; its inputs are x",
        ),
        (lambda x: MetaModel({"x": x}, op.op_log(x)).predict([1.0]), TypeError, "must be a dictionary, received list"),
        (lambda x: MetaModel({"x": x}, op.op_log(x)).predict({"z": 1.0}), ValueError, "no input z; its inputs are x"),
        (lambda x: MetaModel({"x": x}, op.op_log(x)).compile("Adm"), NotImplementedError, "unknown optimizer 'Adm'"),
    ],
)
def test_wrong_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(op.numpy_to_input(GRID))


def test_names_that_would_mix_inputs_up_are_refused():
    a, b = Input(batch_shape=(1, 1), name="a"), Input(batch_shape=(1, 1), name="b")
    with pytest.raises(ValueError, match="'b' of the input 'a' is the name of another input layer"):
        MetaModel({"b": a, "a": b}, op.op_multiply([a, b]))
