"""A small fit with a theory covariance from toy theories of seven scales."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.data import chi2_values
from support.theories import write_seven_theories

from n3fit import api
from n3fit.errors import DataError
from n3fit.runcard import read_runcard

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
TABLE = "HERA_CC_318GEV_EM_SIGMARED"


@pytest.fixture(scope="module")
def theories(place: Path) -> Path:
    return place / "theories"


@pytest.fixture(scope="module")
def card(place: Path, theories: Path) -> Path:
    named = write_seven_theories(theories, [TABLE])
    lines = ["", "theorycovmatconfig:", "  point_prescriptions: [7 point]", "  pdf: toy", "  theories:"]
    path = place / "card.yml"
    path.write_text(CARD + "\n".join([*lines, *(f"    '{name}': {theory}" for name, theory in named.items())]) + "\n")
    return path


@pytest.fixture(scope="module")
def fit(place: Path, card: Path, theories: Path, toy_pdf_sets: Path) -> api.Fit:
    return api.fit(card, replicas=[1, 2], output=place / "fit", theory_path=theories, pdf_path=toy_pdf_sets)


def test_chi2_of_the_folder_has_the_covariance_of_the_fit(
    fit: api.Fit, card: Path, theories: Path, toy_pdf_sets: Path
) -> None:
    from n3fit.fit.inputs import load_inputs
    from n3fit.paths import SearchPaths
    from n3fit.progress import NullReporter

    data = load_inputs(read_runcard(card), SearchPaths(theories, toy_pdf_sets), progress=NullReporter()).data
    np.testing.assert_array_equal(fit.theory_covariance(), data.theory.matrix)
    np.testing.assert_array_equal(fit.folder.theory_covariance().points, data.datasets[0].indices)
    for name, covariance in (("t0", data.t0_covariance), ("experimental", data.experimental_covariance)):
        expected = chi2_values(fit.results.predictions, data.central, covariance + data.theory.matrix)
        np.testing.assert_allclose(getattr(fit.chi2["total"], f"{name}_replicas")[:, 0], expected, rtol=1e-6)
    # the uncertainties of the data that figures show are those of the data alone
    np.testing.assert_allclose(fit.points.experimental_error**2, np.diag(data.experimental_covariance), rtol=1e-12)


def test_cuts_by_intersection_select_the_same_points_of_the_covariance(
    card: Path, theories: Path, toy_pdf_sets: Path, tmp_path: Path
) -> None:
    from n3fit.fit.inputs import load_inputs
    from n3fit.paths import SearchPaths
    from n3fit.progress import NullReporter

    path = tmp_path / "card.yml"
    text = card.read_text().replace("w2min: 12.5}", "w2min: 12.5, use_cuts: fromintersection}")
    path.write_text(text + "cuts_intersection_spec: [{}, {q2min: 400}]\n")
    whole, cut = (
        load_inputs(read_runcard(name), SearchPaths(theories, toy_pdf_sets), progress=NullReporter()).data
        for name in (card, path)
    )
    kept = np.isin(whole.datasets[0].indices, cut.datasets[0].indices)
    assert (len(whole), len(cut)) == (42, 37)  # as nnpdf 4.1.5
    np.testing.assert_allclose(cut.theory.matrix, whole.theory.matrix[np.ix_(kept, kept)], rtol=1e-12)


def test_the_folder_names_its_theories_and_has_the_table(fit: api.Fit) -> None:
    record = fit.folder.description.theory_covariance
    assert record.theories["0.5 0.5"] == "scales_0p5_0p5"
    assert (record.pdf, record.in_fitting, record.in_sampling) == ("toy", True, True)
    assert "theory covariance: predictions of theory scales_2_2" in fit.folder.manifest.inputs
    path = fit.path / "tables" / "datacuts_theory_theorycovmatconfig_theory_covmat_custom.csv"
    table = pd.read_csv(path, sep="\t", index_col=[0, 1, 2], header=[0, 1, 2])
    assert set(table.index.get_level_values("group")) == {"DIS CC"}
    np.testing.assert_allclose(table.to_numpy(), fit.theory_covariance(), rtol=1e-7)


def test_replicas_are_added_only_with_the_same_varied_theories(
    fit: api.Fit, card: Path, theories: Path, toy_pdf_sets: Path, tmp_path: Path
) -> None:
    write_seven_theories(tmp_path / "others", [TABLE])
    table = Path("fastkernel") / f"{TABLE}.pineappl.lz4"
    source = tmp_path / "others" / "theory_scales_2_2" / table
    source.write_bytes((theories / "theory_scales_2_1" / table).read_bytes())
    with pytest.raises(DataError, match="made with other inputs: theory covariance: predictions of theory scales_2_2"):
        api.fit(
            card, replicas=[3], output=fit.path, theory_path=tmp_path / "others", pdf_path=toy_pdf_sets, add=True
        )  # fmt: skip


def test_chi2_of_a_set_is_there_with_and_without_it(card: Path, theories: Path, toy_pdf_sets: Path) -> None:
    from n3fit.fit.inputs import load_inputs
    from n3fit.lhapdf.pdf_sets import load_pdf_set
    from n3fit.paths import SearchPaths
    from n3fit.progress import NullReporter
    from n3fit.theory.predictions import predict

    inputs = load_inputs(read_runcard(card), SearchPaths(theories, toy_pdf_sets), progress=NullReporter())
    data, toy = inputs.data, load_pdf_set("toy", [toy_pdf_sets])
    prediction = predict(inputs.observables, toy, inputs.theory.q0)[0]
    (found,) = api.chi2(card, "toy", theory_path=theories, pdf_path=toy_pdf_sets).sets
    rows = {row.covariance: row.central for row in found.rows if row.level == "total"}
    plain = {"t0": data.t0_covariance, "experimental": data.experimental_covariance}
    summed = {f"{name} + theory": covariance + data.theory.matrix for name, covariance in plain.items()}
    assert list(rows) == [*summed, *plain]
    for name, covariance in {**summed, **plain}.items():
        assert rows[name] == pytest.approx(chi2_values(prediction, data.central, covariance), rel=1e-8)
