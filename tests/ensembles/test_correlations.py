import numpy as np
from support import ensembles as ensemble_examples

from n3fit.ensembles.correlations import correlation_matrix
from n3fit.ensembles.partons import find_parton
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.xgrids import export_xgrid

X = np.array([0.01, 0.3])


def test_replicas_have_the_correlations_of_numpy() -> None:
    random = np.random.default_rng(2)
    members = random.normal(size=(40, 1, 14)) * np.ones((1, len(export_xgrid()), 1)) + 5.0
    members[:, :, EXPORT_PIDS.index(1)] = -2.0 * members[:, :, EXPORT_PIDS.index(2)]  # d = -2 u
    shot = ensemble_examples.toy_snapshot(members=members, central=members.mean(axis=0))
    partons = [find_parton(name) for name in ("u", "d", "g")]
    found = correlation_matrix(shot, partons, X)
    columns = [members[:, 0, EXPORT_PIDS.index(pid)] for pid in (2, 1, 21)]
    np.testing.assert_allclose(found, np.kron(np.corrcoef(columns), np.ones((2, 2))), atol=1e-9)
    np.testing.assert_allclose(found[0, 2], -1.0, atol=1e-9)


def test_constant_distributions_are_uncorrelated() -> None:
    found = correlation_matrix(ensemble_examples.toy_snapshot(), [find_parton("g"), find_parton("c")], X)
    np.testing.assert_allclose(found, [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], atol=1e-9)


def test_pairs_of_a_hessian_set() -> None:
    members = np.full((4, len(export_xgrid()), 14), 1.0)
    gluon, up = EXPORT_PIDS.index(21), EXPORT_PIDS.index(2)
    for pair, (of_gluon, of_up) in enumerate([(3.0, 1.0), (0.0, 1.0)]):  # cos 45 degrees
        members[2 * pair, :, gluon] += of_gluon
        members[2 * pair, :, up] += of_up
    shot = ensemble_examples.toy_snapshot(kind="hessian", members=members, central=np.ones(members.shape[1:]))
    found = correlation_matrix(shot, [find_parton("g"), find_parton("u")], X[:1])
    np.testing.assert_allclose(found[0, 1], np.sqrt(0.5), rtol=1e-9)
