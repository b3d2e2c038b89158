from dataclasses import replace

import numpy as np
import pytest
from support.ensembles import toy_snapshot

from n3fit.errors import DataError
from n3fit.reduction import choice_points, covariance_points, take_samples
from n3fit.theory.flavours import EXPORT_PIDS


def test_points_run_from_the_smallest_x_of_the_data_to_0_9() -> None:
    for points, size in ((covariance_points(1e-9), 100), (choice_points(1e-9), 16)):
        assert (len(points), points[0], points[-1]) == (size, pytest.approx(1e-5), pytest.approx(0.9))
        assert np.diff(points).min() > 0
        assert points[size // 2] == pytest.approx(0.1)
    assert covariance_points(2e-4).min() >= 2e-4
    assert len(covariance_points(2e-4)) == 100 - 17


def test_samples_are_members_of_the_flavours_that_do_not_vanish() -> None:
    snapshot = toy_snapshot(5)
    samples = take_samples(snapshot)
    assert samples.flavours == ("g", "u", "ubar", "d", "dbar", "s", "sbar")  # no charm
    np.testing.assert_array_equal(samples.members[:, 1], snapshot.members[..., EXPORT_PIDS.index(2)])
    factors = 0.1 * np.std([-2, -1, 0, 1, 2], ddof=1)
    np.testing.assert_allclose(samples.deviation[:, :-1], factors * samples.central[:, :-1], rtol=1e-12)


def test_rounding_is_no_deviation() -> None:
    snapshot = toy_snapshot(5)
    same = np.repeat(snapshot.central[None], 5, axis=0)
    one = replace(snapshot, members=same.copy())
    one.members[:, :, EXPORT_PIDS.index(1)] *= 1 + 1e-10 * np.arange(5)[:, None]
    with pytest.raises(DataError, match="toy: expected replicas that differ, received 5 equal ones"):
        take_samples(one)
