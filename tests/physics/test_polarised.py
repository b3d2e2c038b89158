"""Polarised fits: predictions from the tables alone, axial charges, positivity bounds, evolution, errors."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pineappl.fk_table import FkTable
from support import polarised
from support.runcards import change

from n3fit import api
from n3fit.backends import set_initial_state
from n3fit.data import FitData
from n3fit.ensembles.node_polynomials import moment_weights
from n3fit.errors import DataError, N3fitError, RuncardError, TheoryError
from n3fit.fit.inputs import load_inputs
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.results import FitFolder
from n3fit.runcard.reading import parse_runcard
from n3fit.theory.axial_charges import axial_charges_of
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.toy_pdf import les_houches_toy

CARD = """\
description: a small polarised fit
dataset_inputs:
- {dataset: COMPASS15_NC_NOTFIXED_MUP_G1}
- {dataset: STAR_WMWP_510GEV_WP-AL}
- {dataset: STAR-2012_1JET_510GEV_ALL}
datacuts: {t0pdfset: polarised_toy, unpolarized_bc: unpolarised_toy, q2min: 1.0, w2min: 4.0}
theory: {theoryid: polarised}
trvlseed: 1
nnseed: 2
mcseed: 3
positivity_bound: {unpolarized_bc: unpolarised_toy, n_std: 2.0}
parameters:
  nodes_per_layer: [6, 4]
  activation_per_layer: [tanh, linear]
  optimizer: {optimizer_name: Nadam, learning_rate: 2.0e-3, clipnorm: 6.073e-6}
  epochs: 20
  stopping_patience: 1.0
  threshold_chi2: 1.0e+6
  positivity: {initial: 10, threshold: 1.0e+6}
  integrability: {initial: 10}
fitting:
  fitbasis: POLARIZED_EVOL
  sum_rules: TSR
  basis:
  - {fl: sng, trainable: false, smallx: [0.2, 0.6], largex: [1.5, 3.5]}
  - {fl: g, trainable: false, smallx: [0.2, 0.6], largex: [1.5, 3.5]}
  - {fl: t3, trainable: false, smallx: [0.2, 0.6], largex: [1.5, 3.5]}
  - {fl: t8, trainable: false, smallx: [0.2, 0.6], largex: [1.5, 3.5]}
positivity:
  posdatasets:
  - {dataset: NNPDF_POS_2P24GEV_XGL-POLARIZED, maxlambda: 1e6}
  - {dataset: NNPDF_POS_2P24GEV_XSQSUM-POLARIZED, maxlambda: 1e6}
integrability:
  integdatasets:
  - {dataset: NNPDF_INTEG_1GEV_XGL-POLARIZED, maxlambda: 1e2}
  - {dataset: NNPDF_INTEG_1GEV_XV3-POLARIZED, maxlambda: 1e2}
"""
T8 = "  - {fl: t8, trainable: false, smallx: [0.2, 0.6], largex: [1.5, 3.5]}\n"
WITH_VALENCE = (
    (T8, T8 + T8.replace("t8", "v") + T8.replace("t8", "v3")),
    ("POLARIZED_EVOL", "POLARIZED_EVOL_CMP"),
    ("[6, 4]", "[6, 6]"),
)
REPLICAS = range(1, 4)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the theory and the PDF sets."""
    folder = tmp_path_factory.mktemp("polarised")
    polarised.write_theory(folder)
    x = polarised.set_xgrid()
    polarised.write_set(folder, "polarised_toy", [polarised.polarised_toy(x)])
    pids = (-3, -2, -1, 1, 2, 3, 21)
    toy = dict(zip(pids, les_houches_toy(pids, x), strict=True))
    members = [{pid: factor * values for pid, values in toy.items()} for factor in (1.0, 0.9, 1.1, 1.3)]
    polarised.write_set(folder, "unpolarised_toy", members)
    return folder


