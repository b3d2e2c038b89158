"""The documented dictionaries are plain dictionaries built from the shared vocabulary."""

import copy
import pickle
from typing import Any, ClassVar

import keras
import numpy as np
import pytest

from n3fit import vocabulary
from n3fit.backends import MetaLayer, MetaModel, base_layer_selector, regularizer_selector
from n3fit.backends import operations as op
from n3fit.backends.keras_backend import base_layers
from n3fit.backends.keras_backend.registry import build_registry, look_up

WITH_DEFAULTS = {
    "accepted_optimizers": (MetaModel.accepted_optimizers, vocabulary.OPTIMIZERS),
    "initializers": (MetaLayer.initializers, vocabulary.INITIALIZERS),
    "layers": (base_layers.layers, vocabulary.LAYERS),
    "regularizers": (base_layers.regularizers, vocabulary.REGULARIZERS),
}
ALL = {name: table for name, (table, _) in WITH_DEFAULTS.items()} | {
    "custom_activations": base_layers.custom_activations
}


@pytest.mark.parametrize("name", ALL)
def test_they_are_dictionaries_that_can_be_copied_and_pickled(name: str) -> None:
    table = ALL[name]
    assert type(table) is dict
    for rebuilt in (copy.deepcopy(table), pickle.loads(pickle.dumps(table)), copy.copy(table)):
        assert rebuilt == table
        assert rebuilt is not table


@pytest.mark.parametrize("name", WITH_DEFAULTS)
def test_their_entries_are_pairs_of_a_callable_and_a_dictionary_of_defaults(name: str) -> None:
    table, defaults = WITH_DEFAULTS[name]
    assert {key: entry[1] for key, entry in table.items()} == {key: dict(entry) for key, entry in defaults.items()}
    for entry in table.values():
        assert isinstance(entry, tuple)
        assert callable(entry[0])
        assert type(entry[1]) is dict


def test_the_activations_are_those_of_the_vocabulary() -> None:
    assert tuple(base_layers.custom_activations) == vocabulary.CUSTOM_ACTIVATIONS


def small_model(optimizer: str, **arguments: Any) -> Any:
    x = op.numpy_to_input(np.ones((3, 1)), name="x")
    layer = base_layer_selector(
        "dense", units=2, replica_seeds=[1, 2], is_first_layer=True, activation="square", kernel_initializer="zeros"
    )
    model = MetaModel({"x": x}, layer(x))
    model.compile(optimizer, **arguments)
    return model


def test_no_call_changes_them() -> None:
    before = copy.deepcopy(ALL)
    small_model("SGD", learning_rate=0.5, clipnorm=3.0, momentum=0.3).perform_fit(epochs=1)
    MetaLayer.select_initializer("random_uniform", seed=3, minval=1.0, maxval=2.0)
    base_layer_selector("dropout", rate=0.4, replica_seeds=[1])
    base_layer_selector("dense_per_flavour", units=7, basis_size=2, regularizer=regularizer_selector("l1_l2", l1=0.5))
    base_layer_selector("LSTM", units=3)
    assert before == ALL


def test_an_added_optimizer_is_used_by_name_and_clips_by_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = {"learning_rate": 0.25, "beta_1": 0.5, "clipnorm": 0.1}
    monkeypatch.setitem(MetaModel.accepted_optimizers, "Lion", (keras.optimizers.Lion, defaults))
    model = small_model("Lion", beta_1=0.125)
    assert isinstance(model.optimizer, keras.optimizers.Lion)
    assert (float(op.evaluate(model.optimizer.learning_rate)), model.optimizer.beta_1) == (0.25, 0.125)
    assert defaults == {"learning_rate": 0.25, "beta_1": 0.5, "clipnorm": 0.1}
    assert len(model.perform_fit(epochs=3)["loss"]) == 3


def test_a_subclass_may_have_its_own_optimizers() -> None:
    class Model(MetaModel):
        """Model with a single optimiser."""

        accepted_optimizers: ClassVar[Any] = {"Descent": (keras.optimizers.SGD, {"learning_rate": 0.5})}

    x = op.numpy_to_input(np.ones((3, 1)), name="x")
    model = Model({"x": x}, op.op_log(x))
    model.compile("Descent")
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    with pytest.raises(NotImplementedError, match="unknown optimizer 'Adam', known are: Descent"):
        model.compile("Adam")


def test_added_initializers_layers_activations_and_regularizers_are_used_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(MetaLayer.initializers, "he", (keras.initializers.HeNormal, {}))
    monkeypatch.setitem(MetaLayer.initializers, "one", (keras.initializers.Ones, {}))
    monkeypatch.setitem(base_layers.layers, "norm", (keras.layers.LayerNormalization, {"epsilon": 0.5}))
    monkeypatch.setitem(base_layers.custom_activations, "cube", lambda x: x**3)
    monkeypatch.setitem(base_layers.regularizers, "l2", (keras.regularizers.L2, {"l2": 0.25}))
    assert isinstance(MetaLayer.select_initializer("he", seed=1), keras.initializers.HeNormal)
    assert isinstance(MetaLayer.select_initializer("one", seed=1), keras.initializers.Ones)
    assert base_layer_selector("norm").epsilon == 0.5
    x = np.array([[-2.0, 1.5]], dtype="float32")
    cube = base_layer_selector("single_dense", units=2, activation="cube", kernel_initializer="identity")
    np.testing.assert_allclose(op.evaluate(cube(x)), x**3, rtol=1e-6)
    assert float(regularizer_selector("l2").l2) == 0.25


class Seeded(keras.layers.Layer):
    """Layer of a user with an argument that our own layers have too."""

    def __init__(self, base_seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base_seed = base_seed


def test_an_added_layer_receives_its_own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(base_layers.layers, "seeded", (Seeded, {"base_seed": 3}))
    assert base_layer_selector("seeded").base_seed == 3
    assert base_layer_selector("seeded", base_seed=5).base_seed == 5


def test_names_and_objects_must_agree() -> None:
    with pytest.raises(ValueError, match="expected objects for a, b, received a, c"):
        build_registry({"a": int, "c": int}, {"a": {}, "b": {}})


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotImplementedError, match="unknown layer 'c', known are: a, b"):
        look_up({"a": 1, "b": 2}, "c", "layer")
