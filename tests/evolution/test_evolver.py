"""The evolution of many replicas at once."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import QSegment, lhapdf_qgrid
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.operators import EvolutionOperators
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy


def silence(name: str, done: int, total: int) -> None:
    """Listen to nothing."""


def test_leading_order_equals_the_closed_form(lowest_order: ModuleType, small_xgrid: np.ndarray) -> None:
    card = TheoryCard(PTO=0, ModEv="EXA")
    segments = (QSegment(4, np.array([3.0])), QSegment(5, np.array([4.92, 100.0])))
    values = GridEvolver(card, small_xgrid, segments, progress=silence).evolve(
        les_houches_toy(EXPORT_PIDS, small_xgrid).T[None]
    )
    chosen = [index for index, x in enumerate(small_xgrid) if 1e-5 < x < 0.9][::4]
    for segment, evolved in zip(segments, values, strict=True):
        for index, q in enumerate(segment.q):
            for node in chosen:
                fk = dict(zip(FK_BASIS, FLAVOUR_TO_FK @ evolved[0, index, node], strict=True))
                expected = lowest_order.evolved_toy(
                    float(small_xgrid[node]), float(q), q0=card.Q0, mb=card.mb, reference=(card.alphas, card.Qref)
                )
                found = {name: fk[name] for name in expected}
                assert found == pytest.approx(expected, rel=1e-3, abs=1e-6), (q, small_xgrid[node])


def test_evolution_equals_that_of_the_theory_room(small_xgrid: np.ndarray) -> None:
    xgrid = small_xgrid[::2]
    card = TheoryCard()
    grids = np.stack([les_houches_toy(EXPORT_PIDS, xgrid).T * factor for factor in (1.0, 0.7)])
    segments = lhapdf_qgrid(card, q_max=20.0, nodes=4)
    evolved = GridEvolver(card, xgrid, segments, progress=silence).evolve(grids)
    operators = EvolutionOperators(card, xgrid, nodes=120)
    for segment, values in zip(segments, evolved, strict=True):
        for index, q in enumerate(segment.q.tolist()):
            expected = operators.evolve(np.swapaxes(grids, 1, 2) / xgrid, q, segment.nf) * xgrid
            scale = np.abs(expected).max()
            np.testing.assert_allclose(values[:, index], np.swapaxes(expected, 1, 2), rtol=0, atol=1e-12 * scale)


def test_first_node_is_the_fit_itself_and_inactive_quarks_are_exactly_zero(small_xgrid: np.ndarray) -> None:
    xgrid = small_xgrid[::2]
    grids = les_houches_toy(EXPORT_PIDS, xgrid).T[None]
    segments = lhapdf_qgrid(TheoryCard(), q_max=20.0, nodes=4)
    below, above = GridEvolver(TheoryCard(), xgrid, segments, progress=silence).evolve(grids)
    np.testing.assert_allclose(below[:, 0], grids, rtol=1e-12, atol=1e-14)
    for pid in (-6, 6, 22):
        assert (above[..., EXPORT_PIDS.index(pid)] == 0).all()
    for pid in (-5, 5):
        assert (below[..., EXPORT_PIDS.index(pid)] == 0).all()
        assert np.abs(above[..., EXPORT_PIDS.index(pid)]).max() > 1e-3


@pytest.mark.parametrize(("pid", "label"), [(5, "B"), (-6, "TBAR"), (22, "PHT")])
def test_inactive_flavour_at_the_initial_scale_is_refused(small_xgrid: np.ndarray, pid: int, label: str) -> None:
    xgrid = small_xgrid[::2]
    grids = les_houches_toy(EXPORT_PIDS, xgrid).T[None].copy()
    grids[0, 3, EXPORT_PIDS.index(pid)] = 1e-3
    evolver = GridEvolver(TheoryCard(), xgrid, lhapdf_qgrid(TheoryCard(), q_max=20.0, nodes=4), progress=silence)
    with pytest.raises(DataError, match=rf"{label} must vanish at the initial scale 1\.65 GeV.*up to 0\.001"):
        evolver.evolve(grids)


@pytest.mark.slow
def test_grid_of_the_fit_is_fine_enough() -> None:
    """Half as many nodes again in x change the evolved toy by less than 1e-4, and its momentum is 1 to 1e-4."""
    from n3fit.results import export_xgrid

    card = TheoryCard()
    segments = (QSegment(5, np.array([100.0])),)
    coarse = export_xgrid()
    log_x = np.log(coarse)
    fine = np.exp(np.interp(np.arange(0, 195.01, 0.5), np.arange(196), log_x))
    fine[-1] = 1.0
    values = [
        GridEvolver(card, x, segments, progress=silence).evolve(les_houches_toy(EXPORT_PIDS, x).T[None])[0][0, 0]
        for x in (coarse, fine)
    ]
    window = (coarse > 1e-8) & (coarse < 0.9)
    kept = [EXPORT_PIDS.index(pid) for pid in (*range(-5, 0), 21, *range(1, 6))]
    np.testing.assert_allclose(values[0][window][:, kept], values[1][::2][window][:, kept], rtol=1e-4, atol=1e-9)
    total = values[1].sum(axis=1)
    assert np.trapezoid(total, fine) == pytest.approx(1, abs=2e-4)
