import numpy as np

from n3fit.ensembles.bands import band_of


def test_replicas_have_percentiles_and_a_deviation() -> None:
    values = np.arange(101.0)[:, None]
    band = band_of(values, np.array([50.0]), "replicas")
    assert (band.central[0], band.low[0], band.high[0]) == (50.0, 16.0, 84.0)
    assert band.deviation[0] == np.std(values, ddof=1)


def test_one_replica_and_a_central_member_have_no_width() -> None:
    for kind, members in (("replicas", np.ones((1, 3))), ("central", np.ones((1, 3)))):
        band = band_of(members, np.ones(3), kind)
        np.testing.assert_array_equal([band.low, band.high, band.deviation], [np.ones(3), np.ones(3), np.zeros(3)])


def test_hessian_sets_add_eigenvectors_in_quadrature() -> None:
    central = np.array([10.0])
    symmetric = band_of(np.array([[13.0], [6.0]]), central, "symmhessian")
    assert (symmetric.low[0], symmetric.high[0], symmetric.deviation[0]) == (5.0, 15.0, 5.0)
    pairs = band_of(np.array([[14.0], [8.0], [6.0], [14.0]]), central, "hessian", scale=1.6448536)
    np.testing.assert_allclose(pairs.deviation, 0.5 * np.hypot(6.0, 8.0) / 1.6448536)
