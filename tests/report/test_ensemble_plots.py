"""Figures of distributions, and of what is derived from them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from n3fit.report.correlation_plots import POINTS, correlation_figure
from n3fit.report.correlations import correlation_matrix
from n3fit.report.distance_plots import distance_figures
from n3fit.report.distances import distances
from n3fit.report.ensemble_plots import pdf_figures
from n3fit.report.ensembles import Ensemble, open_ensemble
from n3fit.report.figures import PlottedFigure
from n3fit.report.luminosities import CHANNELS, MASSES, luminosities
from n3fit.report.luminosity_plots import luminosity_figures
from n3fit.report.partons import find_parton
from n3fit.report.pictures import look
from n3fit.results import FitFolder


def save(figures: list[PlottedFigure]) -> None:
    """Draw them, so that what can only fail then fails."""
    for figure in figures:
        figure.figure.savefig(BytesIO(), format="svg")


@pytest.fixture(scope="module")
def reference() -> Ensemble:
    return open_ensemble("n3fit_dis_t0")


def test_figures_of_distributions_have_their_numbers(small_fit: FitFolder, reference: Ensemble) -> None:
    shot, other = open_ensemble(small_fit).at(), reference.at()
    with look():
        figures = pdf_figures([shot], "flavour", reference=other)
        save(figures[:1])
    names = [figure.name for figure in figures]
    assert names == [f"pdf_flavour_{p}_1.65GeV" for p in ("g", "u", "ubar", "d", "dbar", "s", "sbar", "cplus")]
    assert figures[0].title == "Gluon at 1.65 GeV (flavour basis)"
    assert "divided by the central value of n3fit_dis_t0" in figures[0].caption
    numbers = figures[0].numbers
    mine = numbers["ensemble"] == "small"
    x = numbers["x"][mine]
    band, divisor = shot.band(find_parton("g"), x), other.central_of(find_parton("g"), x)
    np.testing.assert_allclose(numbers["low"][mine], band.low)
    shown = np.isfinite(numbers["ratio central"][mine])
    assert 0.8 < shown.mean() < 1.0
    np.testing.assert_allclose(numbers["ratio central"][mine][shown], (band.central / divisor)[shown])
    np.testing.assert_allclose(numbers["ratio central"][~mine][shown], 1.0)


def test_steep_distributions_have_a_logarithmic_axis(examples: ModuleType) -> None:
    flat = examples.toy_snapshot()
    rise = (1e-4 / flat.x)[:, None]
    steep = replace(flat, members=flat.members * rise, central=flat.central * rise)
    with look():
        scales = [pdf_figures([shot], "flavour")[0].figure.axes[0].get_yscale() for shot in (flat, steep)]
    assert scales == ["linear", "log"]


def test_one_replica_is_a_line(examples: ModuleType) -> None:
    with look():
        (figure, *_) = pdf_figures([examples.toy_snapshot(1)], "evolution")
        save([figure])
    np.testing.assert_array_equal(figure.numbers["low"], figure.numbers["high"])


def test_figures_of_distances(small_fit: FitFolder) -> None:
    first = open_ensemble(small_fit, members="finite").at()
    with look():
        central, uncertainty = figures = distance_figures(first, first, "evolution")
        save(figures)
    assert (central.name, uncertainty.name) == (
        "distance_central_evolution_1.65GeV", "distance_uncertainty_evolution_1.65GeV",
    )  # fmt: skip
    assert set(central.numbers) == {"x", "Sigma", "g", "V", "V3", "V8", "V15", "T3", "T8", "T15"}
    np.testing.assert_array_equal(central.numbers["g"], 0.0)


def test_distances_of_a_figure_are_those_of_the_members(examples: ModuleType) -> None:
    first, second = examples.toy_snapshot(6), examples.toy_snapshot(9)
    with look():
        numbers = distance_figures(first, second, "flavour")[1].numbers
    up = find_parton("u")
    expected = distances(first.members_of(up, numbers["x"]), second.members_of(up, numbers["x"]))
    np.testing.assert_allclose(numbers["u"], expected.uncertainty)


def test_correlation_map(examples: ModuleType) -> None:
    shot = examples.toy_snapshot(label="a fit")
    with look():
        figure = correlation_figure(shot)
        assert figure is not None
        save([figure])
    assert figure.name == "correlation_flavour_a_fit_1.65GeV"
    matrix = correlation_matrix(shot, shot.shown_partons("flavour"), np.array(POINTS))
    np.testing.assert_array_equal(figure.numbers["correlation"], matrix.ravel())
    row = (figure.numbers["first"] == "u") & (figure.numbers["second"] == "g")
    assert row.sum() == len(POINTS) ** 2
    for few in (examples.toy_snapshot(2), examples.toy_snapshot(kind="central")):
        assert correlation_figure(few) is None


def test_luminosity_figures(reference: Ensemble) -> None:
    with look():
        figures = luminosity_figures([reference])
        save(figures[:1])
    assert [figure.name for figure in figures] == [f"luminosity_{channel}" for channel in CHANNELS]
    assert figures[2].title == "Quark–antiquark luminosity at √s = 13.6 TeV"
    central, masses = figures[2].numbers["central"], figures[2].numbers["mass [GeV]"]
    assert len(masses) == MASSES
    np.testing.assert_array_equal(np.isnan(central), masses > 100.0)  # beyond the reach of the set
    np.testing.assert_allclose(central[masses <= 100.0], luminosities(reference).bands["qqbar"].central)


def test_figures_of_the_same_ensembles_are_the_same(small_fit: FitFolder, tmp_path: Path) -> None:
    def draw() -> bytes:
        stream = BytesIO()
        with look():
            pdf_figures([open_ensemble(small_fit).at()], "evolution")[3].figure.savefig(
                stream, format="svg", metadata={"Date": None}
            )
        return stream.getvalue()

    assert draw() == draw()
