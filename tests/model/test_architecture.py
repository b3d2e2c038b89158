"""The parametrisation, and the knots of the scaled feature."""

from __future__ import annotations

import numpy as np
from support import problems

from n3fit.model.architecture import feature_knots

GRIDS = [np.geomspace(1e-4, 1, 20), np.array([1e-9]), np.linspace(0.1, 1, 10), np.geomspace(1e-4, 1, 20)]


def test_flavours_are_those_of_the_ranges_in_their_order() -> None:
    architecture = problems.make_architecture()
    assert architecture.flavours == tuple(entry.flavour for entry in architecture.ranges)
    assert architecture.flavours == ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")


def test_knots_spread_the_nodes_evenly() -> None:
    knots, values = feature_knots(GRIDS, 7)
    assert knots[0] == 1e-9
    assert knots[-1] == 1.0
    assert (values[0], values[-1]) == (-1.0, 1.0)
    assert (np.diff(knots) > 0).all()
    # the share of nodes at or below a knot, counted with their multiplicity, is the feature up to a linear map
    nodes = np.concatenate(GRIDS)
    below = np.array([np.sum(nodes <= knot * (1 + 1e-9)) for knot in knots])
    np.testing.assert_allclose(values, 2 * (below - 1) / (len(nodes) - 1) - 1, atol=1e-14)
    np.testing.assert_allclose(np.diff(values), 2 / 6, atol=0.1)


def test_more_knots_than_nodes() -> None:
    knots, values = feature_knots([np.array([0.1, 0.5, 1.0])], 40)
    np.testing.assert_array_equal(knots, [0.1, 0.5, 1.0])
    np.testing.assert_allclose(values, [-1, 0, 1])
