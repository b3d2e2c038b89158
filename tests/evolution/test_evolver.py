"""The evolution of many replicas at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import lowest_order

from n3fit.errors import DataError
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import QSegment, lhapdf_qgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.progress import NullReporter
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.theory.xgrids import export_xgrid

SILENT = NullReporter()


def test_leading_order_equals_the_closed_form(small_xgrid: np.ndarray) -> None:
    card = TheoryCard(PTO=0, ModEv="EXA")
    segments = (QSegment(4, np.array([3.0])), QSegment(5, np.array([4.92, 100.0])))
    values = GridEvolver(card, small_xgrid, segments, progress=SILENT).evolve(
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


def test_evolution_equals_that_of_dense_operators(small_xgrid: np.ndarray) -> None:
    xgrid = small_xgrid[::2]
    card = TheoryCard()
    grids = np.stack([les_houches_toy(EXPORT_PIDS, xgrid).T * factor for factor in (1.0, 0.7)])
    segments = lhapdf_qgrid(card, q_max=20.0, nodes=4)
    evolved = GridEvolver(card, xgrid, segments, progress=SILENT).evolve(grids)
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
    below, above = GridEvolver(TheoryCard(), xgrid, segments, progress=SILENT).evolve(grids)
    np.testing.assert_allclose(below[:, 0], grids, rtol=1e-12, atol=1e-14)
    for pid in (-6, 6, 22):
        assert (above[..., EXPORT_PIDS.index(pid)] == 0).all()
    for pid in (-5, 5):
        assert (below[..., EXPORT_PIDS.index(pid)] == 0).all()
        assert np.abs(above[..., EXPORT_PIDS.index(pid)]).max() > 1e-3


@pytest.mark.parametrize(("pid", "label"), [(5, "B"), (-6, "TBAR"), (22, "PHT")])
def test_inactive_flavour_at_the_initial_scale(small_xgrid: np.ndarray, pid: int, label: str) -> None:
    xgrid = small_xgrid[::2]
    grids = les_houches_toy(EXPORT_PIDS, xgrid).T[None].copy()
    grids[0, 3, EXPORT_PIDS.index(pid)] = 1e-3
    evolver = GridEvolver(TheoryCard(), xgrid, lhapdf_qgrid(TheoryCard(), q_max=20.0, nodes=4), progress=SILENT)
    with pytest.raises(DataError, match=rf"expected no {label} at the initial scale 1\.65 GeV.*up to 0\.001"):
        evolver.evolve(grids)


@pytest.mark.slow
def test_leading_order_on_the_nodes_of_an_exportgrid() -> None:
    """To 2e-5 for all x, at a scale just above the threshold and far from it."""
    card = TheoryCard(PTO=0, ModEv="EXA")
    xgrid = export_xgrid()
    scales = np.array([5.5, 100.0])
    (evolved,) = GridEvolver(card, xgrid, (QSegment(5, scales),), progress=SILENT).evolve(
        les_houches_toy(EXPORT_PIDS, xgrid).T[None]
    )[0]
    for q, values in zip(scales.tolist(), evolved, strict=True):
        for node in range(0, 190, 7):
            fk = dict(zip(FK_BASIS, FLAVOUR_TO_FK @ values[node], strict=True))
            expected = lowest_order.evolved_toy(
                float(xgrid[node]), q, q0=card.Q0, mb=card.mb, reference=(card.alphas, card.Qref)
            )
            found = {name: fk[name] for name in expected}
            assert found == pytest.approx(expected, rel=2e-5, abs=1e-9), (q, xgrid[node])


@pytest.mark.slow
def test_nodes_in_q_are_close_enough_for_cubic_interpolation(small_xgrid: np.ndarray, tmp_path: Path) -> None:
    """Between the nodes, also next to the thresholds, readers find the evolved toy to 1e-3 (b: of the largest b)."""
    card, xgrid = TheoryCard(), small_xgrid[::2]
    segments = lhapdf_qgrid(card)
    grids = les_houches_toy(EXPORT_PIDS, xgrid).T[None]
    layout = SetLayout(name="toy", description="toy", card=card, xgrid=xgrid, segments=segments)
    folder = tmp_path / "toy"
    folder.mkdir()
    evolved = GridEvolver(card, xgrid, segments, progress=SILENT).evolve(grids)
    write_info(folder, layout, members=1)
    write_member(folder, layout, 0, [values[0] for values in evolved])
    pdf = load_pdf_set("toy", [tmp_path])
    between = (QSegment(4, np.array([1.67, 1.75, 2.4, 4.7])), QSegment(5, np.array([4.95, 5.2, 6.0, 91.2, 9e4])))
    for segment, values in zip(between, GridEvolver(card, xgrid, between, progress=SILENT).evolve(grids), strict=True):
        for q, expected in zip(segment.q.tolist(), values[0], strict=True):
            window = (xgrid > 1e-5) & (xgrid < 0.8)
            found = pdf.xfx(EXPORT_PIDS, xgrid, q)[:, window].T
            for index, pid in enumerate(EXPORT_PIDS):
                # heavy quarks change sign just above their threshold
                floor = 1e-3 * np.abs(expected[window][:, index]).max() if abs(pid) in (4, 5) else 0.0
                np.testing.assert_allclose(
                    found[:, index], expected[window][:, index], rtol=1e-3, atol=floor, err_msg=f"{pid} at {q}"
                )
