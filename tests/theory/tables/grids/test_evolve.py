"""Tables of small grids whose predictions are known in closed form."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

pytest.importorskip("pineappl")

from support.grids import hadron, make_grid

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.theory.fk_tables import read_fk_table
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.pineappl_files import MISSING_ROWS_KEY
from n3fit.theory.tables.grids.evolve import evolve_grid
from n3fit.theory.tables.grids.operators import GridOperators
from n3fit.theory.tables.grids.scales import GridScales
from n3fit.theory.tables.table_files import write_table
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

X = (0.12, 0.33, 0.61)
"""No nodes of the tables."""


def predict(table, path):
    """Compute the predictions of a table for the toy PDF, as a fit does."""
    write_table(table, path)
    read = read_fk_table(path)
    return read.predict((FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, read.xgrid)).T)


@pytest.fixture
def predictions(tmp_path):
    return lambda grid, operators: predict(evolve_grid(grid, operators).table, tmp_path / "T.pineappl.lz4")


@cache
def evolution_to_points(operators, polarised):
    evolution = EvolutionOperators(operators.scales.card, operators.xgrid, polarised=polarised)
    return cache(evolution.at_points(X))


def evolved(operators, q, pid, *, polarised=False):
    """Return f of the toy PDF at the points X, evolved as one PDF."""
    initial = les_houches_toy(EXPORT_PIDS, operators.xgrid) / operators.xgrid
    operator = evolution_to_points(operators, polarised)(q, operators.scales.flavours(q))
    return np.einsum("jbk,bk->j", operator[EXPORT_PIDS.index(pid)], initial)


def test_a_grid_that_is_a_sum_of_f(leading_order, predictions):
    """Two bins with other scales, with sizes by which pineappl divides."""
    weights = np.array([[1.0, 2.0, 0.5]])
    grid = make_grid(
        {(0, 0, 0): (weights, [30]), (0, 1, 0): (weights, [2]), (0, 1, 1): (weights, [2])},
        x=X, channels=[[([2], 1.0)], [([21], 0.1)]], limits=[(0, 1), (1, 3)], normalisations=[1.0, 2.0],
    )  # fmt: skip
    up, charm_threshold, gluon = (evolved(leading_order, q, pid) for q, pid in ((30, 2), (2, 2), (2, 21)))
    expected = [weights[0] @ up, weights[0] @ (charm_threshold + 0.1 * gluon) / 2.0]
    np.testing.assert_allclose(predictions(grid, leading_order), expected, rtol=1e-12)


def test_two_hadrons_and_powers_of_the_coupling(leading_order, predictions):
    weights = np.arange(1.0, 10.0).reshape(1, 3, 3)
    grid = make_grid(
        {(0, 0, 0): (weights, [30])}, x=X, channels=[[([2, -1], 1.0), ([21, 5], 0.5)]], hadrons=[hadron(), hadron()],
        orders=[(2, 0, 0, 0, 0)],
    )  # fmt: skip
    pdfs = {pid: evolved(leading_order, 30, pid) for pid in (2, -1, 21, 5)}
    coupling = leading_order.coupling.alpha_s(30, 5)
    expected = coupling**2 * (pdfs[2] @ weights[0] @ pdfs[-1] + 0.5 * pdfs[21] @ weights[0] @ pdfs[5])
    np.testing.assert_allclose(predictions(grid, leading_order), [expected], rtol=1e-12)


def test_an_antiproton(leading_order, predictions):
    weights = np.arange(1.0, 10.0).reshape(1, 3, 3)
    grid = make_grid({(0, 0, 0): (weights, [30])}, x=X, channels=[[([2, 1], 1.0)]], hadrons=[hadron(), hadron(-2212)])
    expected = evolved(leading_order, 30, 2) @ weights[0] @ evolved(leading_order, 30, -1)
    np.testing.assert_allclose(predictions(grid, leading_order), [expected], rtol=1e-12)


def test_bins_with_the_same_limits_stay_apart(leading_order, predictions):
    """Pineappl adds them up where their scales differ, with equal limits or not beside each other."""
    weights = np.array([[1.0, 2.0, 0.5]])
    scales = [30, 30, 10, 50]
    limits = [(0, 1), (1, 2), (0, 1), (0, 1)]
    grid = make_grid(
        {(0, row, 0): (weights * (row + 1), [q]) for row, q in enumerate(scales)},
        x=X, channels=[[([2], 1.0)]], limits=limits, normalisations=[1.0, 1.0, 2.0, 1.0],
    )  # fmt: skip
    expected = [(row + 1) * weights[0] @ evolved(leading_order, q, 2) for row, q in enumerate(scales)]
    expected[2] /= 2
    np.testing.assert_allclose(predictions(grid, leading_order), expected, rtol=1e-12)
    table = evolve_grid(grid, leading_order).table
    assert [tuple(limit[0]) for limit in table.bin_limits()] == limits


@pytest.mark.parametrize(("xi_r", "xi_f"), [(2.0, 1.0), (1.0, 0.5), (0.5, 2.0)])
def test_scale_logarithms(predictions, xi_r, xi_f):
    """Orders alpha_s and alpha_s^2 with logarithms of both scales, the PDF and the coupling at the varied scales."""
    card = TheoryCard(PTO=1, ModEv="EXA", XIR=xi_r, XIF=xi_f)
    operators = GridOperators(GridScales.of_theory(card, {}), xgrid=standard_xgrid(20, 1e-3))
    weights = {1: np.array([[1.0, 2.0, 0.5]]), 2: np.array([[0.3, 0.1, 0.7]]), "r": np.array([[1.1, 0.2, 0.4]]),
               "f": np.array([[0.5, 0.6, 0.1]])}  # fmt: skip
    grid = make_grid(
        {(order, 0, 0): (weight, [30]) for order, weight in enumerate(weights.values())},
        x=X, channels=[[([2], 1.0)]], orders=[(1, 0, 0, 0, 0), (2, 0, 0, 0, 0), (2, 0, 1, 0, 0), (2, 0, 0, 1, 0)],
    )  # fmt: skip
    coupling = operators.coupling.alpha_s(30 * xi_r, 5)
    total = coupling * weights[1] + coupling**2 * (
        weights[2] + weights["r"] * np.log(xi_r**2) + weights["f"] * np.log(xi_f**2)
    )
    expected = total @ evolved(operators, 30 * xi_f, 2)
    np.testing.assert_allclose(predictions(grid, operators), expected, rtol=1e-12)


def test_a_variation_within_the_evolution_leaves_the_grid_at_its_scale():
    card = TheoryCard(XIF=2.0, XIR=0.5, ModSV="expanded")
    scales = GridScales.of_theory(card, {})
    assert (scales.xi_f, scales.xi_r, scales.card.XIF) == (1.0, 0.5, 2.0)
    scales = GridScales.of_theory(replace(card, ModSV="None"), {})
    assert (scales.xi_f, scales.xi_r, scales.card.XIF) == (2.0, 0.5, 1.0)


def test_a_polarised_and_an_unpolarised_proton(leading_order, tmp_path):
    weights = np.arange(1.0, 10.0).reshape(1, 3, 3)
    grid = make_grid(
        {(0, 0, 0): (weights, [30])}, x=X, channels=[[([2, 21], 1.0)]], hadrons=[hadron(polarised=True), hadron()]
    )
    table = evolve_grid(grid, leading_order).table
    expected = evolved(leading_order, 30, 2, polarised=True) @ weights[0] @ evolved(leading_order, 30, 21)
    np.testing.assert_allclose(predict(table, tmp_path / "T.pineappl.lz4"), [expected], rtol=1e-12)
    assert read_fk_table(tmp_path / "T.pineappl.lz4").polarised == (True, False)


def test_scales_below_the_charm_threshold_have_three_flavours(leading_order, predictions):
    grid = make_grid({(0, 0, 0): (np.ones((2, 3)), [1.2, 1.4])}, x=X, channels=[[([2], 1.0)]])
    expected = sum(evolved(leading_order, q, 2).sum() for q in (1.2, 1.4))
    np.testing.assert_allclose(predictions(grid, leading_order), [expected], rtol=1e-12)
    assert leading_order.scales.flavours(1.2) == 3
    (note,) = evolve_grid(grid, leading_order).notes
    assert note.startswith("2 of 2 scales below the charm threshold (1.2 to 1.4 GeV)")


def test_rows_where_the_coupling_is_too_large_have_no_prediction(leading_order, predictions):
    content = {(0, row, 0): (np.ones((1, 3)), [q]) for row, q in enumerate([30, 0.2])}
    grid = make_grid(content, x=X, channels=[[([2], 1.0)]], limits=[(0, 1), (1, 2)])
    made = evolve_grid(grid, leading_order)
    assert json.loads(made.table.metadata[MISSING_ROWS_KEY]) == [1]
    assert "1 rows without prediction" in made.notes[-1]
    grid = make_grid(content, x=X, channels=[[([2], 1.0)]], limits=[(0, 1), (1, 2)])
    np.testing.assert_allclose(predictions(grid, leading_order), [evolved(leading_order, 30, 2).sum(), 0.0])
    low = make_grid({(0, 0, 0): (np.ones((1, 3)), [0.2])}, x=X, channels=[[([2], 1.0)]])
    with pytest.raises(TheoryError, match="expected scales at which alpha_s is below 1"):
        evolve_grid(low, leading_order)


def test_photons_vanish_and_leptons_are_refused(leading_order):
    grid = make_grid({(0, 0, 0): (np.ones((1, 3)), [30])}, x=X, channels=[[([2], 1.0), ([22], 1.0)]])
    assert "channels with photons vanish, as the theory has no photon" in evolve_grid(grid, leading_order).notes
    grid = make_grid({(0, 0, 0): (np.ones((1, 3)), [30])}, x=X, channels=[[([11], 1.0)]])
    with pytest.raises(TheoryError, match="expected partons, received the particles 11"):
        evolve_grid(grid, leading_order)


def test_a_grid_without_coefficients_is_refused(leading_order):
    grid = make_grid({}, x=X, channels=[[([2], 1.0)]])
    with pytest.raises(TheoryError, match="received an empty grid"):
        evolve_grid(grid, leading_order)


def test_coefficients_that_are_not_finite_are_refused(leading_order):
    grid = make_grid({(0, 0, 0): (np.array([[1.0, np.nan, 1.0]]), [30])}, x=X, channels=[[([2], 1.0)]])
    with pytest.raises(TheoryError, match="expected finite coefficients"):
        evolve_grid(grid, leading_order)


def test_coefficient_functions_of_another_card_are_named(leading_order):
    grid = make_grid({(0, 0, 0): (np.ones((1, 3)), [30])}, x=X, channels=[[([2], 1.0)]])
    grid.set_metadata("theory", json.dumps({"FNS": "FONLL-C", "mc": 1.4, "TMC": 1}))
    assert evolve_grid(grid, leading_order).notes == ("coefficient functions made with mc: 1.4 (card: 1.51)",)


@pytest.mark.parametrize("nf0", [3, 5])
def test_other_numbers_of_flavours_at_the_initial_scale(predictions, nf0):
    card = TheoryCard(PTO=0, ModEv="EXA", nf0=nf0, Q0={3: 1.4, 5: 5.0}[nf0])
    operators = GridOperators(GridScales.of_theory(card, {}), xgrid=standard_xgrid(20, 1e-3))
    grid = make_grid({(0, 0, 0): (np.ones((1, 3)), [30])}, x=X, channels=[[([5], 1.0), ([-3], 1.0)]])
    expected = (evolved(operators, 30, 5) + evolved(operators, 30, -3)).sum()
    np.testing.assert_allclose(predictions(grid, operators), [expected], rtol=1e-12)


def test_the_coupling_has_at_most_the_flavours_of_the_card():
    card = replace(TheoryCard(), ktThr=0.1)
    scales = GridScales.of_theory(card, {"MaxNfAs": 4})
    operators = GridOperators(scales)
    assert scales.alpha_s(operators.coupling, 200.0) == operators.coupling.alpha_s(200.0, 4)
    assert GridScales.of_theory(card, {}).flavours(200.0) == 5
