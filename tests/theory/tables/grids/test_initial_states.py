"""Initial states rewritten as protons."""

import numpy as np
import pytest

pytest.importorskip("pineappl")

from support.grids import hadron, make_grid

from n3fit.errors import TheoryError
from n3fit.theory.tables.grids.initial_states import as_proton_grid

X = (0.1, 0.3, 0.6)
DEUTERON, LEAD = 1000010020, 1000822080
ISOSPIN = {1: 2, 2: 1, -1: -2, -2: -1}


def proton(pid, x, q2):
    """Return x f(x) of a PDF with no symmetry among its partons."""
    return x * (1 - x) * {21: 7.0, 2: 1.0, -2: 0.2, 1: 0.5, -1: 0.3, 3: 0.11, -3: 0.13}.get(pid, 0.0)


def neutron(pid, x, q2):
    return proton(ISOSPIN.get(pid, pid), x, q2)


def conjugate(pid, x, q2):
    return proton(pid if pid == 21 else -pid, x, q2)


def nucleus(protons, nucleons):
    share = protons / nucleons
    return lambda pid, x, q2: share * proton(pid, x, q2) + (1 - share) * neutron(pid, x, q2)


def predict(grid, pdfs):
    return grid.convolve([hadron()] * len(pdfs), list(pdfs), lambda q2: 0.1)


def one_hadron(pid):
    weights = np.array([[1.0, 2.0, 3.0]])
    channels = [[([2], 1.0), ([-3], 0.3)], [([21], 1.0), ([-1], 2.0)]]
    return make_grid({(0, 0, 0): (weights, [10]), (0, 0, 1): (weights**2, [10])}, x=X, channels=channels,
                     hadrons=[hadron(pid)])  # fmt: skip


@pytest.mark.parametrize(
    ("pid", "pdf"),
    [(2212, proton), (-2212, conjugate), (2112, neutron), (DEUTERON, nucleus(1, 2)), (LEAD, nucleus(82, 208))],
)
def test_one_hadron(pid, pdf):
    expected = predict(one_hadron(2212), [pdf])
    grid, notes = as_proton_grid(one_hadron(pid))
    np.testing.assert_allclose(predict(grid, [proton]), expected, rtol=1e-14)
    assert [convolution.pid for convolution in grid.convolutions] == [2212]
    assert len(notes) == (abs(pid) > 10**9)


def test_two_hadrons():
    """Proton and antiproton, and a proton on a deuteron."""
    weights = np.arange(1.0, 10.0).reshape(1, 3, 3)

    def grid(second):
        return make_grid({(0, 0, 0): (weights, [10])}, x=X, channels=[[([2, -1], 1.0), ([21, 3], 0.5)]],
                         hadrons=[hadron(), hadron(second)])  # fmt: skip

    for pid, pdf in ((-2212, conjugate), (DEUTERON, nucleus(1, 2))):
        expected = predict(grid(2212), [proton, pdf])
        rewritten, _ = as_proton_grid(grid(pid))
        np.testing.assert_allclose(predict(rewritten, [proton, proton]), expected, rtol=1e-14)


def test_metadata_and_bins_are_kept():
    grid = one_hadron(-2212)
    grid.set_metadata("description", "something")
    rewritten, _ = as_proton_grid(grid)
    assert rewritten.metadata["description"] == "something"
    assert rewritten.bin_limits() == grid.bin_limits()


@pytest.mark.parametrize(
    ("hadrons", "message"),
    [
        ([hadron(11)], "received the particle 11"),
        ([hadron(1000000000)], "received the particle 1000000000"),
        ([hadron(211, time_like=True)], "received fragmentation functions"),
    ],
)
def test_other_initial_states_are_refused(hadrons, message):
    grid = make_grid({(0, 0, 0): (np.ones((1, 3)), [10])}, x=X, channels=[[([2], 1.0)]], hadrons=hadrons)
    with pytest.raises(TheoryError, match=message):
        as_proton_grid(grid)
