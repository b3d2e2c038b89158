"""Files of weights written by nnpdf: one replica, the layout of Keras for its models.

``layers/meta_model/layers/meta_model/layers/dense[_N]/vars/{0,1}`` are kernel and bias of the dense layers, numbered in
the order in which they were made, and ``layers/preprocessing/vars/N`` the exponents of the preprocessing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from n3fit.storage.stored_weights import StoredWeight
from n3fit.typing import Array

_NETWORK = re.compile(r"layers/meta_model/(?:layers/meta_model/)?layers/dense(?:_(\d+))?/vars/(\d+)")
_PREPROCESSING = re.compile(r"layers/preprocessing/vars/(\d+)")


def is_of_nnpdf(stored: Sequence[StoredWeight]) -> bool:
    """Return whether arrays are those of a file of nnpdf: no file of n3fit has these paths with two dimensions."""
    kernels = [weight for weight in stored if _NETWORK.fullmatch(weight.path)]
    return bool(kernels) and all(weight.values.ndim < 3 for weight in kernels)


def network_arrays(stored: Sequence[StoredWeight]) -> list[Array]:
    """Return kernel and bias of each dense layer, in the order of the layers."""
    return _ordered(stored, _NETWORK)


def preprocessing_arrays(stored: Sequence[StoredWeight]) -> list[Array]:
    """Return the exponents of the preprocessing in the order of their numbers."""
    return _ordered(stored, _PREPROCESSING)


def _ordered(stored: Sequence[StoredWeight], pattern: re.Pattern[str]) -> list[Array]:
    numbered = []
    for weight in stored:
        match = pattern.fullmatch(weight.path)
        if match is not None:
            numbered.append(([int(number or 0) for number in match.groups()], weight.values))
    return [values for _, values in sorted(numbered, key=lambda entry: entry[0])]
