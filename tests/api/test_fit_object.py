"""A fit at the Python prompt and in a notebook."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from support import outcomes

from n3fit import api
from n3fit.api.fit_object import Fit
from n3fit.errors import CommandLineError
from n3fit.results import FitFolder, select_replicas, write_postfit


@pytest.fixture
def folder(tmp_path: Path) -> FitFolder:
    outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS, positivity_passed=np.arange(4) != 2)
    return outcomes.write_outcome(replace(outcome, name="to<y"), tmp_path / "to<y", status="interrupted")


def test_a_fit_is_told_in_a_few_lines(folder: FitFolder) -> None:
    total = folder.summary().total
    assert repr(api.open_fit(folder.path)).splitlines() == [
        "fit: to<y",
        "description: Toy fit <b>with</b> markup & 100 % care",
        "replicas: 4, 3 pass positivity (1-2, 4)",
        f"chi2 per point: {total.t0:.3f} of the mean, {total.replicas_mean:.3f} +- {total.replicas_deviation:.3f} "
        "of the replicas, 10 points",
        "PDF sets: none yet",
        f"folder: {folder.path}",
        "status: interrupted",
    ]
    write_postfit(folder.path, select_replicas(folder, count=2))
    for name in ("b", "a"):
        (folder.path / "postfit" / name).mkdir(parents=True)
        (folder.path / "postfit" / name / f"{name}.info").touch()
    lines = repr(api.open_fit(folder.path)).splitlines()
    assert "replicas: 4, 2 chosen by postfit (1-2)" in lines
    assert "PDF sets: a, b" in lines


def test_fault_82_a_notebook_shows_the_text_of_the_user_and_runs_none_of_it(folder: FitFolder) -> None:
    html = folder._repr_html_()
    assert "Toy fit &lt;b&gt;with&lt;/b&gt; markup &amp; 100 % care" in html
    assert "to&lt;y" in html
    assert "<b>" not in html


def test_a_fit_can_be_plotted(folder: FitFolder) -> None:
    fit = api.open_fit(folder.path)
    figure = fit.plot("g", xscale="log")
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    mean = np.log(fit.pdf[fit.passing, :-1, 6].mean(axis=0))
    curves = [np.array(line.get_data()) for line in axes.lines if len(line.get_xdata()) > 10]
    errors = [
        np.abs(np.interp(np.log(x), np.log(fit.xgrid[:-1]), mean) - np.log(y)).max()
        for x, y in (curve[:, curve[0] < 0.3] for curve in curves)
    ]
    assert min(errors) < 2e-3
    with pytest.raises(CommandLineError):
        fit.plot("gluino")


def test_a_fit_has_everything_of_its_folder(folder: FitFolder) -> None:
    fit = Fit(folder)
    for name in ("path", "name", "description", "manifest", "replicas", "passing", "chosen", "selection", "postfit",
                 "results", "points", "mean_prediction", "chi2", "total_chi2", "xgrid", "pdf", "pdf_sets",
                 "runcard_text"):  # fmt: skip
        expected = getattr(folder, name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(getattr(fit, name), expected)
        else:
            assert getattr(fit, name) == expected
    assert fit.summary() == folder.summary()
    assert list(fit.weights(1)) == list(folder.weights(1))
