"""From a fit folder to a PDF set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import beta, betainc

from n3fit.errors import CommandLineError, DataError, FitError, OutputExistsError, TheoryError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_folder import replicas_of_set
from n3fit.lhapdf.sum_rules import judge_member
from n3fit.progress import NullReporter
from n3fit.results import FitFolder, select_replicas, write_postfit
from n3fit.results.ensembles import choose_replicas, read_theory_card
from n3fit.results.evolve import evolve_fit
from n3fit.results.reader import read_fit_folder
from n3fit.theory.flavours import EXPORT_PIDS

SMALL = {"q_max": 100.0, "q_nodes": 8}
MakeFit = Callable[..., FitFolder]


@pytest.fixture
def evolved(make_fit: MakeFit) -> tuple[FitFolder, PDFSet]:
    """A fit of four replicas, of which the third is vetoed, and its set."""
    fit = make_fit(positivity_passed=np.array([True, True, False, True]))
    folder = evolve_fit(fit, **SMALL)
    return fit, load_pdf_set(folder.name, [folder.parent])


def test_set_stands_in_the_fit_folder_and_has_the_passing_replicas(evolved: tuple[FitFolder, PDFSet]) -> None:
    fit, pdf = evolved
    assert pdf.folder == fit.path.resolve() / "postfit" / "toy"
    assert sorted(path.name for path in pdf.folder.iterdir()) == [
        "toy.info", "toy_0000.dat", "toy_0001.dat", "toy_0002.dat", "toy_0003.dat",
    ]  # fmt: skip
    headers = [(pdf.folder / f"toy_000{number}.dat").read_text().split("---")[0] for number in range(4)]
    assert headers[0] == "PdfType: central\nFormat: lhagrid1\n"
    assert headers[1:] == [f"PdfType: replica\nFormat: lhagrid1\nFromMCReplica: {n}\n" for n in (1, 2, 4)]
    assert "mem=0: mean of 3 replicas; mem=1-3: replicas" in pdf.info["SetDesc"]
    read_fit_folder(fit.path, checksums=True)


def test_members_at_the_initial_scale_are_the_exportgrids(evolved: tuple[FitFolder, PDFSet]) -> None:
    fit, pdf = evolved
    for member, row in ((1, 0), (2, 1), (3, 3)):
        np.testing.assert_allclose(
            pdf.xfx(EXPORT_PIDS, fit.xgrid, fit.description.q0, member), fit.pdf[row].T, rtol=1e-7, atol=1e-12
        )


def test_fault_91_central_member_is_the_mean_of_the_others(evolved: tuple[FitFolder, PDFSet]) -> None:
    _, pdf = evolved
    for grids in zip(*(pdf.member(number).subgrids for number in range(4)), strict=True):
        mean = np.mean([grid.values for grid in grids[1:]], axis=0)
        # members are rounded to nine digits, and replicas may cancel in the mean
        size = np.max([np.abs(grid.values) for grid in grids[1:]], axis=0)
        assert (np.abs(grids[0].values - mean) <= 2e-8 * size + 1e-14).all()
        assert np.abs(grids[1].values - mean).max() > 1e-3


def integrals(pdf: PDFSet, xgrid: np.ndarray, q: float, member: int) -> dict[str, float]:
    """Integrate x f and f - fbar by Gauss-Legendre between the nodes."""
    roots, weights = np.polynomial.legendre.leggauss(3)
    low, high = np.log(xgrid[:-1, None]), np.log(xgrid[1:, None])
    log_x = (0.5 * (low + high) + 0.5 * (high - low) * roots).ravel()
    measure = (0.5 * (high - low) * weights).ravel()
    x = np.exp(log_x)
    values = dict(zip(EXPORT_PIDS, pdf.xfx(EXPORT_PIDS, x, q, member), strict=True))
    sums = {name: float(measure @ (values[pid] - values[-pid])) for name, pid in (("u", 2), ("d", 1), ("s", 3))}
    return sums | {"momentum": float(measure @ (x * sum(values.values())))}


@pytest.mark.parametrize("q", [1.65, 10.0, 100.0])
def test_fault_89_every_member_keeps_its_sum_rules(evolved: tuple[FitFolder, PDFSet], q: float) -> None:
    fit, pdf = evolved
    for member in range(pdf.members):
        found = integrals(pdf, fit.xgrid, q, member)
        assert found == pytest.approx({"u": 2.0, "d": 1.0, "s": 0.0, "momentum": 1.0}, abs=1e-3), (q, member)


def test_fault_89_what_leaves_the_grid_is_what_a_sum_rule_lacks(
    make_fit: MakeFit, toy_replicas: Callable[..., np.ndarray], small_xgrid: np.ndarray
) -> None:
    """A strange valence that falls like x^0.2: evolution moves it below the lowest node, and it is found there."""
    pdf = toy_replicas(2, small_xgrid)
    slow, fast = (small_xgrid**power * (1 - small_xgrid) ** 5 / beta(power, 6) for power in (0.2, 0.8))
    low = small_xgrid[0]
    balance = (1 - betainc(0.2, 6, low)) / (1 - betainc(0.8, 6, low))  # no strangeness on the grid
    pdf[1, :, EXPORT_PIDS.index(3)] += 0.1 * (slow - balance * fast)
    folder = evolve_fit(make_fit(2, pdf=pdf), **SMALL)
    rows = judge_member(load_pdf_set(folder.name, [folder.parent]).member(2), 2, tolerance=1e-3)
    strange = {row.q: row for row in rows if row.name == "s"}
    assert strange[1.65].deviation < 1e-5
    assert strange[100.0].deviation > 1e-3
    assert strange[100.0].with_flow == pytest.approx(0.0, abs=2e-4)
    assert all(row.passed for row in rows if row.name != "momentum")


def test_same_fit_gives_the_same_bytes(evolved: tuple[FitFolder, PDFSet], tmp_path: Path) -> None:
    fit, pdf = evolved
    again = evolve_fit(fit.path, output=tmp_path / "again", **SMALL)
    for path in pdf.folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_replica_does_not_depend_on_the_others(evolved: tuple[FitFolder, PDFSet], tmp_path: Path) -> None:
    fit, pdf = evolved
    alone = load_pdf_set("alone", [evolve_fit(fit, name="alone", output=tmp_path, members=[2], **SMALL).parent])
    assert alone.members == 2
    for one, other in zip(alone.member(1).subgrids, pdf.member(2).subgrids, strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-8, atol=1e-14)


def test_central_member_alone(evolved: tuple[FitFolder, PDFSet], tmp_path: Path) -> None:
    fit, pdf = evolved
    central = load_pdf_set("c", [evolve_fit(fit, name="c", output=tmp_path, members="central", **SMALL).parent])
    assert central.members == 1
    for one, other in zip(central.member(0).subgrids, pdf.member(0).subgrids, strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-8, atol=1e-14)


def test_batches_do_not_change_the_members(
    evolved: tuple[FitFolder, PDFSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, pdf = evolved
    monkeypatch.setattr("n3fit.results.evolve._BATCH", 3)
    batched = load_pdf_set("toy", [evolve_fit(fit, output=tmp_path / "sets", **SMALL).parent])
    assert batched.members == 4
    for number in range(4):
        for one, other in zip(batched.member(number).subgrids, pdf.member(number).subgrids, strict=True):
            np.testing.assert_allclose(one.values, other.values, rtol=1e-8, atol=1e-14)


def test_progress_tells_stages_and_steps(make_fit: MakeFit) -> None:
    class Listener(NullReporter):
        def __init__(self) -> None:
            self.heard: list[object] = []

        def phase(self, name: str) -> None:
            self.heard.append(name)

        def step(self, name: str, done: int, total: int) -> None:
            self.heard.append((name, done, total))

    listener = Listener()
    evolve_fit(make_fit(2), progress=listener, **SMALL)
    operators = [("evolution operators", done, 9) for done in range(1, 10)]
    members = [("members", done, 3) for done in range(1, 4)]
    assert listener.heard == ["preparing the evolution", *operators, "evolving and writing the members", *members]


def test_set_that_is_there_is_replaced_only_when_forced(evolved: tuple[FitFolder, PDFSet]) -> None:
    fit, pdf = evolved
    with pytest.raises(OutputExistsError, match="the PDF set exists already"):
        evolve_fit(fit, **SMALL)
    evolve_fit(fit, members="central", force=True, **SMALL)
    assert sorted(path.name for path in pdf.folder.iterdir()) == ["toy.info", "toy_0000.dat"]


def test_members_are_chosen_by_what_they_passed(make_fit: MakeFit) -> None:
    fit = make_fit(positivity_passed=np.array([True, False, False, True]), finite=np.array([True, True, False, True]))
    assert choose_replicas(fit, "passing") == choose_replicas(fit, "chosen") == [1, 4]
    assert choose_replicas(fit, "central") == [1, 4]
    assert choose_replicas(fit, "finite") == [1, 2, 4]
    assert choose_replicas(fit, (4, 2)) == [2, 4]


@pytest.mark.parametrize("numbers", [[], [0, 1], [5]])
def test_unknown_replicas_are_refused(make_fit: MakeFit, numbers: list[int]) -> None:
    with pytest.raises(CommandLineError, match=r"expected replicas of the fit, 1 to 4, received (none|0|5)"):
        choose_replicas(make_fit(), numbers)


def test_unknown_kind_of_members_is_refused(make_fit: MakeFit) -> None:
    with pytest.raises(CommandLineError, match="expected chosen, passing, finite, central or numbers, received 'all'"):
        choose_replicas(make_fit(), "all")  # type: ignore[arg-type]


def test_fit_without_passing_replicas_is_refused(make_fit: MakeFit) -> None:
    with pytest.raises(FitError, match="none of the 4 replicas passes positivity"):
        evolve_fit(make_fit(positivity_passed=np.zeros(4, dtype=bool)), **SMALL)


def test_fault_87_replica_that_is_not_finite_is_named_and_left_out(
    make_fit: MakeFit, toy_replicas: Callable[..., np.ndarray], small_xgrid: np.ndarray
) -> None:
    pdf = toy_replicas(4, small_xgrid)
    pdf[2, 5, 8] = np.nan
    fit = make_fit(pdf=pdf)
    assert choose_replicas(fit, "passing") == [1, 2, 4]
    with pytest.raises(DataError, match="the exportgrid of replica 3 is not finite"):
        choose_replicas(fit, [1, 3])


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ({"QED": 2}, r"theory dis_nnlo: the evolution of n3fit does not have QED: 2"),
        ({"HQ": "MSBAR"}, r"does not have HQ: MSBAR"),
        ({"PTO": 3, "FNS": "FONLL-E"}, r"does not have PTO: 3 \(N3LO evolution\) \("),
        ({"alphas": None}, r"theory dis_nnlo: the theory card lacks alphas"),
    ],
)
def test_theory_of_another_evolution_is_refused(make_fit: MakeFit, card: dict[str, Any], message: str) -> None:
    fit = make_fit(card=card)
    with pytest.raises(TheoryError, match=message):
        evolve_fit(fit, **SMALL)
    assert not (fit.path / "postfit").exists()


def test_making_of_the_tables_does_not_change_the_set(make_fit: MakeFit) -> None:
    """FONLL-A and B, target-mass corrections to all orders and damping concern the tables alone."""
    sets = [
        evolve_fit(make_fit(2, card=card, name=name), **SMALL, members="central", name="set")
        for name, card in (("plain", {}), ("other", {"FNS": "FONLL-B", "TMC": 3, "DAMP": 1, "XIR": 2.0}))
    ]
    first, second = ((folder / "set_0000.dat").read_bytes() for folder in sets)
    assert first == second


def test_four_flavours_at_most(make_fit: MakeFit) -> None:
    folder = evolve_fit(make_fit(2, card={"MaxNfPdf": 4}), **SMALL, members="central")
    pdf = load_pdf_set(folder.name, [folder.parent])
    assert (pdf.info["NumFlavors"], len(pdf.member(0).subgrids)) == (4, 1)
    assert not pdf.xfx([5, -5], [0.01, 0.1], 50.0).any()


def test_fit_at_another_scale_than_its_theory_is_refused(make_fit: MakeFit) -> None:
    with pytest.raises(DataError, match=r"theory dis_nnlo: starts at 1 GeV, but the fit at 1\.65 GeV"):
        read_theory_card(make_fit(card={"Q0": 1.0}))


def test_name_with_a_space_is_refused_before_anything_is_written(make_fit: MakeFit) -> None:
    fit = make_fit(2, name="my fit")
    with pytest.raises(CommandLineError, match="expected a name of letters, digits"):
        evolve_fit(fit, **SMALL)
    assert not (fit.path / "postfit").exists()


def test_set_is_made_of_the_replicas_that_postfit_chose(make_fit: MakeFit) -> None:
    fit = make_fit(4, arc_lengths=np.arange(4.0)[:, np.newaxis] * np.ones(5), integrability=np.zeros((4, 5)))
    write_postfit(fit.path, select_replicas(fit, count=2))
    folder = evolve_fit(fit.path, **SMALL)
    assert replicas_of_set(folder) == (1, 2)
    members = load_pdf_set("toy", [folder.parent])
    assert members.members == 3
    gluon = [members.xfx([21], [1e-3], 10.0, member)[0, 0] for member in range(3)]
    assert gluon[0] == pytest.approx((gluon[1] + gluon[2]) / 2, rel=1e-7)
    assert gluon[1] != gluon[2]
