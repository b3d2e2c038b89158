"""Weights on disk: any name, whole or not at all, and nothing but weights (faults 77 to 80)."""

import pickle
import zipfile

import h5py
import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.errors import ResourceError


def values(model):
    return [op.evaluate(weight) for weight in model.weights]


@pytest.fixture
def weight_file(build_model, tmp_path):
    path = tmp_path / "model.weights.h5"
    build_model([1, 2]).save_weights(path)
    return path


@pytest.mark.parametrize("name", ["weights", "w.weights.h5", "w.h5", "a.b.keras", "deep/er/weights.txt"])
@pytest.mark.parametrize("as_text", [True, False])
def test_the_file_is_at_its_name_and_gives_the_weights_back(build_model, tmp_path, name, as_text):
    model, other = build_model([1, 2]), build_model([3, 4])
    path = tmp_path / name
    model.save_weights(str(path) if as_text else path)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
    other.load_weights(str(path) if as_text else path)
    for one, two in zip(values(model), values(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_saving_replaces_an_older_file(build_model, tmp_path):
    model, path = build_model([1, 2]), tmp_path / "w"
    path.write_text("old")
    model.save_weights(path)
    model.load_weights(path)


def refused(model, path, text):
    before = values(model)
    with pytest.raises(ResourceError, match=text):
        model.load_weights(path)
    for one, two in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(one, two)


def test_fault_77_another_architecture_is_refused_with_the_shapes(build_model, tmp_path):
    path = tmp_path / "w"
    build_model([1, 2, 3]).save_weights(path)
    refused(build_model([1, 2]), path, r"000_kernel: expected \(2, 1, 6\), received \(3, 1, 6\)")


def test_fault_77_missing_and_additional_weights_are_named(build_model, weight_file):
    with h5py.File(weight_file, "r+") as file:
        file["weights"].move("001_bias", "001_basis")
    refused(build_model([1, 2]), weight_file, r"001_basis: expected nothing.*001_bias: expected \(2, 1, 6\), rec")


@pytest.mark.parametrize("size", [0, 5, 100, 2000])
def test_fault_78_truncated_files_are_refused(build_model, weight_file, size):
    weight_file.write_bytes(weight_file.read_bytes()[:size])
    refused(build_model([1, 2]), weight_file, "not a file of weights")


def test_a_missing_file_is_refused(build_model, tmp_path):
    refused(build_model([1, 2]), tmp_path / "nothing", "cannot be read")


def replaced(path, make):
    with h5py.File(path, "r+") as file:
        del file["weights/000_kernel"]
        make(file)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.__setitem__("weights/000_kernel", h5py.ExternalLink("/etc/passwd", "/x")),
        lambda file: file.__setitem__("weights/000_kernel", h5py.SoftLink("/weights/001_bias")),
    ],
)
def test_fault_79_links_are_refused(build_model, weight_file, make):
    replaced(weight_file, make)
    refused(build_model([1, 2]), weight_file, "'000_kernel' is a link")


def test_fault_79_an_external_root_is_refused(build_model, weight_file, tmp_path):
    with h5py.File(weight_file, "r+") as file:
        del file["weights"]
        file["weights"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/weights")
    refused(build_model([1, 2]), weight_file, "'weights' is a link")


def test_fault_79_external_storage_is_refused(build_model, weight_file, tmp_path):
    outside = tmp_path / "outside.bin"
    outside.write_bytes(bytes(48))
    layout = [(str(outside), 0, 48)]
    replaced(weight_file, lambda file: file.create_dataset("weights/000_kernel", (2, 1, 6), "f4", external=layout))
    refused(build_model([1, 2]), weight_file, "not an array stored plainly")


def test_fault_79_huge_shapes_are_refused_before_reading(build_model, weight_file):
    replaced(weight_file, lambda file: file.create_dataset("weights/000_kernel", (10**6, 10**6), "f8", chunks=(1, 1)))
    refused(build_model([1, 2]), weight_file, "not an array stored plainly")


def test_fault_79_compressed_data_are_refused(build_model, weight_file):
    replaced(
        weight_file,
        lambda file: file.create_dataset(
            "weights/000_kernel", (2, 1, 6), "f4", compression="gzip", data=np.zeros((2, 1, 6))
        ),
    )
    refused(build_model([1, 2]), weight_file, "not an array stored plainly")


def test_fault_79_texts_instead_of_numbers_are_refused(build_model, weight_file):
    replaced(weight_file, lambda file: file.create_dataset("weights/000_kernel", data=[b"a", b"b"]))
    refused(build_model([1, 2]), weight_file, "not numbers")


def test_fault_79_too_many_arrays_are_refused(build_model, weight_file, monkeypatch):
    monkeypatch.setattr("n3fit.backends.keras_backend.weight_files.MAX_ARRAYS", 3)
    refused(build_model([1, 2]), weight_file, "at most 3 arrays")


def test_fault_80_pickles_are_refused(build_model, tmp_path):
    path = tmp_path / "model.weights.h5"
    path.write_bytes(pickle.dumps({"weights": [1, 2]}))
    refused(build_model([1, 2]), path, "expected an HDF5 file, received something else")


def test_fault_80_keras_archives_are_refused(build_model, tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    refused(build_model([1, 2]), path, "received a .keras archive")


def test_fault_80_other_hdf5_files_are_refused(build_model, tmp_path):
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["model_weights"] = [1.0]
    refused(build_model([1, 2]), path, "format")
