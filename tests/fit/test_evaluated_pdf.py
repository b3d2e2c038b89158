"""The PDFs of all replicas on the nodes of several grids, computed in one go."""

import numpy as np
import pytest
from support import problems

from n3fit.fit.evaluated_pdf import EvaluatedPDF, evaluate_on
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf

GRIDS = [np.geomspace(1e-9, 1, 700), np.array([0.5]), np.linspace(0.1, 1, 300)]


def test_values_are_those_of_every_grid_by_itself() -> None:
    model = build_pdf_model(problems.make_architecture(), [1, 2, 3])
    pdf = evaluate_on(model, GRIDS)
    assert np.array_equal(pdf.nodes, np.unique(np.concatenate(GRIDS)))
    for grid in GRIDS:
        values = pdf(grid)
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, evaluate_pdf(model, grid), rtol=1e-4, atol=1e-6)


def test_a_replica_does_not_depend_on_those_beside_it() -> None:
    together = evaluate_on(build_pdf_model(problems.make_architecture(), [1, 2, 3]), GRIDS)
    alone = evaluate_on(build_pdf_model(problems.make_architecture(), [2]), GRIDS)
    np.testing.assert_allclose(together.take(slice(1, 2))(GRIDS[0]), alone(GRIDS[0]), rtol=1e-4, atol=1e-6)


def test_nodes_in_any_order_and_unknown_ones() -> None:
    pdf = EvaluatedPDF(np.array([0.1, 0.2, 0.4]), np.arange(6.0).reshape(1, 3, 2))
    np.testing.assert_array_equal(pdf(np.array([0.4, 0.1, 0.4])), [[[4.0, 5.0], [0.0, 1.0], [4.0, 5.0]]])
    for unknown in (0.3, 0.05, 0.9):
        with pytest.raises(ValueError, match="not computed at these nodes"):
            pdf(np.array([0.1, unknown]))
