import numpy as np
from matplotlib.figure import Figure

from n3fit.report.histograms import bin_edges, draw_histograms
from n3fit.report.labelled_fit import label_fits
from n3fit.results import FitFolder


def test_edges_extend_beyond_all_finite_values() -> None:
    edges = np.array(bin_edges(np.array([1.0, 3.0, np.nan, np.inf])))
    assert (edges[0], edges[-1]) == (0.9, 3.1)
    np.testing.assert_allclose(np.diff(edges), 2.2 / 16)


def test_a_single_value_has_bins_of_finite_width() -> None:
    for value in (2.0, 0.0):
        edges = np.array(bin_edges(np.array([value])))
        assert edges[0] < value < edges[-1]


def test_dashed_lines_are_means_of_the_chosen_replicas(fit: FitFolder) -> None:
    axes = Figure().subplots()
    values = np.arange(6.0) ** 2  # of the replicas 1 to 6, the third of which is vetoed
    draw_histograms(axes, [label_fits([fit])[0].drawn], [values], bin_edges(values))
    (line,) = axes.lines
    assert line.get_xdata() == [(0 + 1 + 9 + 16 + 25) / 5] * 2
    assert line.get_label() == "mean 10.200"
