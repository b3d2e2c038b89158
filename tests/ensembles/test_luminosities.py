"""Luminosities against an adaptive integral of an analytic PDF."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from support import ensembles as ensemble_examples

from n3fit.ensembles import ReplicaEnsemble
from n3fit.ensembles.luminosities import CHANNELS, channel_luminosities, default_masses, luminosities
from n3fit.errors import CommandLineError
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.theory.xgrids import export_xgrid

ENERGY = 13_600.0


def toy(pid: int, x: float) -> float:
    return float(les_houches_toy([pid], x)[0, 0]) / x


def integrate(pairs: list[tuple[int, int]], mass: float) -> float:
    tau = (mass / ENERGY) ** 2

    def integrand(y: float) -> float:
        x = np.exp(y)
        return sum(toy(first, x) * toy(second, tau / x) for first, second in pairs)

    return quad(integrand, np.log(tau), 0.0, epsrel=1e-9, limit=200)[0] / ENERGY**2


@pytest.mark.parametrize("mass", [10.0, 125.0, 3000.0])
def test_channels_of_the_toy_pdf(mass: float) -> None:
    shot = ensemble_examples.toy_snapshot(1, q=mass)
    found = channel_luminosities(shot, shot.members, ENERGY)
    quarks, antiquarks = (1, 2, 3), (-1, -2, -3)
    pairs = {
        "gg": [(21, 21)],
        "gq": [(21, quark) for quark in (*quarks, *antiquarks)],
        "qqbar": [(quark, -quark) for quark in quarks],
        "qq": [(a, b) for kind in (quarks, antiquarks) for a in kind for b in kind],
    }
    for channel in CHANNELS:
        assert found[channel][0] == pytest.approx(integrate(pairs[channel], mass), rel=2e-6), channel


def test_luminosities_are_quadratic_and_central_value_is_their_mean() -> None:
    shot = ensemble_examples.toy_snapshot(3, q=50.0)
    one = channel_luminosities(shot, shot.central[None], ENERGY)
    three = channel_luminosities(shot, shot.members, ENERGY)
    for channel in CHANNELS:
        np.testing.assert_allclose(three[channel], one[channel] * np.array([0.81, 1.0, 1.21]), rtol=1e-12)


def test_masses_outside_of_the_range_are_omitted() -> None:
    found = luminosities(open_ensemble("n3fit_dis_t0"))
    assert found.masses.max() <= 100.0
    np.testing.assert_array_equal(found.masses, default_masses()[: len(found.masses)])
    assert found.bands["gg"].central.shape == found.masses.shape
    assert (np.diff(found.bands["gg"].central) < 0).all()
    with pytest.raises(CommandLineError, match=r"n3fit_dis_t0: masses: expected some below 13600 GeV and within 1\.65"):
        luminosities(open_ensemble("n3fit_dis_t0"), masses=[500.0])


def test_masses_need_small_enough_x(small_fit: FitFolder) -> None:
    ensemble = open_ensemble(small_fit)  # from x = 1e-7
    with pytest.raises(CommandLineError, match=r"within 4\.30\d* to 100000 GeV, received 4"):
        luminosities(ensemble, masses=[4.0])


def test_band_of_replicas_is_that_of_their_luminosities() -> None:
    """The factors 0.9, 1 and 1.1 of the replicas are squared; the central value is the mean, not that of the mean."""
    ensemble = ReplicaEnsemble("toy", q0=50.0, xgrid=export_xgrid(), pdf=ensemble_examples.toy_snapshot(3).members)
    found = luminosities(ensemble, masses=[50.0])
    one = channel_luminosities(ensemble.at(), ensemble.at().central[None], ENERGY)
    for channel in CHANNELS:
        np.testing.assert_allclose(found.members[channel], one[channel] * np.array([[0.81], [1.0], [1.21]]), rtol=1e-12)
        np.testing.assert_allclose(found.bands[channel].central, one[channel] * 3.02 / 3, rtol=1e-12)
        expected = one[channel] * np.std([0.81, 1.0, 1.21], ddof=1)
        np.testing.assert_allclose(found.bands[channel].deviation, expected, rtol=1e-12)
