"""Figures of luminosities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from support import ensembles as examples
from support.figures import save

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.luminosities import CHANNELS, MASSES, luminosities
from n3fit.progress import ProgressReporter
from n3fit.report.luminosity_plots import luminosity_figures
from n3fit.report.style import plot_style
from n3fit.results.ensembles import open_ensemble


def test_luminosity_figures() -> None:
    reference = open_ensemble("n3fit_dis_t0")
    with plot_style():
        figures = luminosity_figures([reference])
        save(figures[:1])
    assert [figure.name for figure in figures] == [f"luminosity_{channel}" for channel in CHANNELS]
    assert figures[2].title == "Quark–antiquark luminosity at √s = 13.6 TeV"
    central, masses = figures[2].numbers["central"], figures[2].numbers["mass [GeV]"]
    assert len(masses) == MASSES
    np.testing.assert_array_equal(np.isnan(central), masses > 100.0)  # beyond the largest scale of the set
    np.testing.assert_allclose(central[masses <= 100.0], luminosities(reference).bands["qqbar"].central)


class Toy(Ensemble):
    """The toy PDF times a factor, the same at all scales up to ``q_max``."""

    q0, x_min = 1.65, 1e-9

    def __init__(self, label: str, factor: float, q_max: float = 1e5) -> None:
        self.label, self.q_max = label, q_max
        self._factor = factor

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        members = self._factor * examples.toy_snapshot(1).members
        return [examples.toy_snapshot(1, q=q, label=self.label, members=members, central=members[0]) for q in scales]


def test_luminosities_are_divided_by_those_of_the_reference() -> None:
    """Three times the PDFs have nine times the luminosity, up to the end of the frame and of the other ensemble."""
    one, thrice = Toy("one", 1.0), Toy("thrice", 3.0, q_max=500.0)
    with plot_style():
        by_first = luminosity_figures([one, thrice], energy=7000.0)
        by_another = luminosity_figures([one], reference=thrice, energy=7000.0)
    assert by_first[0].title == "Gluon–gluon luminosity at √s = 7 TeV"
    assert "central value of one" in by_first[0].caption
    assert "central value of thrice" in by_another[0].caption
    for first, another in zip(by_first, by_another, strict=True):
        masses = first.numbers["mass [GeV]"].reshape(2, MASSES)[0]
        ratios = first.numbers["ratio central"].reshape(2, MASSES)
        framed, in_range = masses < 0.3 * 7000.0, masses <= 500.0
        assert 0 < np.sum(in_range) < np.sum(framed) < MASSES
        np.testing.assert_allclose(ratios[0], np.where(framed, 1.0, np.nan))
        np.testing.assert_allclose(ratios[1], np.where(in_range, 9.0, np.nan))
        inverse = another.numbers["ratio central"].reshape(2, MASSES)
        np.testing.assert_allclose(inverse[0], np.where(in_range, 1 / 9, np.nan))
        assert another.numbers["ensemble"].tolist() == ["one"] * MASSES + ["thrice"] * MASSES
