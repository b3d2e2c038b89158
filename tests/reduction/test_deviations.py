import numpy as np
import pytest

from n3fit.ensembles import Band
from n3fit.reduction import Samples, deviation_rows


def test_rows_have_median_and_largest_deviation_by_flavour() -> None:
    """Replicas 0 ... 100 of two flavours at three points, of which one does not vary; 34 half the 68 % interval."""
    numbers = np.arange(101.0)
    members = np.zeros((101, 2, 3))
    members[:, 0], members[:, 1, :2] = numbers[:, None], 2 * numbers[:, None]
    members[:, 1, 2] = 7.0
    samples = Samples(("g", "u"), np.array([0.1, 0.2, 0.3]), members, members.mean(axis=0))
    size = numbers.std(ddof=1)
    central = members.mean(axis=0) + size * np.array([[0.1, -0.3, 0.2], [0.2, 0.2, 5.0]])
    deviation = size * np.array([[1.1, 0.6, 1.2], [2.0, 1.0, 1.0]])
    half = 34 * np.array([[1.0, 1.5, 1.1], [2.0, 2.2, 9.0]])
    gluon, up = deviation_rows(samples, Band(central, central - half, central + half, deviation))
    assert (gluon.flavour, up.flavour) == ("g", "u")
    assert (gluon.central.median, gluon.central.largest, gluon.central.x) == (
        pytest.approx(0.2), pytest.approx(0.3), 0.2
    )  # fmt: skip
    assert (gluon.deviation.median, gluon.deviation.largest, gluon.deviation.x) == (
        pytest.approx(0.2), pytest.approx(0.4), 0.2
    )  # fmt: skip
    assert (gluon.interval.median, gluon.interval.largest, gluon.interval.x) == (
        pytest.approx(0.1), pytest.approx(0.5), 0.2
    )  # fmt: skip
    assert (up.central.largest, up.deviation.largest, up.interval.largest) == pytest.approx((0.1, 0.5, 0.1))


def test_flavour_that_does_not_vary() -> None:
    members = np.ones((5, 2, 3))
    members[:, 0] = np.arange(5.0)[:, None]
    samples = Samples(("g", "u"), np.array([0.1, 0.2, 0.3]), members, members.mean(axis=0))
    band = Band(samples.central, samples.central, samples.central, np.zeros((2, 3)))
    assert deviation_rows(samples, band)[1].deviation.largest == 0.0
