"""Evolving a fit with another theory than its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import lowest_order

from n3fit.errors import CommandLineError, OutputExistsError, TheoryError
from n3fit.lhapdf.alpha_running import match_upwards, run_alpha_s
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import check_set
from n3fit.results import FitFolder
from n3fit.results.evolution_theory import EvolutionTheory, other_theory, own_theory
from n3fit.results.evolve import evolve_fit
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

SMALL = {"q_max": 100.0, "q_nodes": 8}
LOWEST_ORDER = ("PTO=0", "ModEv=EXA")
MakeFit = Callable[..., FitFolder]


def evolve(fit: FitFolder, *settings: str, theory: str | Path | None = None, **options: Any) -> PDFSet:
    return PDFSet(evolve_fit(fit, theory=theory, settings=settings, **SMALL, **options))


def test_nothing_else_is_the_theory_of_the_fit(make_fit: MakeFit, caplog: pytest.LogCaptureFixture) -> None:
    fit = make_fit(2, card={"ModEv": "EXA"}, name="own")
    assert own_theory(fit).card.ModEv == "EXA"
    same = other_theory(fit, None, settings=["alphas=0.118"])
    assert (same.changes, same.set_name("own")) == ({}, "own")
    assert "theory dis_nnlo: the evolution is that of the theory of the fit" in caplog.text


def test_theory_that_changed_after_the_fit_is_named(
    make_fit: MakeFit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The fit recorded its card: it is evolved with it, and not in silence."""
    fit = make_fit(2)
    folder = tmp_path / "theories" / "theory_dis_nnlo"
    (folder / "fastkernel").mkdir(parents=True)
    text = "{PTO: 2, ModEv: EXA, alphas: 0.117, Qref: 91.2, mc: 1.51, mb: 4.92, Q0: 1.65}"
    (folder / "theory.yaml").write_text(text)
    found = own_theory(fit, path=folder.parent)
    assert (found.card.ModEv, found.card.alphas, found.changes) == ("TRN", 0.118, {})
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "toy: evolved with the settings of the fit (alphas: 0.118, ModEv: TRN); theory dis_nnlo has "
        "alphas: 0.117, ModEv: EXA now, and --theory dis_nnlo evolves with them"
    )
    (folder / "theory.yaml").write_text(text.replace("EXA", "TRN").replace("117", "118"))
    caplog.clear()
    own_theory(fit, path=folder.parent)
    assert caplog.records == []


def expected_alpha_s(pdf: PDFSet, reference: float, mb: float, *, order: int) -> list[float]:
    """Return alpha_s at the nodes from 91.2 GeV, by an integration of its own; from ``mb`` on with one flavour more."""
    at_mb = float(run_alpha_s(reference, 91.2, [mb], nf=5, order=order)[0])
    below = at_mb * (1 - 14 / 3 * (at_mb / (4 * np.pi)) ** 2) if order >= 2 else at_mb
    scales = pdf.numbers("AlphaS_Qs")
    split = scales.index(mb) + 1 if mb in scales else len(scales)
    low = run_alpha_s(below, mb, scales[:split], nf=4, order=order)
    return [*low, *run_alpha_s(at_mb, mb, scales[split:], nf=5, order=order)]