@pytest.fixture(scope="module")
def make_fit(inputs: Path, place: Path) -> Callable[..., FitFolder]:
    """Fit the card with some texts replaced."""

    def fit(name: str, *changes: tuple[str, str], replicas: range = REPLICAS) -> FitFolder:
        card = place / f"{name}.yml"
        card.write_text(change(CARD, *changes))
        return api.fit(card, replicas=replicas, output=place / name, theory_path=inputs, pdf_path=inputs)

    return fit


@pytest.fixture(scope="module")
def small(make_fit: Callable[..., FitFolder]) -> FitFolder:
    return make_fit("small")


def integrals(fit: FitFolder, name: str) -> np.ndarray:
    """The integral of f for an element of the FK basis, (R,)."""
    return (fit.pdf @ FLAVOUR_TO_FK[FK_BASIS.index(name)]) @ moment_weights(fit.xgrid, power=-1.0)


def check_charges(fit: FitFolder) -> None:
    charges = axial_charges_of(fit.replicas.tolist(), 2)
    for column, name in enumerate(("T3", "T8")):
        np.testing.assert_allclose(integrals(fit, name), charges[:, column], rtol=1e-5)


def test_axial_charges_differ_by_replica(small: FitFolder) -> None:
    check_charges(small)
    assert not small.results.guarded.any()
    assert np.ptp(integrals(small, "T8")) > 1e-3
    valence = [small.pdf @ FLAVOUR_TO_FK[FK_BASIS.index(name)] for name in ("V", "V3", "V8")]
    assert np.abs(valence).max() < 1e-10


def interpolate(fit: FitFolder, row: int) -> Callable[[int, float, float], float]:
    """A replica as pineappl takes PDFs; the nodes of the tables are close to those of the fit."""
    from n3fit.ensembles.node_polynomials import interpolation_matrix

    cache: dict[float, np.ndarray] = {}

    def xfx(pid: int, x: float, _q2: float) -> float:
        if x not in cache:
            cache[x] = interpolation_matrix(fit.xgrid, np.array([max(x, fit.xgrid[0])]))[0] @ fit.pdf[row]
        return float(cache[x][EXPORT_PIDS.index(pid)]) if pid in EXPORT_PIDS else 0.0

    return xfx


def test_predictions_are_those_of_pineappl(small: FitFolder, inputs: Path) -> None:
    """Each convolution gets the PDF of the kind that the table has, the asymmetries are ratios."""
    boundary = PDFSet(inputs / "unpolarised_toy")

    def known(pid: int, x: float, _q2: float) -> float:
        return float(boundary.xfx([pid], x, polarised.Q0)[0, 0]) if pid in EXPORT_PIDS else 0.0

    def convolve(name: str) -> np.ndarray:
        table = FkTable.read(str(inputs / "theory_polarised" / "fastkernel" / f"{name}.pineappl.lz4"))
        kinds = [convolution.convolution_types.polarized for convolution in table.convolutions]
        functions = [fitted if kind else known for kind in kinds]
        return np.asarray(table.convolve(pdg_convs=table.convolutions, xfxs=functions))

    fitted = interpolate(small, 1)
    expected = [
        convolve("COMPASS15_NC_NOTFIXED_MUP_G1"),
        convolve("STAR_WMWP_510GEV_WP-AL-POL") / convolve("STAR_WMWP_510GEV_WP-AL-UNPOL"),
        convolve("STAR_2012_1JET_510GEV_ALL-POL") / convolve("STAR_2012_1JET_510GEV_ALL-UNPOL"),
    ]
    for dataset, values in zip(small.description.datasets, expected, strict=True):
        found = small.results.predictions[1, dataset.start : dataset.stop]
        np.testing.assert_allclose(found, values, rtol=2e-5, atol=2e-6 * np.abs(values).max(), err_msg=dataset.name)


