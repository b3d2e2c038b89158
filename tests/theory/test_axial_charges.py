"""The axial charges of polarised fits."""

import numpy as np
import pytest

from n3fit.theory.axial_charges import axial_charges_of, draw_axial_charges


@pytest.mark.parametrize(
    ("seed", "triplet", "octet"),
    [(0, 1.27576345, 0.58169738), (1, 1.27604926, 0.60554045), (2, 1.27584577, 0.57193129)],
)
def test_first_numbers_of_a_generator(seed: int, triplet: float, octet: float) -> None:
    assert draw_axial_charges(seed) == pytest.approx((triplet, octet), abs=1e-8)


def test_charges_of_a_replica_do_not_depend_on_the_others() -> None:
    together = axial_charges_of([1, 2, 3], 7)
    np.testing.assert_array_equal(together[2:], axial_charges_of([3], 7))
    assert len(np.unique(together)) == 6
    assert not np.array_equal(together, axial_charges_of([1, 2, 3], 8))


def test_distribution() -> None:
    drawn = axial_charges_of(range(2000), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), [1.2756, 0.5850], atol=0.002)
    np.testing.assert_allclose(drawn.std(axis=0), [0.0013, 0.025], rtol=0.1)
