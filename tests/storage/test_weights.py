"""Files of weights: order, names, older formats, and errors that name what is wrong."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from n3fit.errors import DataError, ResourceError
from n3fit.storage.stored_weights import StoredWeight, read_stored_weights, write_stored_weights
from n3fit.storage.weights import compare_shapes, read_weights, write_weights

REFERENCE = Path(__file__).parent / "reference"


def test_weights_come_back_in_order_and_type(tmp_path: Path) -> None:
    weights = {
        "NN/dense": [np.full((2, k + 1), k, np.float32) for k in range(12)],
        "NN_dense": [np.array([True, False]), np.arange(3)],
        "prep": [np.array(1.5)],
    }
    write_weights(tmp_path / "w.weights.h5", weights)
    back = read_weights(tmp_path / "w.weights.h5")
    assert list(back) == ["NN/dense", "NN_dense", "prep"]
    for name, expected in weights.items():
        for received, array in zip(back[name], expected, strict=True):
            np.testing.assert_array_equal(received, array)
            assert received.dtype == array.dtype


def test_the_file_is_at_its_name_with_any_suffix(tmp_path: Path) -> None:
    write_weights(tmp_path / "deep" / "weights.txt", {"a": [np.zeros(2)]})
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["weights.txt"]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot be written"):
        write_weights(tmp_path / "file" / "w.h5", {"a": [np.zeros(2)]})


def test_a_file_without_weights_is_read(tmp_path: Path) -> None:
    write_weights(tmp_path / "w", {})
    assert read_weights(tmp_path / "w") == {}


def test_attributes_come_back_and_layers_of_constants_are_left_out(tmp_path: Path) -> None:
    stored = [
        StoredWeight("layers/model/layers/dense_1/vars/0", "NNs", np.ones(2), 1, "b", "b/kernel", replica_axis=0),
        StoredWeight("layers/model/layers/dense/vars/0", "NNs", np.zeros(2), 0, "a", "a/kernel", constant=True),
        StoredWeight("layers/rules/vars/0", "sum_rules", np.ones(3), 0, "sum_rules", "sum_rules/w", constant=True),
        StoredWeight("vars/0", "PDFs", np.full(2, 5.0), 0, "PDFs"),
    ]
    write_stored_weights(tmp_path / "w", stored)
    read = {weight.path: weight for weight in read_stored_weights(tmp_path / "w")}
    for weight in stored:
        back = read[weight.path]
        assert (back.layer, back.place, back.owner, back.name) == (
            weight.layer, weight.place, weight.owner, weight.name,
        )  # fmt: skip
        assert (back.constant, back.replica_axis) == (weight.constant, weight.replica_axis)
    by_layer = read_weights(tmp_path / "w")
    assert {name: [array[0] for array in arrays] for name, arrays in by_layer.items()} == {
        "NNs": [0.0, 1.0],
        "PDFs": [5.0],
    }


def test_replica_files_of_format_1_are_read() -> None:
    weights = read_weights(REFERENCE / "replica_format_1.weights.h5")
    assert {name: len(arrays) for name, arrays in weights.items()} == {"all_NNs": 4, "preprocessing_factor": 16}
    numbers = np.concatenate([array.ravel() for arrays in weights.values() for array in arrays])
    np.testing.assert_array_equal(numbers, np.arange(numbers.size))


def test_model_files_of_format_1_are_read_by_the_names_of_their_weights() -> None:
    stored = read_stored_weights(REFERENCE / "model_format_1.weights.h5")
    assert [weight.name for weight in stored[:5]] == [
        "layer_0/kernel", "layer_0/bias", "layer_1/kernel", "layer_1/bias", "preprocessing_factor/alpha_sng",
    ]  # fmt: skip
    weights = read_weights(REFERENCE / "model_format_1.weights.h5")
    assert {name: len(arrays) for name, arrays in weights.items()} == {
        "layer_0": 2,
        "layer_1": 2,
        "preprocessing_factor": 16,
    }


def keras_file(path: Path, *arrays: str) -> Path:
    """A file as Keras writes it: names at the groups ``vars``, no order."""
    with h5py.File(path, "w") as file:
        for number, name in enumerate(arrays):
            file[name] = np.full(2, float(number))
        file.require_group("layers/model/vars").attrs["name"] = "NNs"
        file["optimizer/vars/0"] = np.zeros(3)
    return path


def test_files_of_keras_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    numbered = [f"layers/model/layers/dense{suffix}/vars/0" for suffix in ("", "_1", "_2", "_10")]
    path = keras_file(tmp_path / "w", "layers/model/vars/0", "layers/model/vars/1", *numbered)
    assert [array[0] for array in read_weights(path)["NNs"]] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_layers_of_several_classes_in_a_file_of_keras_have_no_order(tmp_path: Path) -> None:
    path = keras_file(tmp_path / "w", "layers/model/layers/dense/vars/0", "layers/model/layers/scale/vars/0")
    with pytest.raises(DataError, match="the order of the weights of NNs is not known"):
        read_weights(path)


def test_fault_77_weights_of_another_architecture(tmp_path: Path) -> None:
    have, want = {"a": [np.zeros((2, 25))], "b": []}, {"a": [np.zeros((2, 30))], "c": []}
    with pytest.raises(DataError, match=r"a: expected \[\(2, 30\)\], received \[\(2, 25\)\]; b: .*; c: ") as caught:
        compare_shapes(tmp_path, have, want)
    assert "runcard" in caught.value.hint


def test_only_some_of_many_differences_are_shown(tmp_path: Path) -> None:
    want = {f"layer_{number:02d}": [np.zeros(1)] for number in range(10)}
    with pytest.raises(DataError, match=r"layer_05: expected \[\(1,\)\], received nothing; and 4 more"):
        compare_shapes(tmp_path, {}, want)


def test_fault_78_zero_bytes_and_truncated_weights(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    write_weights(path, {"a": [np.random.default_rng(0).normal(size=(100, 100))]})
    content = path.read_bytes()
    for part in (b"", content[:4000], content[: len(content) // 2]):
        path.write_bytes(part)
        with pytest.raises(DataError, match=r"w\.h5"):
            read_weights(path)


def test_files_of_something_else_or_of_a_later_format_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other", "w") as file:
        file["model_weights"] = [1.0]
    with pytest.raises(DataError, match="expected the group 'layers'"):
        read_weights(tmp_path / "other")
    with h5py.File(tmp_path / "elsewhere", "w") as file:
        file["layers/dense/kernel"] = [1.0]
    with pytest.raises(DataError, match="expected arrays in groups 'vars', received layers/dense/kernel"):
        read_weights(tmp_path / "elsewhere")
    with h5py.File(tmp_path / "later", "w") as file:
        file.attrs["n3fit_format"] = 3
    with pytest.raises(DataError, match="expected format 2, received 3"):
        read_weights(tmp_path / "later")
