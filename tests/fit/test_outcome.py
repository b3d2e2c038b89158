"""Predictions of all replicas, in double precision from the tables themselves."""

from __future__ import annotations

import numpy as np
import pytest
from support import problems

from n3fit.fit.outcome import predict_replicas
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.flavours import EVOLUTION_TO_FK
from n3fit.typing import Floats

PDF = problems.random_pdf(3, replicas=4)
DIS = [problems.make_table(name, 5) for name in ("A", "B")]
HADRONIC = problems.make_table("C", 5, hadronic=True)


def convolute(table: FKTable) -> Floats:
    """Sum a table and the distributions of each replica, channel by channel."""
    pdf = PDF(table.xgrid) @ EVOLUTION_TO_FK.T
    if not table.hadronic:
        return sum(pdf[..., flavour] @ table.values[:, row].T for row, flavour in enumerate(table.channels))
    return sum(
        np.einsum("ra,nab,rb->rn", pdf[..., first], table.values[:, row], pdf[..., second])
        for row, (first, second) in enumerate(table.channels)
    )


def test_structure_functions_are_linear() -> None:
    found = predict_replicas(problems.make_observable("A", DIS[:1]), PDF)
    assert (found.shape, found.dtype) == ((4, 5), np.float64)
    np.testing.assert_allclose(found, convolute(DIS[0]), rtol=1e-12)


def test_hadronic_predictions_are_quadratic() -> None:
    found = predict_replicas(problems.make_observable("C", [HADRONIC]), PDF)
    np.testing.assert_allclose(found, convolute(HADRONIC), rtol=1e-10, atol=1e-12)


def test_a_ratio_is_that_of_each_replica() -> None:
    found = predict_replicas(problems.make_observable("A", DIS, "RATIO"), PDF)
    np.testing.assert_allclose(found, convolute(DIS[0]) / convolute(DIS[1]), rtol=1e-10)


@pytest.mark.parametrize("replica", [0, 3])
def test_a_replica_does_not_depend_on_those_beside_it(replica: int) -> None:
    observable = problems.make_observable("C", [HADRONIC])
    alone = predict_replicas(observable, lambda x: PDF(x)[replica : replica + 1])
    np.testing.assert_allclose(alone[0], predict_replicas(observable, PDF)[replica], rtol=1e-12)