@pytest.mark.parametrize(
    ("settings", "name", "alphas", "mb", "order"),
    [
        (("alphas=0.119",), "toy_as_01190", 0.119, 4.92, 2),
        (("PTO=1", "alphas=0.1185", "mb=4.75"), "toy_nlo_as_01185_mb_4.75", 0.1185, 4.75, 1),
    ],
)
def test_coupling_and_masses_are_those_of_the_other_theory(
    make_fit: MakeFit, settings: tuple[str, ...], name: str, alphas: float, mb: float, order: int
) -> None:
    fit = make_fit(2)
    pdf = evolve(fit, *settings, members="central")
    assert pdf.folder == fit.path.resolve() / "postfit" / name
    np.testing.assert_allclose(pdf.numbers("AlphaS_Vals"), expected_alpha_s(pdf, alphas, mb, order=order), rtol=2e-5)
    found = {key: pdf.info[key] for key in ("OrderQCD", "AlphaS_OrderQCD", "MBottom", "ThresholdBottom", "NumFlavors")}
    assert found == {
        "OrderQCD": order, "AlphaS_OrderQCD": order, "MBottom": mb, "ThresholdBottom": mb, "NumFlavors": 5,
    }  # fmt: skip
    assert pdf.info["AlphaS_MZ"] == pytest.approx(alphas, rel=1e-4)
    rows = {row.name: row for row in check_set(pdf)[0]}
    assert [row.name for row in rows.values() if row.passed is False] == []
    assert "theory dis_nnlo (NNLO), evolved with theory dis_nnlo (" in pdf.info["SetDesc"]
    assert f"alphas: {alphas:g}" in pdf.info["SetDesc"]


def test_initial_scale_is_the_fit_and_the_rest_is_not(make_fit: MakeFit) -> None:
    fit = make_fit(2)
    own, other = evolve(fit), evolve(fit, "alphas=0.122")
    np.testing.assert_allclose(other.xfx(EXPORT_PIDS, fit.xgrid, 1.65, 1), fit.pdf[0].T, rtol=1e-7, atol=1e-12)
    gluon = [float(pdf.xfx([21], 1e-3, 50.0)[0, 0]) for pdf in (own, other)]
    assert gluon[1] > 1.005 * gluon[0]  # a larger coupling radiates more gluons


@pytest.mark.parametrize("most_flavours", [5, 4])
def test_leading_order_equals_the_closed_form(make_fit: MakeFit, small_xgrid: np.ndarray, most_flavours: int) -> None:
    """The toy of a fit at NNLO, evolved at leading order with another coupling."""
    toy = np.repeat(les_houches_toy(EXPORT_PIDS, small_xgrid).T[None], 2, axis=0)
    flavours = () if most_flavours == 5 else ("MaxNfPdf=4",)
    pdf = evolve(make_fit(2, pdf=toy), *LOWEST_ORDER, "alphas=0.13", *flavours, members="central")
    assert pdf.name == "toy_lo_as_01300" + ("_nf_4" if flavours else "") + "_ModEv_EXA"
    for node in range(25, len(small_xgrid) - 6, 12):
        x = float(small_xgrid[node])
        found = dict(zip(FK_BASIS, FLAVOUR_TO_FK @ pdf.xfx(EXPORT_PIDS, x, 100.0)[:, 0], strict=True))
        expected = lowest_order.evolved_toy(
            x, 100.0, q0=1.65, mb=4.92, reference=(0.13, 91.2), most_flavours=most_flavours
        )
        assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-3, abs=1e-6), x


def test_four_flavours_have_no_bottom_and_their_own_coupling(make_fit: MakeFit) -> None:
    pdf = evolve(make_fit(2), "MaxNfPdf=4")
    assert (pdf.name, pdf.info["NumFlavors"], pdf.info["FlavorScheme"]) == ("toy_nf_4", 4, "fixed")
    assert not pdf.xfx([5, -5], [0.01, 0.1], 100.0).any()
    at_mb = float(run_alpha_s(0.118, 91.2, [4.92], nf=5, order=2)[0])
    below = at_mb * (1 - 14 / 3 * (at_mb / (4 * np.pi)) ** 2)
    scales = pdf.numbers("AlphaS_Qs")
    np.testing.assert_allclose(pdf.numbers("AlphaS_Vals"), run_alpha_s(below, 4.92, scales, nf=4, order=2), rtol=2e-5)
    at_mz = pdf.number("AlphaS_MZ", 0.0)
    assert at_mz == pytest.approx(float(run_alpha_s(below, 4.92, [91.1876], nf=4, order=2)[0]), rel=2e-5)
    assert at_mz < 0.114
    assert [row.name for row in check_set(pdf)[0] if row.passed is False] == []