def test_positivity_bounds_have_the_deviation(small: FitFolder, inputs: Path) -> None:
    """The gluon set is the sum of elu(|g| - (central + 2 deviations)), each element of the FK basis with its own."""
    table = FkTable.read(str(inputs / "theory_polarised" / "fastkernel" / "NNPDF_POS_GLUON.pineappl.lz4"))
    factors = np.array([0.9, 1.1, 1.3])
    bound = 1.0 + 2.0 * factors.std()
    fitted = interpolate(small, 0)
    toy = PDFSet(inputs / "unpolarised_toy")

    def known(pid: int, x: float, _q2: float) -> float:
        return bound * float(toy.xfx([pid], x, polarised.Q0)[0, 0]) if pid in EXPORT_PIDS else 0.0

    values = [np.asarray(table.convolve(pdg_convs=table.convolutions, xfxs=[pdf])) for pdf in (known, fitted)]
    excess = np.abs(values[1]) - values[0]
    expected = np.where(excess > 0, excess, 1e-7 * np.expm1(np.minimum(excess, 0))).sum()
    assert small.results.positivity_losses[0, 0] == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_record(small: FitFolder) -> None:
    assert small.description.polarised
    assert {"PDF set unpolarised_toy: member 0", "PDF set unpolarised_toy: all members"} <= set(small.manifest.inputs)
    assert small.results.integrability_losses[:, 1].max() < 1e-20  # V3 vanishes


def test_replicas_do_not_depend_on_each_other(small: FitFolder, make_fit: Callable[..., FitFolder]) -> None:
    alone = make_fit("alone", replicas=range(2, 3))
    scale = np.abs(small.pdf[1]).max()
    np.testing.assert_allclose(alone.pdf[0], small.pdf[1], atol=2e-3 * scale)
    np.testing.assert_allclose(integrals(alone, "T8"), integrals(small, "T8")[1:2], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["TSR", "false"])
@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
@pytest.mark.parametrize("changes", [(), WITH_VALENCE], ids=["singlet", "valence"])
def test_fits_of_both_bases(
    make_fit: Callable[..., FitFolder], changes: tuple[tuple[str, str], ...], scaled: bool, rules: str
) -> None:
    name = f"fit_{len(changes)}_{scaled}_{rules}"
    more = [("epochs: 20", "epochs: 200"), ("sum_rules: TSR", f"sum_rules: {rules}")]
    if scaled:
        more += [("  epochs", "  feature_scaling_points: 8\n  epochs"), ("largex: [1.5, 3.5]", "largex: [0.0, 0.0]")]
    fit = make_fit(name, *changes, *more)
    assert np.isfinite(fit.pdf).all()
    charm = [EXPORT_PIDS.index(pid) for pid in (-4, 4)]
    assert np.abs(fit.pdf[..., charm]).max() < 1e-6 * np.abs(fit.pdf).max()
    if rules == "TSR":
        check_charges(fit)


@pytest.mark.slow
def test_set_report_and_next_card(small: FitFolder, place: Path, inputs: Path) -> None:
    """The set keeps the axial charges, and makes charm and bottom above their thresholds."""
    evolved = PDFSet(api.evolve(small.path, members="finite", force=True))
    x = small.xgrid
    weights = moment_weights(x, power=-1.0)
    charges = axial_charges_of(small.replicas.tolist(), 2)
    for q in (1.2, 50.0):
        pdf = evolved.xfx(EXPORT_PIDS, x, q, 2)
        for column, name in enumerate(("T3", "T8")):
            found = FLAVOUR_TO_FK[FK_BASIS.index(name)] @ pdf @ weights
            assert found == pytest.approx(charges[1, column], rel=5e-3), (q, name)
        charm = np.abs(pdf[EXPORT_PIDS.index(4)]).max()
        assert (charm > 0) == (q > 1.51)
    page = api.report([small.path], force=True).read_text(encoding="utf-8")
    assert "ΔT3 dx" in page
    assert "1.2756" in page
    card = api.next_runcard(small.path, output=place / "next.yml", t0="next_t0", force=True)
    assert [entry.flavour for entry in card.ranges] == ["sng", "g", "t3", "t8"]
    assert max(entry.smallx[1] for entry in card.ranges if entry.flavour in ("t3", "t8")) <= 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ([(", unpolarized_bc: unpolarised_toy, q2min", ", q2min")], DataError, "expected the unpolarised PDF set"),
        ([("{unpolarized_bc: unpolarised_toy, n", "{unpolarized_bc: lost, n")], DataError,
         "positivity_bound.unpolarized_bc: .*lost"),
        ([("theoryid: polarised", "theoryid: dis_nnlo")], TheoryError,
         "expected IC: 0 in its card, because the fitting basis POLARIZED_EVOL does not fit charm"),
        ([("sum_rules: TSR", "sum_rules: true")], RuncardError, "expected TSR or false in the polarised basis"),
    ],
)  # fmt: skip
def test_errors(
    inputs: Path, tmp_path: Path, changes: list[tuple[str, str]], error: type[N3fitError], message: str
) -> None:
    card = tmp_path / "card.yml"
    card.write_text(change(CARD, *changes))
    with pytest.raises(error, match=message):
        api.check(card, theory_path=inputs, pdf_path=inputs)


