"""Every documented symbol is at its place, with the documented arguments and defaults.

``reference_symbols.json`` holds what the published interface of ``n3fit.backends.keras_backend`` lists: symbol, kind
and signature, module by module.
"""

import ast
import inspect
import json
from importlib import import_module
from pathlib import Path

import keras
import pytest

SYMBOLS = json.loads((Path(__file__).parent / "reference_symbols.json").read_text())
WITH_SIGNATURE = [entry for entry in SYMBOLS if "signature" in entry]
LATER_OPERATIONS = [
    "tensor_splitter",
    "nansum",
    "tensor_to_numpy_or_python",
    "dict_to_numpy_or_python",
    "decorator_compiler",
    "variable_to_numpy",
    "absolute",
    "clip",
    "expand_dims",
    "nan_to_num",
    "repeat",
    "tanh",
    "elu",
    "leaky_relu",
]
PUBLIC_FACE = [
    "MetaModel",
    "MetaLayer",
    "MultiInitializer",
    "MultiDense",
    "Input",
    "Lambda",
    "Concatenate",
    "base_layer_selector",
    "regularizer_selector",
    "clear_backend_state",
    "set_initial_state",
    "set_eager",
    "get_physical_gpus",
    "set_number_of_cores",
    "callbacks",
    "constraints",
    "operations",
]


def find(symbol):
    """Return the object, and whether the last step was from a class to its attribute."""
    module, *path = symbol.split(".")
    found = import_module(f"n3fit.backends.keras_backend.{module}")
    for name in path:
        owner, found = found, inspect.getattr_static(found, name)
    return owner, found


def documented_parameters(signature):
    """Read ``(a, b=1, *args, **kwargs)``, with or without annotations, as (name, kind, default) triples."""
    plain = ast.parse(f"def f{signature}: pass").body[0].args
    positional = [argument.arg for argument in plain.args]
    defaults = [inspect.Parameter.empty] * (len(positional) - len(plain.defaults)) + [
        ast.literal_eval(default) for default in plain.defaults
    ]
    return list(zip(positional, defaults, strict=True)), plain.vararg is not None, plain.kwarg is not None


def test_the_table_is_complete():
    """The reference has 79 classes, functions and methods, three class attributes and one property."""
    kinds = [entry["kind"] for entry in SYMBOLS]
    assert len(SYMBOLS) == 83
    assert (kinds.count("attribute"), kinds.count("property")) == (3, 1)
    assert len({entry["symbol"] for entry in SYMBOLS}) == 83


@pytest.mark.parametrize("entry", SYMBOLS, ids=lambda entry: entry["symbol"])
def test_symbol_exists_and_is_of_the_documented_kind(entry):
    owner, found = find(entry["symbol"])
    kind = entry["kind"]
    if kind == "class":
        assert inspect.isclass(found)
    elif kind == "property":
        assert isinstance(found, property)
    elif kind == "static method":
        assert isinstance(found, staticmethod)
    elif kind == "attribute":
        assert hasattr(owner, entry["symbol"].rsplit(".", 1)[1])
    else:
        assert callable(found)
    if kind != "attribute":
        assert inspect.getdoc(found.__func__ if isinstance(found, staticmethod) else found)


@pytest.mark.parametrize("entry", WITH_SIGNATURE, ids=lambda entry: entry["symbol"])
def test_documented_arguments_have_their_names_places_and_defaults(entry):
    owner, found = find(entry["symbol"])
    if isinstance(found, staticmethod):
        found = found.__func__
    ours = list(inspect.signature(found).parameters.values())
    if entry["kind"] == "method" and inspect.isclass(owner):
        ours = ours[1:]
    documented, takes_any_position, takes_any_name = documented_parameters(entry["signature"])
    if takes_any_position:
        return  # the text does not say which arguments
    for place, (name, default) in enumerate(documented):
        assert ours[place].name == name
        if default is not inspect.Parameter.empty:
            assert ours[place].default == default
    for parameter in ours[len(documented) :]:
        optional = parameter.default is not inspect.Parameter.empty
        assert optional or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    if takes_any_name:
        assert any(parameter.kind in (parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY) for parameter in ours)


