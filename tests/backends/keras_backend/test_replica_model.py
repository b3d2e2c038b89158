"""Layers by name, and the weights of single replicas."""

import numpy as np
import pytest

from n3fit.backends import Lambda, MetaLayer, MetaModel, MultiDense
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.MetaModel import (
    get_layer_replica_weights,
    is_stacked_single_replicas,
    set_layer_replica_weights,
)
from n3fit.backends.keras_backend.multi_initializer import MultiInitializer


class Preprocessing(MetaLayer):
    """One exponent for each replica."""

    def __init__(self, seeds, **kwargs):
        super().__init__(**kwargs)
        self.seeds = seeds

    def build(self, shape):
        uniform = MetaLayer.select_initializer("random_uniform")
        self.alpha = self.builder_helper("alpha_g", (len(self.seeds), 1), MultiInitializer(uniform, self.seeds, 0))

    def call(self, pdf):
        return pdf * op.reshape(self.alpha, (1, -1, 1, 1))


def networks(seeds, stacked):
    """A model ``all_NNs``: one layer for all, or one network NN_i for each replica, stacked."""
    x = op.numpy_to_input(np.ones((4, 2)), name="x")
    if not stacked:
        return MetaModel({"x": x}, MultiDense(3, seeds, "glorot_normal", is_first_layer=True)(x), name="all_NNs")
    parts = []
    for number, seed in enumerate(seeds):
        layer = MultiDense(3, [seed], "glorot_normal", is_first_layer=True)
        parts.append(MetaModel({"x": x}, layer(x), name=f"NN_{number}")({"x": x}))
    joined = Lambda(lambda parts: op.concatenate(parts, axis=1))(parts) if len(parts) > 1 else parts[0]
    return MetaModel({"x": x}, joined, name="all_NNs")


def pdf_model(seeds, stacked=False):
    x = op.numpy_to_input(np.ones((4, 2)), name="grid")
    _, pdf = networks(seeds, stacked).apply_as_layer({"x": x})
    model = MetaModel({"pdf_input": x}, Preprocessing(seeds, name="preprocessing_factor")(pdf))
    model.single_replica_generator = lambda: pdf_model([0], stacked)
    return model


@pytest.fixture(params=[False, True], ids=["together", "stacked"])
def model(request):
    return pdf_model([1, 2, 3], request.param)


def test_single_replica_weights_are_copies_with_a_replica_axis(model):
    weights = model.get_replica_weights(1)
    assert set(weights) == {"all_NNs", "preprocessing_factor"}
    assert [array.shape for array in weights["all_NNs"]] == [(1, 2, 3), (1, 1, 3)]
    assert weights["preprocessing_factor"][0].shape == (1, 1)
    before = op.evaluate(model.weights[0])
    weights["all_NNs"][0][:] = 7
    np.testing.assert_array_equal(op.evaluate(model.weights[0]), before)


def test_setting_one_replica_leaves_the_others(model):
    others = [model.get_replica_weights(number) for number in (0, 2)]
    new = {name: [array + 1 for array in arrays] for name, arrays in model.get_replica_weights(1).items()}
    model.set_replica_weights(new, 1)
    for name, arrays in new.items():
        for array, now in zip(arrays, model.get_replica_weights(1)[name], strict=True):
            np.testing.assert_array_equal(array, now)
        for old, number in zip(others, (0, 2), strict=True):
            for array, now in zip(old[name], model.get_replica_weights(number)[name], strict=True):
                np.testing.assert_array_equal(array, now)


def test_weights_taken_before_training_are_not_touched_by_it(model):
    weights = model.get_replica_weights(0)
    copies = [array.copy() for array in weights["all_NNs"]]
    model.compile("SGD", learning_rate=0.1)
    model.perform_fit(epochs=3)
    for kept, copy in zip(weights["all_NNs"], copies, strict=True):
        np.testing.assert_array_equal(kept, copy)
    assert not np.allclose(copies[0], model.get_replica_weights(0)["all_NNs"][0])


