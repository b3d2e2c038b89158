"""Convolution of grids with the evolved toy PDF."""

from pathlib import Path

import numpy as np
import pytest
from support.lowest_order import coupling, evolved_toy
from support.synthetic_grids import CARD, GLUON_BINS, write_grid

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.progress import NullReporter
from n3fit.theory.tables.checks.grids import grid_references, open_grid
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

LOWEST = TheoryCard.from_mapping(CARD)
REFERENCE = (CARD["alphas"], CARD["Qref"])


@pytest.fixture(scope="module")
def evolution() -> EvolutionOperators:
    return EvolutionOperators(LOWEST, standard_xgrid(61, 6e-5))


def test_a_grid_equals_the_sum_over_its_nodes_in_closed_form(tmp_path: Path, evolution: EvolutionOperators) -> None:
    write_grid(tmp_path / "T.pineappl.lz4", GLUON_BINS)
    contents = open_grid(tmp_path / "T.pineappl.lz4", LOWEST)
    assert sorted(contents.scales) == pytest.approx([10.0, 30.0])
    found = grid_references({"T": contents}, evolution, every=1, progress=NullReporter())["T"]
    options = {"q0": CARD["Q0"], "mb": CARD["mb"], "reference": REFERENCE}
    expected = [
        4 * np.pi * coupling(q, 5, REFERENCE)
        * sum(value * evolved_toy(x, q, **options)["g"] / x for x, value in coefficients.items())
        for q, coefficients in GLUON_BINS
    ]  # fmt: skip
    assert found.rows == (0, 1, 2)
    np.testing.assert_allclose(found.values, expected, rtol=2e-4)


def test_every_second_bin(tmp_path: Path, evolution: EvolutionOperators) -> None:
    write_grid(tmp_path / "T.pineappl", GLUON_BINS)
    contents = open_grid(tmp_path / "T.pineappl", LOWEST)
    found = grid_references({"T": contents}, evolution, every=2, progress=NullReporter())["T"]
    assert (found.rows, found.places) == ((0, 2), ("bin 0", "bin 2"))


def test_the_antiproton_has_the_antiquarks_of_the_proton(tmp_path: Path, evolution: EvolutionOperators) -> None:
    """At the initial scale, where the PDF is the toy: u of the proton with ubar of the antiproton."""
    x = 0.3
    path = tmp_path / "T.pineappl.lz4"
    write_grid(path, [(CARD["Q0"], {x: 1.0})], pids=(2, -2), hadrons=(2212, -2212), order=0)
    contents = open_grid(path, LOWEST)
    (value,) = grid_references({"T": contents}, evolution, every=1, progress=NullReporter())["T"].values
    up = float(les_houches_toy([2], x)[0, 0])
    assert value == pytest.approx((up / x) ** 2, rel=1e-4)


def test_bins_below_the_initial_scale_are_left_out(tmp_path: Path, evolution: EvolutionOperators) -> None:
    write_grid(tmp_path / "T.pineappl.lz4", [(1.2, {0.1: 1.0}), (10.0, {0.1: 1.0})])
    contents = open_grid(tmp_path / "T.pineappl.lz4", LOWEST)
    assert grid_references({"T": contents}, evolution, every=1, progress=NullReporter())["T"].rows == (1,)


def test_orders_beyond_the_theory_are_not_added(tmp_path: Path) -> None:
    write_grid(tmp_path / "T.pineappl.lz4", GLUON_BINS, order=2)
    assert open_grid(tmp_path / "T.pineappl.lz4", LOWEST).orders.tolist() == [True]


@pytest.mark.parametrize(("hadron", "share"), [(2112, 0.0), (1000010020, 0.5), (1000822080, 82 / 208)])
def test_neutrons_and_nuclei_follow_from_the_proton(
    tmp_path: Path, evolution: EvolutionOperators, hadron: int, share: float
) -> None:
    """u of the hadron at the initial scale: that of its protons, and d of the proton for its neutrons."""
    x = 0.3
    path = tmp_path / "T.pineappl.lz4"
    write_grid(path, [(CARD["Q0"], {x: 1.0})], pids=(2,), hadrons=(hadron,), order=0)
    (value,) = grid_references(
        {"T": open_grid(path, LOWEST)}, evolution, every=1, progress=NullReporter()
    )["T"].values  # fmt: skip
    up, down = les_houches_toy([2, 1], x)[:, 0]
    assert value == pytest.approx((share * up + (1 - share) * down) / x, rel=1e-4)


def test_other_hadrons_are_named(tmp_path: Path) -> None:
    path = tmp_path / "T.pineappl.lz4"
    write_grid(path, GLUON_BINS, hadrons=(211,))
    with pytest.raises(TheoryError, match="T.pineappl.lz4: expected protons, .* received the particle 211"):
        open_grid(path, LOWEST)


def test_broken_grids_are_named(tmp_path: Path) -> None:
    path = tmp_path / "T.pineappl.lz4"
    write_grid(path, GLUON_BINS)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(TheoryError, match="T.pineappl.lz4: not a readable PineAPPL grid"):
        open_grid(path, LOWEST)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(TheoryError, match="a Git-LFS pointer"):
        open_grid(path, LOWEST)