def test_theory_covariance_has_the_unpolarised_pdf(inputs: Path, tmp_path: Path) -> None:
    """Scales at which polarised cross-sections are 2 % larger and smaller, so that asymmetries are so too."""
    folder = shutil.copytree(inputs, tmp_path / "inputs")
    theories = {"1 1": "same", "1 2": "up", "1 0.5": "down"}
    for (variation, identifier), factor in zip(theories.items(), (1.0, 1.02, 0.98), strict=True):
        polarised.write_varied_theory(folder, identifier, factor, float(variation.split()[1]))
    config = {"point_prescriptions": ["3r point"], "pdf": "polarised_toy", "theories": theories}
    text = CARD + f"theorycovmatconfig: {config | {'unpolarized_bc': 'unpolarised_toy'}}\n"

    def load(text: str) -> FitData:
        paths = SearchPaths(folder, folder)
        return load_inputs(parse_runcard(text), paths, progress=NullReporter()).data

    data = load(text)
    boundary, fitted = PDFSet(folder / "unpolarised_toy"), PDFSet(folder / "polarised_toy")

    def xfx(pdf_set: PDFSet, pid: int, x: float) -> float:
        return float(pdf_set.xfx([pid], x, polarised.Q0)[0, 0]) if pid in EXPORT_PIDS else 0.0

    def convolve(name: str) -> np.ndarray:
        table = FkTable.read(str(folder / "theory_polarised" / "fastkernel" / f"{name}.pineappl.lz4"))
        kinds = [convolution.convolution_types.polarized for convolution in table.convolutions]
        functions = [lambda pid, x, _q2, pdf_set=fitted if kind else boundary: xfx(pdf_set, pid, x) for kind in kinds]
        return np.asarray(table.convolve(pdg_convs=table.convolutions, xfxs=functions))

    expected = convolve("STAR_WMWP_510GEV_WP-AL-POL") / convolve("STAR_WMWP_510GEV_WP-AL-UNPOL")
    assert data.theory is not None
    points = data.slices["STAR_WMWP_510GEV_WP-AL"]
    found = data.theory.matrix[points, points]
    np.testing.assert_allclose(found, 4e-4 * np.outer(expected, expected), rtol=1e-6, atol=1e-9 * np.abs(found).max())
    with pytest.raises(DataError, match="theorycovmatconfig.unpolarized_bc: expected the unpolarised PDF set beside"):
        load(CARD + f"theorycovmatconfig: {config}\n")


def test_polarised_tables_need_a_polarised_basis(inputs: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.yml"
    start, stop = CARD.index("positivity_bound"), CARD.index("parameters:")
    text = change(
        CARD[:start] + CARD[stop:],
        ("t0pdfset: polarised_toy, unpolarized_bc: unpolarised_toy", "t0pdfset: unpolarised_toy"),
        ("fitbasis: POLARIZED_EVOL", "fitbasis: PDF4LHC20"),
        ("sum_rules: TSR", "sum_rules: false"),
    )
    card.write_text(text)
    with pytest.raises(TheoryError, match=r"has a polarised PDF, the fitting basis PDF4LHC20 is unpolarised"):
        api.check(card, theory_path=inputs, pdf_path=inputs)
    set_initial_state()