def test_split_replicas_give_the_same_predictions(model):
    together = model.predict()
    for number, single in enumerate(model.split_replicas()):
        assert single.num_replicas == 1
        np.testing.assert_allclose(single.predict()[:, 0], together[:, number], rtol=1e-6)


def test_the_generator_gets_the_replica_number_if_it_takes_one():
    model = pdf_model([1, 2])
    numbers = []

    def generate(replica_idx=0):
        numbers.append(replica_idx)
        return pdf_model([9])

    model.single_replica_generator = generate
    assert len(model.split_replicas()) == 2
    assert numbers == [0, 1]


def test_splitting_without_generator_is_refused():
    model = pdf_model([1, 2])
    model.single_replica_generator = None
    with pytest.raises(ValueError, match="single_replica_generator"):
        model.split_replicas()


def test_weights_of_a_single_replica_from_a_file(model, tmp_path):
    single = model.single_replica_generator()
    weights = {name: [array + 3 for array in arrays] for name, arrays in single.get_replica_weights(0).items()}
    single.set_replica_weights(weights)
    single.save_weights(tmp_path / "single")
    model.set_replica_weights_from_file(tmp_path / "single", 2)
    untouched = model.get_replica_weights(0)["all_NNs"][0]
    np.testing.assert_array_equal(model.get_replica_weights(2)["all_NNs"][0], weights["all_NNs"][0])
    assert not np.allclose(untouched, weights["all_NNs"][0])
    model.load_identical_replicas(tmp_path / "single")
    for number in range(3):
        for name in weights:
            for array, now in zip(weights[name], model.get_replica_weights(number)[name], strict=True):
                np.testing.assert_array_equal(array, now)


def test_stacks_are_recognised():
    assert is_stacked_single_replicas(networks([1, 2], stacked=True))
    assert not is_stacked_single_replicas(networks([1, 2], stacked=False))
    assert not is_stacked_single_replicas(MultiDense(3, [1, 2]))


def test_the_replica_axis_may_be_another_one():
    layer = MetaLayer()
    layer.builder_helper("w", (2, 3), MetaLayer.init_constant(np.arange(6.0).reshape(2, 3)), replica_axis=1)
    assert get_layer_replica_weights(layer, 2)[0].tolist() == [[2.0], [5.0]]
    set_layer_replica_weights(layer, [np.array([[8.0], [9.0]])], 0)
    assert op.evaluate(layer.weights[0]).tolist() == [[8.0, 1.0, 2.0], [9.0, 4.0, 5.0]]


@pytest.mark.parametrize("number", [-1, 3])
def test_missing_replicas_are_refused(model, number):
    with pytest.raises(IndexError, match=f"no replica {number}"):
        model.get_replica_weights(number)


def test_weights_of_another_shape_or_number_are_refused(model):
    weights = model.get_replica_weights(0)
    before = op.evaluate(model.weights[0])
    with pytest.raises(ValueError, match=r"expected the shape \(1, 1, 3\), received \(1, 2, 3\)"):
        model.set_replica_weights({"all_NNs": [weights["all_NNs"][0] + 1, weights["all_NNs"][0]]}, 0)
    with pytest.raises(ValueError, match="2 weights per replica, received 1"):
        model.set_replica_weights({"all_NNs": weights["all_NNs"][:1]}, 0)
    with pytest.raises(ValueError, match="no layer 'all_nns'"):
        model.set_replica_weights({"all_nns": []}, 0)
    np.testing.assert_array_equal(op.evaluate(model.weights[0]), before)


def test_a_model_without_networks_has_no_replica_weights():
    x = op.numpy_to_input(np.ones(1))
    with pytest.raises(ValueError, match="neither a layer 'all_NNs'"):
        MetaModel({"x": x}, op.op_log(x)).get_replica_weights(0)


class Weight(MetaLayer):
    """One weight, or two."""

    def __init__(self, shapes, **kwargs):
        super().__init__(**kwargs)
        self.shapes = shapes

    def build(self, shape):
        self.made = [self.builder_helper(f"w{i}", shape, "ones") for i, shape in enumerate(self.shapes)]

    def call(self, x):
        for weight in self.made:
            x = x * op.sum(weight)
        return x


