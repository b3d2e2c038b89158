from pathlib import Path

import numpy as np
from support import outcomes

from n3fit.report.chi2_plots import chi2_figures
from n3fit.report.labelled_fit import label_fits
from n3fit.report.style import plot_style
from n3fit.results import FitFolder


def test_numbers_are_the_chi2_per_point_of_every_set_and_fit(fit: FitFolder, smaller_fit: FitFolder) -> None:
    with plot_style():
        (figure,) = chi2_figures(label_fits([fit, smaller_fit]))
    numbers = figure.numbers
    assert numbers["fit"].tolist() == ["toy"] * 4 + ["smaller"] * 3
    names = [dataset.name for dataset in fit.description.datasets]
    assert numbers["name"].tolist() == [*names, "total", *names[:2], "total"]
    for place, entry in ((0, fit), (4, smaller_fit)):
        table = entry.chi2["datasets"]
        assert numbers["chi2_t0"][place] == table.t0[0] / table.points[0]
        selected = table.t0_replicas[entry.chosen, 0] / table.points[0]
        np.testing.assert_allclose(numbers["chi2_replicas_mean"][place], selected.mean())
        np.testing.assert_allclose(numbers["chi2_replicas_deviation"][place], selected.std(ddof=1))


def test_no_data_and_nothing_finite_give_no_figure(tmp_path: Path) -> None:
    empty = outcomes.write_outcome(outcomes.make_outcome(2, sets=()), tmp_path / "empty")
    assert chi2_figures(label_fits([empty])) == []
    outcome = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS, finite=np.zeros(2, bool))
    assert chi2_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "broken")])) == []