def test_fixed_scheme_is_the_same_as_so_many_flavours(make_fit: MakeFit) -> None:
    fit = make_fit(2)
    sets = [evolve(fit, *settings, name=name, members="central") for name, settings in (
        ("fixed", ("FNS=FFNS", "NfFF=4")), ("most", ("MaxNfPdf=4",)),
    )]  # fmt: skip
    first, second = ((pdf.folder / f"{pdf.name}_0000.dat").read_bytes() for pdf in sets)
    assert first == second


def test_perturbative_charm_gives_a_set_of_three_flavours(
    make_fit: MakeFit, toy_replicas: Callable[..., np.ndarray], small_xgrid: np.ndarray
) -> None:
    pdf = toy_replicas(2, small_xgrid)
    pdf[..., [EXPORT_PIDS.index(4), EXPORT_PIDS.index(-4)]] = 0.0
    card = {"mc": 1.7, "nf0": 3}
    found = evolve(make_fit(2, pdf=pdf, card=card), "MaxNfPdf=3", members="central")
    assert (found.name, found.info["NumFlavors"], found.info["FlavorScheme"]) == ("toy_nf_3", 3, "fixed")
    assert not found.xfx([4, -4, 5, -5], [0.01, 0.1], 50.0).any()
    at_mb = float(run_alpha_s(0.118, 91.2, [4.92], nf=5, order=2)[0])
    at_mc = float(run_alpha_s(at_mb * (1 - 14 / 3 * (at_mb / (4 * np.pi)) ** 2), 4.92, [1.7], nf=4, order=2)[0])
    value, scale = found.numbers("AlphaS_Vals")[-1], found.numbers("AlphaS_Qs")[-1]
    three = float(run_alpha_s(value, scale, [1.7], nf=3, order=2)[0])
    assert match_upwards(three, order=2) == pytest.approx(at_mc, rel=1e-4)
    assert next(row for row in check_set(found)[0] if row.name == "alpha_s").passed


def test_card_of_another_initial_scale_and_a_file(
    make_fit: MakeFit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("{PTO: 2, ModEv: TRN, alphas: 0.12, Qref: 91.2, mc: 1.51, mb: 4.92, Q0: 1.0, FNS: FONLL-B}\n")
    theory = other_theory(make_fit(2), file)
    assert (theory.identifier, theory.card.Q0, theory.card.nf0) == ("mine", 1.65, 4)
    assert theory.changes == {"alphas": 0.12}
    assert "theory mine: Q0: 1 GeV has no effect: the evolution starts at the initial scale of the fit, 1.65 GeV" in (
        caplog.text
    )


def test_whole_theory_of_the_library(make_fit: MakeFit) -> None:
    """Several settings differ: the name has the number of the theory, the description has all of them."""
    theory = other_theory(make_fit(2), 41000000, settings=["alphas=0.121"])
    assert theory.set_name("toy") == "toy_as_01210_theory_41000000"
    assert theory.describe() == (
        "evolved with theory 41000000 (alphas: 0.121, Qref: 91.188, ModEv: EXA, mc: 1.502, mb: 4.936, "
        "ev_op_iterations: 60)"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("Q0=1.0",), r"--set Q0: expected 1\.65, the value of the fit, received 1\.0"),
        (("nf0=3",), r"--set nf0: expected 4, the value of the fit, received 3"),
        (("MaxNfPdf=3",), r"at least the 4 flavours that the fit has at 1\.65 GeV, received MaxNfPdf: 3 \(charm that"),
        (("FNS=FFNS", "NfFF=3"), r"at least the 4 flavours .*, received NfFF: 3"),
        (("FNS=FFNS", "NfFF=5"), r"does not have nf0: 4 beside NfFF: 5"),
        (("mc=1.7",), r"expected 4 active flavours at 1\.65 GeV as in the fit, received 3: the thresholds .* 1\.7 and"),
        (("kcThr=1.2",), r"received 3: the thresholds of charm and bottom are 1\.812 and 4\.92 GeV"),
        (("TMC=0",), r"--set TMC: expected a key that changes the evolution .*received 'TMC' \(such keys are PTO, al"),
        (("NfFF=4",), r"--set NfFF: expected a key that changes the evolution in the scheme FONLL-C with ModEv: TRN"),
        (("IterEv=60",), r"--set IterEv: .* with ModEv: TRN"),
        (("FNS=FONLL-A",), r"--set FNS: expected a key that changes the evolution in the scheme FONLL-A"),
        (("FNS=FFNS", "NfFF=4", "MaxNfPdf=5"), r"--set MaxNfPdf: .* in the scheme FFNS"),
        (("PTO=3",), r"theory dis_nnlo: the evolution of n3fit does not have PTO: 3"),
        (("MaxNfPdf=6",), r"does not have MaxNfPdf: 6"),
        (("QED=2",), r"does not have QED: 2"),
        (("alphas=strong",), r"theory dis_nnlo: alphas: expected float, received 'strong'"),
        (("alfas=0.119",), r"--set: expected a key of theory cards, received 'alfas' \(did you mean 'alphas'"),
        (("alphas",), r"--set: expected KEY=VALUE"),
    ],
)  # fmt: skip
def test_refused(make_fit: MakeFit, settings: tuple[str, ...], message: str) -> None:
    fit = make_fit(2)
    with pytest.raises(TheoryError, match=message):
        evolve(fit, *settings)
    assert not (fit.path / "postfit").exists()