def masked_model():
    x = op.numpy_to_input(np.ones(1))
    layers = [Weight([(1,)], name="HERA_mask"), Weight([(1,)], name="POS_F2U"), Weight([(2,), (1, 2)], name="two")]
    y = x
    for layer in layers:
        y = layer(y)
    return MetaModel({"x": x}, y)


def test_layers_by_regular_expression():
    model = masked_model()
    assert [layer.name for layer in model.get_layer_re("POS_.*")] == ["POS_F2U"]
    assert [layer.name for layer in model.get_layer_re(".*_mask$")] == ["HERA_mask"]
    assert model.get_layer_re("mask") == []


def test_masks():
    model = masked_model()
    model.set_masks_to(["HERA"])
    assert float(model.predict().sum()) == 0.0
    model.set_masks_to(["HERA"], val=0.5)
    assert float(model.predict().sum()) == 2.0
    with pytest.raises(ValueError, match="no layer 'BCDMS_mask'"):
        model.set_masks_to(["HERA", "BCDMS"], val=3.0)
    assert float(model.predict().sum()) == 2.0


def test_weights_are_reset():
    model = masked_model()
    model.reset_layer_weights_to(["POS_F2U", "two"], [3.0, [np.array([1.0, 2.0]), [[1.0, 1.0]]]])
    assert float(model.predict().sum()) == pytest.approx(3 * 3 * 2)


@pytest.mark.parametrize(
    ("names", "values", "text"),
    [
        (["POS_F2U"], [1.0, 2.0], "values for 1 layers, received 2"),
        (["two"], [1.0], "two has 2 weights"),
        (["two"], [[np.ones(2)]], "two has 2 weights"),
        (["POS_F2U", "two"], [5.0, [np.ones(2), np.ones(2)]], r"expected the shape \(1, 2\), received \(2,\)"),
        (["three"], [1.0], "no layer 'three'"),
    ],
)
def test_wrong_resets_are_refused_and_change_nothing(names, values, text):
    model = masked_model()
    with pytest.raises(ValueError, match=text):
        model.reset_layer_weights_to(names, values)
    assert float(model.predict().sum()) == 4.0


def test_weights_of_all_replicas_are_those_of_each(model):
    everyones = model.get_weights_of_replicas(range(model.num_replicas))
    assert len(everyones) == 3
    for number, weights in enumerate(everyones):
        for layer, arrays in model.get_replica_weights(number).items():
            for array, expected in zip(weights[layer], arrays, strict=True):
                np.testing.assert_array_equal(array, expected)


def test_weights_of_all_replicas_are_set_together(model):
    everyones = model.get_weights_of_replicas(range(model.num_replicas))
    model.set_weights_of_replicas(everyones[::-1])
    for number, weights in enumerate(everyones[::-1]):
        for layer, arrays in model.get_replica_weights(number).items():
            for array, expected in zip(weights[layer], arrays, strict=True):
                np.testing.assert_array_equal(array, expected)


def test_weights_of_all_replicas_with_another_shape_or_number_are_refused():
    model = pdf_model([1, 2, 3])
    everyones = model.get_weights_of_replicas(range(model.num_replicas))
    before = [array.copy() for array in model.get_weights()]
    kernel, bias = everyones[1]["all_NNs"]
    everyones[1]["all_NNs"] = [kernel[:, :1], bias]
    with pytest.raises(ValueError, match="expected the shape"):
        model.set_weights_of_replicas(everyones)
    everyones[1]["all_NNs"] = [kernel]
    with pytest.raises(ValueError, match="2 weights per replica"):
        model.set_weights_of_replicas(everyones)
    with pytest.raises(IndexError, match="there is no replica 3"):
        model.set_weights_of_replicas(model.get_weights_of_replicas(range(model.num_replicas)) + everyones[:1])
    for array, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(array, expected)
