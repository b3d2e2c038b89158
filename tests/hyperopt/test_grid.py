"""The grid of a search space."""

import pytest
from support.scan_cards import make_space

from n3fit.hyperopt.grid import grid_points, grid_values
from n3fit.hyperopt.space import Choice, Number


def test_a_grid_has_every_combination_once() -> None:
    """1 layer: 3 units; 2 layers: 3 * 3; each with 2 activations."""
    config = "  architecture: {n_layers: [1, 2], min_units: 4, max_units: 12, activations: [tanh, sigmoid]}\n"
    points = list(grid_points(make_space(config), 3))
    assert len(points) == (3 + 9) * 2
    assert len({tuple(sorted(point.items())) for point in points}) == len(points)
    assert {tuple(point) for point in points} == {
        ("n_layers", "units_1", "activation"), ("n_layers", "units_1", "units_2", "activation")
    }  # fmt: skip
    assert {point["units_1"] for point in points} == {4, 8, 12}


def test_grid_values_of_rounded_numbers() -> None:
    assert grid_values(Number("dropout", 0, 0.15, step=0.03), 3) == [0, 0.06, 0.15]
    assert grid_values(Number("epochs", 10, 12, step=1), 100) == [10, 11, 12]
    assert grid_values(Choice("activation", ("tanh", "relu")), 3) == ["tanh", "relu"]
    assert grid_values(Number("rate", 1e-4, 1e-2, log=True), 3) == [1e-4, pytest.approx(1e-3), 1e-2]
    assert grid_values(Number("rate", 1, 3), 1) == [2]