def test_theory_that_is_not_there(make_fit: MakeFit) -> None:
    with pytest.raises(TheoryError, match="theory 12345: there is no theory card"):
        evolve(make_fit(2), theory="12345")


def test_card_that_lacks_keys(make_fit: MakeFit, tmp_path: Path) -> None:
    (tmp_path / "short.yml").write_text("PTO: 2\n")
    with pytest.raises(TheoryError, match="theory short: the theory card lacks ModEv, alphas, Qref, mc, mb"):
        evolve(make_fit(2), theory=tmp_path / "short.yml")


def test_set_of_the_fit_is_not_replaced(make_fit: MakeFit, tmp_path: Path) -> None:
    fit = make_fit(2)
    own = evolve(fit)
    before = (own.folder / "toy.info").read_bytes()
    other = evolve(fit, "alphas=0.119")
    assert other.folder != own.folder
    with pytest.raises(OutputExistsError, match="toy_as_01190"):
        evolve(fit, "alphas=0.119")
    with pytest.raises(CommandLineError, match=r"the set toy is that of the theory of the fit .* such as toy_as_01190"):
        evolve(fit, "alphas=0.119", name="toy", force=True)
    assert evolve(fit, "alphas=0.119", name="toy", output=tmp_path / "sets").name == "toy"
    assert (own.folder / "toy.info").read_bytes() == before
    member = fit.path / "nnfit" / "replica_1" / "toy.dat"
    assert member.read_bytes() == (own.folder / "toy_0001.dat").read_bytes()


def test_fit_of_an_evolution_that_is_not_there(make_fit: MakeFit) -> None:
    """A fit of a theory at N3LO can be evolved at NNLO."""
    theory = other_theory(make_fit(2, card={"PTO": 3, "FNS": "FONLL-E"}), None, settings=["PTO=2"])
    assert theory.set_name("toy") == "toy_nnlo"


def test_names_of_sets() -> None:
    def name(**changes: Any) -> str:
        return EvolutionTheory(TheoryCard(), "400", changes, ("kbThr",)).set_name("fit")

    assert name(PTO=1, alphas=0.12, MaxNfPdf=4) == "fit_nlo_as_01200_nf_4"
    assert name(alphas=0.11875) == "fit_as_011875"
    assert name(kbThr=2.0, mc=1.4) == "fit_theory_400_kbThr_2"
