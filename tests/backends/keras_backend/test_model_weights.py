"""Weights of models on disk: any name, the layout of Keras, and nothing but weights (faults 77 to 80)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from support.problems import make_architecture

from n3fit.backends import Lambda, MetaLayer, MetaModel, MultiDense
from n3fit.backends import operations as op
from n3fit.errors import DataError, ResourceError
from n3fit.layers.preprocessing import ExponentRange
from n3fit.model.architecture import Architecture
from n3fit.model.pdf_model import build_pdf_model
from n3fit.storage.weights import read_weights, write_weights

REFERENCE = Path(__file__).parents[2] / "storage" / "reference"
BuildModel = Callable[..., Any]


def values(model: Any) -> list[NDArray[Any]]:
    return [op.evaluate(weight) for weight in model.weights]


def assert_equal(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> None:
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.fixture
def weight_file(build_model: BuildModel, tmp_path: Path) -> Path:
    path = tmp_path / "model.weights.h5"
    build_model([1, 2]).save_weights(path)
    return path


@pytest.mark.parametrize("name", ["weights", "w.weights.h5", "w.h5", "a.b.keras", "deep/er/weights.txt"])
@pytest.mark.parametrize("as_text", [True, False])
def test_the_file_is_at_its_name_and_gives_the_weights_back(
    build_model: BuildModel, tmp_path: Path, name: str, as_text: bool
) -> None:
    model, other = build_model([1, 2]), build_model([3, 4])
    path = tmp_path / name
    model.save_weights(str(path) if as_text else path)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
    other.load_weights(str(path) if as_text else path)
    assert_equal(values(model), values(other))


def test_saving_replaces_an_older_file(build_model: BuildModel, tmp_path: Path) -> None:
    model, path = build_model([1, 2]), tmp_path / "w"
    path.write_text("old")
    model.save_weights(path)
    model.load_weights(path)


class WithLayersInside(MetaLayer):
    """Layer with a weight and two layers of different classes inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.second = keras.layers.Dense(2)
        self.first = MultiDense(3, [1, 2], is_first_layer=True)

    def build(self, input_shape: Any) -> None:
        self.shift = self.builder_helper("shift", (1,), "ones")
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], 3))

    def call(self, x: Any) -> Any:
        return self.second(self.first(x)) + self.shift


def nested_model(seed: int, *, names: str) -> Any:
    """A model with a model, a composite layer and eleven layers of one class inside."""
    x = op.numpy_to_input(np.ones((4, 1)), name=f"x_{names}")
    inner = MultiDense(2, [seed, seed + 1], "glorot_normal", is_first_layer=True)(x)
    for number in range(11):
        inner = MultiDense(2, [seed, seed + 1], "glorot_normal", base_seed=number)(inner)
    inner = MetaModel({"x": x}, keras.layers.LayerNormalization()(inner), name=f"inner_{names}")
    composite = WithLayersInside(name=f"composite_{names}")
    output = Lambda(lambda pair: pair[0] + pair[1])([inner({"x": x}), composite(x)])
    model = MetaModel({"x": x}, output)
    random = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(random.normal(size=weight.shape))
    return model


