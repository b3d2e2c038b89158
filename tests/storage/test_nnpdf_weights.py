"""Arrays of files of nnpdf are found by their paths, whatever their order in the file."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.storage.nnpdf_weights import is_of_nnpdf, network_arrays, preprocessing_arrays
from n3fit.storage.stored_weights import StoredWeight

INSIDE = "layers/meta_model/layers/meta_model/layers"


def stored(path: str, *shape: int, value: float = 0.0) -> StoredWeight:
    return StoredWeight(path=path, layer="", values=np.full(shape, value), place=None)


def test_dense_layers_are_ordered_by_number_and_kernels_come_before_biases() -> None:
    paths = [f"{INSIDE}/dense_{number}/vars/{part}" for number in (10, 2, 1) for part in (1, 0)]
    paths += [f"{INSIDE}/dense/vars/1", f"{INSIDE}/dense/vars/0", "layers/preprocessing/vars/0"]
    arrays = network_arrays([stored(path, 1, value=index) for index, path in enumerate(paths)])
    assert [float(values[0]) for values in arrays] == [7, 6, 5, 4, 3, 2, 1, 0]


def test_exponents_are_ordered_by_number() -> None:
    numbers = (10, 9, 0, 11)
    weights = [stored(f"layers/preprocessing/vars/{number}", 1, value=number) for number in numbers]
    weights.append(stored(f"{INSIDE}/dense/vars/0", 2, 3))
    assert [float(values[0]) for values in preprocessing_arrays(weights)] == [0, 9, 10, 11]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([stored(f"{INSIDE}/dense/vars/0", 2, 25)], True),
        ([stored("layers/meta_model/layers/dense_3/vars/1", 25)], True),
        ([stored(f"{INSIDE}/dense/vars/0", 4, 2, 25)], False),  # an axis of replicas
        ([stored("layers/preprocessing/vars/0", 1)], False),
        ([stored("layers/dense/vars/0", 2, 25)], False),
        ([], False),
    ],
)
def test_files_of_nnpdf_have_a_network_without_an_axis_of_replicas(weights: list[StoredWeight], expected: bool) -> None:
    assert is_of_nnpdf(weights) is expected
