"""alpha_s from imaginary fits, whose chi2 to their pseudodata is known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support import outcomes

from n3fit.campaign.alphas_scan import scan_alphas
from n3fit.campaign.expansion import Run
from n3fit.errors import DataError

ALPHAS = (0.114, 0.116, 0.118, 0.120)
MINIMA = np.array([0.1165, 0.1172, 0.1181])
REPLICAS, POINTS = 3, 10


@pytest.fixture
def base():
    return outcomes.make_outcome(REPLICAS, sets=outcomes.SMALL_SETS, positivity_passed=np.ones(REPLICAS, dtype=bool))


@pytest.fixture
def data(base):
    return SimpleNamespace(
        central=base.central, fitted_points=np.arange(1, POINTS), loss_covariance=base.t0_covariance[1:, 1:]
    )


@pytest.fixture
def write(base, tmp_path):
    """Write the fit at one alpha_s: predictions ``shift`` standard deviations of a direction away from the data."""

    def write_fit(name, alphas, *, slope=2e3, alphas_of_card=None, pseudodata=None):
        random = np.random.default_rng(5)
        drawn = base.central + random.normal(size=(REPLICAS, POINTS)) * 0.01 if pseudodata is None else pseudodata
        factor = np.linalg.cholesky(base.t0_covariance[1:, 1:])
        direction = np.concatenate(
            [[7.0], factor @ np.full(POINTS - 1, 1 / 3.0)]
        )  # of length one; the first is not fitted
        predictions = drawn + slope * (alphas - MINIMA)[:, np.newaxis] * direction
        card = outcomes.CARD | {"alphas": alphas if alphas_of_card is None else alphas_of_card}
        outcome = replace(base, name=name, predictions=predictions, pseudodata=drawn)
        return outcomes.write_outcome(outcome, tmp_path / name, theory={"id": name, "card": card})

    return write_fit


def run_of(name, alphas=None, batch=1):
    return Run(name, None, "", (1, 3), name, alphas, batch)


def test_the_planted_minima_are_found(write, data):
    fits = {f"t{index}": write(f"t{index}", alphas) for index, alphas in enumerate(ALPHAS)}
    scan = scan_alphas([run_of(name) for name in fits], fits, data)
    np.testing.assert_allclose(scan.determination.minima, MINIMA, atol=1e-8)
    np.testing.assert_allclose(scan.determination.parabolas.curvature, 4e6, rtol=1e-6)
    expected = [
        residual @ np.linalg.solve(data.loss_covariance, residual)
        for fit in fits.values()
        for residual in [(fit.mean_prediction - data.central)[1:]]
    ]
    np.testing.assert_allclose(scan.central_chi2, expected, rtol=1e-9)
    assert scan.points == 9
    alphas, counts, mean, _ = scan.columns()
    assert (alphas.tolist(), counts.tolist()) == (list(ALPHAS), [3] * 4)
    np.testing.assert_allclose(mean, [np.mean(4e6 * (value - MINIMA) ** 2) for value in ALPHAS], rtol=1e-6)


def test_the_better_of_two_batches_counts(write, data):
    fits, runs = {}, []
    for index, alphas in enumerate(ALPHAS):
        for batch, slope in ((1, 2e3), (2, 3e3)):
            name = f"t{index}_{batch}"
            fits[name] = write(name, alphas, slope=slope if index % 2 else 5e3 - slope)
            runs.append(run_of(name, alphas, batch))
    found = scan_alphas(runs, fits, data).determination
    np.testing.assert_allclose(found.parabolas.curvature, 4e6, rtol=1e-6)
    np.testing.assert_allclose(found.minima, MINIMA, atol=1e-8)


def test_what_does_not_belong_together_is_refused(write, data, base):
    fits = {f"t{index}": write(f"t{index}", alphas) for index, alphas in enumerate(ALPHAS)}
    runs = [run_of(name) for name in fits]
    with pytest.raises(DataError, match=r"run t1: theory t1 has alpha_s\(MZ\) = 0.116, the campaign file says 0.117"):
        scan_alphas([runs[0], run_of("t1", 0.117)], fits, data)
    other = {**fits, "t2": write("other", ALPHAS[2], pseudodata=np.tile(base.central, (REPLICAS, 1)))}
    with pytest.raises(DataError, match="run t2: the pseudodata of replica 1 are not those of run t0"):
        scan_alphas(runs, other, data)
    same = {**fits, "t3": write("same", ALPHAS[3], alphas_of_card=ALPHAS[0])}
    with pytest.raises(DataError, match="alpha_s is 0.114, as in another run"):
        scan_alphas(runs, same, data)
    data.central = data.central + 1
    with pytest.raises(DataError, match="other central data"):
        scan_alphas(runs, fits, data)
