"""Names of the array types that many modules use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Booleans = NDArray[np.bool_]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]

Integers = NDArray[np.int64]
"""Numbers and counts; positions in arrays are :data:`Indices`."""

Indices = NDArray[np.intp]

Weights = Mapping[str, Sequence[Array]]
"""Name of a layer -> its arrays, in the order of ``layer.weights`` in Keras."""
