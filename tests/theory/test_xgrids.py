"""The nodes at which replicas are exported."""

from __future__ import annotations

import numpy as np

from n3fit.theory.xgrids import export_xgrid


def test_steps_are_equal_in_the_logarithm_and_then_in_x() -> None:
    nodes = export_xgrid()
    turn = int(np.argmin(np.abs(nodes - 0.1)))
    assert (len(nodes), nodes[0], nodes[-1], turn) == (196, 1e-9, 1.0, 131)
    np.testing.assert_allclose(np.diff(np.log(nodes[: turn + 1])), np.log(1e8) / 131, rtol=1e-10)
    np.testing.assert_allclose(np.diff(nodes[turn:]), 0.9 / 64, rtol=1e-10)
    # the spacing on both sides of x = 0.1 is the same to 7 %, the width of a logarithmic step
    assert (nodes[turn + 1] - nodes[turn]) / (nodes[turn] - nodes[turn - 1]) < 1.08
