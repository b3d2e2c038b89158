"""Figures of a theory covariance, against its numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit.data.theory_covariance import TheoryCovariance
from n3fit.progress import NullReporter
from n3fit.report import theory_covariance_plots
from n3fit.report.labelled_fit import label_fits
from n3fit.report.page import make_report
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import plot_style
from n3fit.report.theory_covariance_plots import theory_covariance_figures
from n3fit.results import FitFolder
from n3fit.results.theory_covariance import StoredCovariance

SETS = (
    ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "legacy", "NMC", "DIS_NC", 3),
    ("HERA_CC_318GEV_EM-SIGMARED", "legacy", "HERACOMB", "DIS_CC", 2),
    ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw", "SLAC", "DIS_NC", 4),
)
ORDER = [0, 1, 2, 5, 6, 7, 8, 3, 4]
"""The points with those of a category together."""

COLUMNS = 0.05 * np.random.default_rng(6).normal(size=(9, 2))


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    stored = StoredCovariance(TheoryCovariance(COLUMNS, {"3f point": 2}), np.arange(9))
    outcome = replace(outcomes.make_outcome(3, sets=SETS), theory_covariance=stored)
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy", theory={"id": "none"})


@pytest.fixture
def figures(fit: FitFolder) -> list[PlottedFigure]:
    with plot_style():
        return theory_covariance_figures(label_fits([fit]))


def test_uncertainties_of_each_point(figures: list[PlottedFigure], fit: FitFolder) -> None:
    numbers = figures[0].numbers
    theory = np.sqrt(np.sum(COLUMNS**2, axis=1))[ORDER]
    experimental = fit.points.experimental_error[ORDER]
    np.testing.assert_allclose(numbers["theory_error"], theory)
    np.testing.assert_allclose(numbers["experimental_error"], experimental)
    np.testing.assert_allclose(numbers["total_error"], np.sqrt(theory**2 + experimental**2))
    assert numbers["category"].tolist() == ["DIS NC"] * 7 + ["DIS CC"] * 2
    assert numbers["dataset"].tolist() == [SETS[0][0]] * 3 + [SETS[2][0]] * 4 + [SETS[1][0]] * 2


def test_share_of_each_data_set(figures: list[PlottedFigure], fit: FitFolder) -> None:
    variance = np.sum(COLUMNS**2, axis=1)
    share = variance / (variance + fit.points.experimental_error**2)
    expected = [share[0:3].mean(), share[5:9].mean(), share[3:5].mean(), share.mean()]
    np.testing.assert_allclose(figures[1].numbers["share"], expected)
    assert figures[1].numbers["dataset"].tolist()[-1] == "all points"


def test_correlations_between_points(figures: list[PlottedFigure]) -> None:
    matrix = (COLUMNS @ COLUMNS.T)[np.ix_(ORDER, ORDER)]
    sigma = np.sqrt(np.diag(matrix))
    np.testing.assert_allclose(figures[2].numbers["correlation"].reshape(9, 9), matrix / np.outer(sigma, sigma))


def test_uncertainties_are_drawn_in_percent_of_the_data(figures: list[PlottedFigure]) -> None:
    numbers = figures[0].numbers
    with plot_style():
        [axes] = figures[0].draw().axes
    total, experimental, theory = (line.get_ydata() for line in axes.lines[:3])
    np.testing.assert_allclose(theory, 100.0 * numbers["theory_error"] / numbers["data"])
    np.testing.assert_allclose(experimental, 100.0 * numbers["experimental_error"] / numbers["data"])
    np.testing.assert_allclose(total, np.hypot(theory, experimental))
    assert [line.get_xdata()[0] for line in axes.lines[3:]] == [6.5]  # between the categories
    low, high = axes.get_ylim()
    assert low < theory.max() < total.max() < high


def test_shares_are_bars_from_the_first_data_set_down_to_all_points(figures: list[PlottedFigure]) -> None:
    with plot_style():
        [axes] = figures[1].draw().axes
    widths = {round(bar.get_y() + 0.5 * bar.get_height()): bar.get_width() for bar in axes.patches}
    np.testing.assert_allclose([widths[row] for row in (3, 2, 1, 0)], 100.0 * figures[1].numbers["share"])
    assert [label.get_text() for label in axes.get_yticklabels()] == figures[1].numbers["dataset"].tolist()


def test_correlations_are_drawn_with_the_names_of_the_categories(figures: list[PlottedFigure]) -> None:
    with plot_style():
        axes = figures[2].draw().axes[0]
    [image] = axes.images
    np.testing.assert_allclose(image.get_array(), figures[2].numbers["correlation"].reshape(9, 9))
    assert image.get_clim() == (-1, 1)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["DIS NC", "DIS CC"]
    assert axes.get_yticks().tolist() == [3.0, 7.5]


def test_many_points_are_picked_evenly(fit: FitFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theory_covariance_plots, "MOST_POINTS", 3)
    with plot_style():
        numbers = theory_covariance_figures(label_fits([fit]))[2].numbers
    assert sorted(set(numbers["first point"].tolist())) == [0, 4, 8]


def test_the_page_has_a_section_for_fits_with_a_theory_covariance_only(
    fit: FitFolder, bare_fit: FitFolder, tmp_path: Path, blank_figures: None
) -> None:
    text = make_report([fit, bare_fit], output=tmp_path / "page.html", progress=NullReporter()).read_text()
    section = text.partition('<section id="theory-covariance">')[2].partition("</section>")[0]
    assert "3f point, predictions of toy" in section
    assert "part of χ² and of the pseudodata" in section
    assert "<td>2 1</td><td>711</td>" in section
    assert section.count("<figure") == 3
    assert "theory-covariance" not in make_report(bare_fit, output=tmp_path / "other.html").read_text()
