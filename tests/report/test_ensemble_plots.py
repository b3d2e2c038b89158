"""Figures of distributions."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from support import ensembles as ensemble_examples

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.partons import find_parton
from n3fit.report.ensemble_plots import pdf_figures
from n3fit.report.pictures import look
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble


@pytest.fixture(scope="module")
def reference() -> Ensemble:
    return open_ensemble("n3fit_dis_t0")


def test_figures_of_distributions_have_their_numbers(small_fit: FitFolder, reference: Ensemble) -> None:
    shot, other = open_ensemble(small_fit).at(), reference.at()
    with look():
        figures = pdf_figures([shot], "flavour", reference=other)
        ensemble_examples.save(figures[:1])
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


def test_steep_distributions_have_a_logarithmic_axis() -> None:
    flat = ensemble_examples.toy_snapshot()
    rise = (1e-4 / flat.x)[:, None]
    steep = replace(flat, members=flat.members * rise, central=flat.central * rise)
    with look():
        scales = [pdf_figures([shot], "flavour")[0].figure.axes[0].get_yscale() for shot in (flat, steep)]
    assert scales == ["linear", "log"]


def test_one_replica_is_a_line() -> None:
    with look():
        (figure, *_) = pdf_figures([ensemble_examples.toy_snapshot(1)], "evolution")
        ensemble_examples.save([figure])
    np.testing.assert_array_equal(figure.numbers["low"], figure.numbers["high"])


def test_figures_of_the_same_ensembles_are_the_same(small_fit: FitFolder, tmp_path: Path) -> None:
    def draw() -> bytes:
        stream = BytesIO()
        with look():
            pdf_figures([open_ensemble(small_fit).at()], "evolution")[3].figure.savefig(
                stream, format="svg", metadata={"Date": None}
            )
        return stream.getvalue()

    assert draw() == draw()
