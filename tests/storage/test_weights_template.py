"""Files of weights copied from a template: the bytes that HDF5 lays out for each of them."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from n3fit.storage import weights_template
from n3fit.storage.stored_weights import weights_to_bytes
from n3fit.storage.weights import read_weights, write_weights
from n3fit.storage.weights_template import WeightsTemplate
from n3fit.typing import Weights


def make_weights(seed: int, *, width: int = 25, dtype: str = "f4") -> Weights:
    random = np.random.default_rng(seed)
    return {
        "all_NNs": [random.normal(size=shape).astype(dtype) for shape in ((1, 2, width), (1, 1, width), (1, width, 8))],
        "NN/x": [random.normal(size=(3, 4)).T, np.array(random.random() < 0.5), np.zeros((0, 3))],
        "factor": [np.full((1, 1), value, dtype) for value in random.normal(size=16)],
    }


def read_plainly(path: Path) -> dict[str, np.ndarray]:
    """Every array of a file, read by h5py alone."""
    arrays: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return arrays


def test_files_are_those_of_hdf5_byte_by_byte(tmp_path: Path) -> None:
    template = WeightsTemplate()
    for seed in range(5):
        weights = make_weights(seed)
        content = template.encode(weights)
        write_weights(tmp_path / "direct", weights)
        assert content == (tmp_path / "direct").read_bytes()
        (tmp_path / "copy").write_bytes(content)
        back = read_weights(tmp_path / "copy")
        assert set(back) == set(weights)
        for name, arrays in weights.items():
            for received, array in zip(back[name], arrays, strict=True):
                np.testing.assert_array_equal(received, array)
                assert received.dtype == array.dtype
        plain = read_plainly(tmp_path / "copy")
        np.testing.assert_array_equal(plain["layers/all_NNs/vars/2"], weights["all_NNs"][2])


def test_other_shapes_and_types_are_laid_out_anew(tmp_path: Path) -> None:
    template = WeightsTemplate()
    changes = [{}, {}, {}, {"width": 30}, {"width": 30, "dtype": "f8"}, {"width": 30, "dtype": "f8"}, {}, {}, {}]
    for seed, change in enumerate(changes):
        weights = make_weights(seed, **change)
        content = template.encode(weights)
        write_weights(tmp_path / "direct", weights)
        assert content == (tmp_path / "direct").read_bytes()


def test_only_the_first_two_files_are_laid_out_by_hdf5(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[int] = []

    def note(stored: object) -> bytes:
        laid_out.append(1)
        return weights_to_bytes(stored)

    monkeypatch.setattr(weights_template, "weights_to_bytes", note)
    template = WeightsTemplate()
    for seed in range(6):
        template.encode(make_weights(seed))
    assert len(laid_out) == 2


def test_a_layout_that_differs_between_files_is_never_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the places of the numbers not those of the template, every file would be laid out by HDF5."""

    def shifted(content: bytes) -> dict[str, int]:
        return {path: place + 4 for path, place in places(content).items()}

    places = weights_template._places_of_arrays
    monkeypatch.setattr(weights_template, "_places_of_arrays", shifted)
    template = WeightsTemplate()
    for seed in range(4):
        weights = make_weights(seed)
        assert template.encode(weights) == WeightsTemplate().encode(weights)
