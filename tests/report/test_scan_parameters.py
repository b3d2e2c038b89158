"""Parameters of trials as columns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from n3fit.report.scan_parameters import compact_number, scan_parameters
from n3fit.results.tries import Try


def trial(tid: int, **parameters: Any) -> Try:
    return Try(tid=tid, state=2, status="ok", loss=1.0, parameters=parameters)


def test_columns() -> None:
    tries = [
        trial(0, epochs=100, nodes_per_layer=[5, 4, 8], optimizer={"optimizer_name": "Nadam", "learning_rate": 1e-4}),
        trial(1, epochs=250, nodes_per_layer=[7, 8], optimizer={"optimizer_name": "Adam", "learning_rate": 0.5}),
        trial(2, epochs=250, nodes_per_layer=[7, 8], optimizer="Adamax"),
    ]
    for entry in tries:
        entry.parameters.update(dropout=0.0, stopping_delta=None, activation_per_layer=["tanh", "linear"])
    varied, common = scan_parameters(tries)
    assert [entry.name for entry in varied] == [
        "hidden layers", "nodes of layer 1", "nodes of layer 2", "optimizer.optimizer_name", "optimizer.learning_rate",
        "epochs",
    ]  # fmt: skip
    assert common == {"activation_per_layer": "tanh linear", "dropout": "0.0"}
    layers, first, second, optimizer, rate, epochs = varied
    assert layers.numbers.tolist() == [2, 1, 1]
    assert first.numbers.tolist() == [5, 7, 7]
    np.testing.assert_array_equal(second.numbers, [4, np.nan, np.nan])
    assert optimizer.categories == ("Adam", "Adamax", "Nadam")
    assert optimizer.numbers.tolist() == [2, 0, 1]
    assert (rate.logarithmic, epochs.logarithmic, optimizer.logarithmic) == (True, False, False)
    assert [second.shown(index) for index in range(3)] == ["4", "–", "–"]
    assert [rate.shown(index) for index in range(3)] == ["1·10⁻⁴", "0.5", "–"]
    assert [entry.label for entry in varied][3:5] == ["optimiser", "learning rate"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.001, "0.001"), (9.9e-4, "9.9·10⁻⁴"), (123456.0, "123456"), (2e6, "2·10⁶"), (-0.25, "-0.25")],
)
def test_compact_numbers(value: float, text: str) -> None:
    assert compact_number(value) == text
    assert math.isfinite(value)