def stored_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file by their paths, without those of an optimiser."""
    arrays = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer"):
            arrays[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(note)
    return arrays


@pytest.mark.parametrize("names", ["a", "b"])
def test_the_layout_is_that_of_keras_and_each_reads_the_files_of_the_other(tmp_path: Path, names: str) -> None:
    model, other, third = nested_model(1, names="a"), nested_model(2, names=names), nested_model(3, names=names)
    ours, of_keras = tmp_path / "ours.weights.h5", tmp_path / "keras.weights.h5"
    model.save_weights(ours)
    keras.Model.save_weights(model, of_keras)
    written, expected = stored_arrays(ours), stored_arrays(of_keras)
    assert written.keys() == expected.keys()
    for name, array in written.items():
        np.testing.assert_array_equal(array, expected[name])
    keras.Model.load_weights(other, ours)
    assert_equal(values(other), values(model))
    third.load_weights(of_keras)
    assert_equal(values(third), values(model))


def test_the_optimiser_is_not_written(build_model: BuildModel, tmp_path: Path) -> None:
    model, path = build_model([1, 2]), tmp_path / "w.weights.h5"
    model.compile("Nadam")
    model.perform_fit(epochs=2)
    model.save_weights(path)
    with h5py.File(path) as file:
        assert list(file) == ["layers"]
    other = build_model([3, 4])
    other.load_weights(path)
    assert_equal(values(other), values(model))


def test_layers_in_another_order_are_found_by_their_names(tmp_path: Path) -> None:
    def model(order: Sequence[str], seed: int) -> Any:
        x = op.numpy_to_input(np.ones((4, 2)), name="x")
        y = x
        for name in order:
            y = keras.layers.Dense(2, name=name, kernel_initializer=keras.initializers.GlorotNormal(seed))(y)
        return MetaModel({"x": x}, y)

    first, second = model(["a", "b"], 1), model(["b", "a"], 2)
    first.get_layer("a").kernel.assign(np.full((2, 2), 7.0))
    first.save_weights(tmp_path / "w")
    second.load_weights(tmp_path / "w")
    np.testing.assert_array_equal(op.evaluate(second.get_layer("a").kernel), 7.0)


def test_the_weights_of_a_single_replica_go_from_a_model_to_a_fit_folder_and_back(tmp_path: Path) -> None:
    """One format: the file of a fit folder is read by a model, that of a model as weights by layer."""
    architecture = make_architecture()
    fitted, single = build_pdf_model(architecture, [1, 2]), build_pdf_model(architecture, [5])
    weights = fitted.get_replica_weights(1)
    write_weights(tmp_path / "replica", weights)
    constant = op.evaluate(single.get_layer("sum_rules").weights[0])
    single.load_weights(tmp_path / "replica")
    for name, arrays in single.get_replica_weights(0).items():
        assert_equal(arrays, weights[name])
    np.testing.assert_array_equal(op.evaluate(single.get_layer("sum_rules").weights[0]), constant)
    single.save_weights(tmp_path / "model")
    read = read_weights(tmp_path / "model")
    assert read.keys() == weights.keys()
    for name, arrays in weights.items():
        assert_equal(read[name], arrays)
    fitted.load_identical_replicas(tmp_path / "replica")
    for name, arrays in fitted.get_replica_weights(0).items():
        assert_equal(arrays, weights[name])
    fitted.set_replica_weights(read, 1)


def reference_model() -> Any:
    """The model of the reference files, whose weights count from 0."""
    flavours = ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
    architecture = Architecture(
        fitbasis="EVOL",
        ranges=tuple(ExponentRange(flavour, (1.0, 1.2), (1.5, 3.0), True) for flavour in flavours),
        nodes=(3, 8),
        activations=("tanh", "linear"),
        initializer="glorot_normal",
        layer_type="dense",
        dropout=0.0,
        regularizer=None,
        regularizer_args=(),
        sum_rules=(),
        seed=7,
    )
    return build_pdf_model(architecture, [3])


@pytest.mark.parametrize("name", ["model_format_1.weights.h5", "replica_format_1.weights.h5"])
def test_files_of_format_1_are_read(name: str) -> None:
    model = reference_model()
    model.load_weights(REFERENCE / name)
    read = np.concatenate([array.ravel() for array in values(model)])
    np.testing.assert_array_equal(read, np.arange(read.size))


def refused(model: Any, path: Path, text: str) -> None:
    before = values(model)
    with pytest.raises(DataError, match=text):
        model.load_weights(path)
    assert_equal(before, values(model))


def test_fault_77_another_architecture_is_refused_with_the_shapes(build_model: BuildModel, tmp_path: Path) -> None:
    path = tmp_path / "w"
    build_model([1, 2, 3]).save_weights(path)
    shapes = r"layers/multi_dense/vars/0: expected \[\(2, 1, 6\)\], received \[\(3, 1, 6\)\]"
    refused(build_model([1, 2]), path, shapes)


def test_fault_77_another_replica_model_is_refused_with_the_layers(tmp_path: Path) -> None:
    write_weights(tmp_path / "w", build_pdf_model(make_architecture(nodes=(5, 8)), [1]).get_replica_weights(0))
    refused(
        build_pdf_model(make_architecture(), [1]), tmp_path / "w", r"all_NNs: expected \[\(1, 2, 6\), .*\(1, 2, 5\)"
    )


def test_fault_77_missing_and_additional_layers_are_named(build_model: BuildModel, weight_file: Path) -> None:
    with h5py.File(weight_file, "r+") as file:
        file["layers/multi_dense_1/vars"].attrs["name"] = "other"
        file.move("layers/multi_dense_1", "layers/dense")
    refused(build_model([1, 2]), weight_file, r"other: expected nothing.*pdf: expected \[.*\], received nothing")


@pytest.mark.parametrize("size", [0, 5, 100, 2000])
def test_fault_78_truncated_files_are_refused(build_model: BuildModel, weight_file: Path, size: int) -> None:
    weight_file.write_bytes(weight_file.read_bytes()[:size])
    refused(build_model([1, 2]), weight_file, "damaged HDF5 file|expected an HDF5 file")


def test_a_missing_file_is_refused(build_model: BuildModel, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="nothing: missing"):
        build_model([1, 2]).load_weights(tmp_path / "nothing")


def test_a_model_may_be_larger_than_the_limits(
    build_model: BuildModel, weight_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n3fit.storage.hdf5.LARGEST_TOTAL", 10)
    build_model([1, 2]).load_weights(weight_file)
    with pytest.raises(DataError, match="expected at most 10000 arrays with 10 bytes"):
        read_weights(weight_file)
