"""The interface of ensembles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from support import ensembles as ensemble_examples

from n3fit.ensembles import SetEnsemble
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import CommandLineError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.progress import ProgressReporter


class ToyEnsemble(Ensemble):
    """The Les Houches toy at every scale; keeps the scales that it is evaluated at."""

    def __init__(self) -> None:
        self.label, self.q0, self.q_max, self.x_min = "toy", 1.65, 100.0, 1e-9
        self.evaluated: list[float] = []

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        self.evaluated += scales
        return [ensemble_examples.toy_snapshot(2, q=q) for q in scales]


def test_the_text_of_an_ensemble_has_name_and_range() -> None:
    assert repr(SetEnsemble(load_pdf_set("n3fit_dis_t0", []))) == "n3fit_dis_t0: 1.65 to 100 GeV, x from 1e-09"


def test_the_initial_scale_is_that_of_none_and_rounding_at_the_ends_is_forgiven() -> None:
    ensemble = ToyEnsemble()
    assert ensemble.at().q == 1.65
    ensemble.at_scales([1.65 * (1 - 1e-7), 100.0 * (1 + 1e-7), 20])
    assert ensemble.evaluated == [1.65, 1.65, 100.0, 20.0]


@pytest.mark.parametrize("q", [1.6, 100.1, float("nan")])
def test_scales_out_of_reach_are_refused_before_any_is_evaluated(q: float) -> None:
    ensemble = ToyEnsemble()
    with pytest.raises(CommandLineError, match=rf"toy: Q: expected 1.65 to 100 GeV, received {q:g} GeV"):
        ensemble.at_scales([10.0, q])
    assert ensemble.evaluated == []


def test_members_at_points_of_ones_own() -> None:
    x = np.array([1e-4, 0.1, 0.5])
    found, nodes = ToyEnsemble().on_nodes(x, 10.0), ensemble_examples.toy_snapshot(2)
    np.testing.assert_array_equal(found.x, x)
    expected = [[np.interp(x, nodes.x, member[:, column]) for column in range(14)] for member in nodes.members]
    np.testing.assert_allclose(np.swapaxes(found.members, 1, 2), expected, rtol=5e-3, atol=1e-6)