def test_accepted_optimizers_are_exactly_the_documented_ones():
    from n3fit.backends import MetaModel

    optimizers = keras.optimizers
    assert dict(MetaModel.accepted_optimizers) == {
        "Adadelta": (optimizers.Adadelta, {"learning_rate": 1.0, "clipnorm": 1.0}),
        "Adagrad": (optimizers.Adagrad, {"clipnorm": 1.0}),
        "Adam": (optimizers.Adam, {"learning_rate": 0.01, "clipnorm": 1.0}),
        "Adamax": (optimizers.Adamax, {"clipnorm": 1.0}),
        "Amsgrad": (optimizers.Adam, {"learning_rate": 0.01, "amsgrad": True, "clipnorm": 1.0}),
        "Nadam": (optimizers.Nadam, {"learning_rate": 0.001, "clipnorm": 1.0}),
        "RMSprop": (optimizers.RMSprop, {"learning_rate": 0.01, "clipnorm": 1.0}),
        "SGD": (optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False, "clipnorm": 1.0}),
    }


def test_initializers_and_weight_inits_are_the_documented_ones():
    from n3fit.backends import MetaLayer

    assert MetaLayer.initializers == {
        "glorot_normal": (keras.initializers.GlorotNormal, {}),
        "glorot_uniform": (keras.initializers.GlorotUniform, {}),
        "random_uniform": (keras.initializers.RandomUniform, {"minval": -0.5, "maxval": 0.5}),
    }
    assert MetaLayer.weight_inits == []


def test_bases_are_the_documented_ones():
    from n3fit.backends import MetaLayer, MetaModel, MultiDense, MultiInitializer, callbacks, constraints
    from n3fit.backends.keras_backend.base_layers import Dense

    assert issubclass(MetaLayer, keras.layers.Layer)
    assert issubclass(MetaModel, keras.Model)
    assert issubclass(MultiDense, keras.layers.Dense)
    assert issubclass(MultiInitializer, keras.initializers.Initializer)
    assert issubclass(Dense, keras.layers.Dense)
    assert issubclass(Dense, MetaLayer)
    assert issubclass(constraints.MinMaxWeight, keras.constraints.MinMaxNorm)
    for name in ("LagrangeCallback", "StoppingCallback", "TimerCallback"):
        assert issubclass(getattr(callbacks, name), keras.callbacks.Callback)


@pytest.mark.parametrize("name", LATER_OPERATIONS)
def test_operations_of_later_clients_exist(name):
    from n3fit.backends import operations

    assert callable(getattr(operations, name))


def test_public_face_and_constants():
    import n3fit.backends as backends

    assert [name for name in PUBLIC_FACE if not hasattr(backends, name)] == []
    assert backends.NN_PREFIX == "NN"
    assert backends.NN_LAYER_ALL_REPLICAS == "all_NNs"
    assert backends.PREPROCESSING_LAYER_ALL_REPLICAS == "preprocessing_factor"
    from n3fit.backends.keras_backend import multi_dense, multi_initializer

    assert multi_dense.MultiInitializer is multi_initializer.MultiInitializer


def test_registries_hold_the_documented_names():
    from n3fit.backends.keras_backend import base_layers

    assert set(base_layers.layers) >= {"dense", "single_dense", "dense_per_flavour", "LSTM", "dropout", "concatenate"}
    assert set(base_layers.custom_activations) >= {"square", "square_singlet", "leaky_relu", "modified_tanh"}
    assert set(base_layers.regularizers) >= {"l1_l2"}


def test_the_table_of_the_documentation_lists_every_symbol():
    table = (Path(__file__).parents[2] / "docs" / "backends.md").read_text().splitlines()
    rows = [[cell.strip(" `") for cell in row.split("|")] for row in table if row.startswith("| `")]
    documented = {row[1]: row[2] for row in rows if len(row) == 7}
    assert {symbol for symbol, answer in documented.items() if answer == "yes"} == {
        entry["symbol"] for entry in SYMBOLS
    }
    for symbol in documented:
        find(symbol)
