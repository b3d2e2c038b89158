from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import outcomes

from n3fit.report.data_comparison import DatasetComparison, beside, comparison_figure, spread_by_q2
from n3fit.report.data_plots import compare_dataset, data_figures
from n3fit.report.labelled_fit import label_fits
from n3fit.report.source import Source
from n3fit.report.style import plot_style
from n3fit.results import FitFolder

NODES = st.lists(
    st.tuples(st.sampled_from([1e-4, 2e-4, 0.01, 0.1, 0.105, 0.6]), st.floats(1, 1e4)), min_size=1, max_size=30
)


@given(NODES)
def test_points_of_one_x_are_spread_by_q2_and_stay_between_their_neighbours(points: list[tuple[float, float]]) -> None:
    x, q2 = (np.array(column) for column in zip(*points, strict=True))
    moved = spread_by_q2(x, q2)
    nodes = np.unique(x)
    for node in nodes:
        here = x == node
        by_q2 = moved[here][np.argsort(q2[here], kind="stable")]
        assert (np.diff(by_q2) > 0).all()
        assert np.exp(np.log(moved[here]).mean()) == pytest.approx(node, rel=1e-9)
    for left, right in pairwise(nodes):
        assert moved[x == left].max() < moved[x == right].min()


def test_numbers_are_data_and_chosen_replicas(fit: FitFolder) -> None:
    with plot_style():
        figures = data_figures(label_fits([fit]))
    assert [figure.title for figure in figures] == [
        f"{dataset.name}, {dataset.stop - dataset.start} points" for dataset in fit.description.datasets
    ]
    numbers, place = figures[1].numbers, slice(5, 9)
    kept = fit.results.predictions[[0, 1, 3, 4, 5], place]  # the third replica is vetoed
    np.testing.assert_array_equal(numbers["data"], fit.points.central[place])
    np.testing.assert_array_equal(numbers["data_error"], fit.points.experimental_error[place])
    np.testing.assert_array_equal(numbers["q2"], fit.points.q2[place])
    np.testing.assert_allclose(numbers["theory"], kept.mean(axis=0))
    np.testing.assert_allclose(numbers["theory_error"], kept.std(axis=0, ddof=1))


def test_marks_are_at_data_over_theory(fit: FitFolder) -> None:
    with plot_style():
        figure = data_figures(label_fits([fit]))[1]
    dots = figure.figure.axes[0].collections[-1]
    expected = fit.points.central[5:9] / fit.mean_prediction[5:9]
    np.testing.assert_allclose(np.asarray(dots.get_offsets())[:, 1], expected)


def test_fits_with_the_same_points_are_overlaid_and_others_are_named(
    fit: FitFolder, smaller_fit: FitFolder, tmp_path: Path
) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS, name="twin")
    shifted = replace(outcome, predictions=1.1 * outcome.predictions)
    twin = outcomes.write_outcome(shifted, tmp_path / "twin")
    fits = label_fits([fit, smaller_fit, twin])
    # data do not depend on the number of replicas, since they are drawn first
    data = compare_dataset("NMC_NC_NOTFIXED_EM-F2", fits)
    assert [entry.label for entry in data.sources] == ["toy", "twin"]
    assert data.left_out == ("smaller",)
    assert data.theory.shape == (2, 5)
    with plot_style():
        figure = data_figures(fits)[0]
    assert figure.caption == "Not shown: smaller, which has other points of this set."
    np.testing.assert_allclose(figure.numbers["theory"], data.theory.ravel())
    assert figure.numbers["fit"].tolist() == ["toy"] * 5 + ["twin"] * 5


def test_one_replica_has_no_spread(tmp_path: Path) -> None:
    fit = outcomes.write_outcome(outcomes.make_outcome(1, sets=outcomes.SMALL_SETS), tmp_path / "toy")
    data = compare_dataset("SLAC_NC_NOTFIXED_P_EM-F2", label_fits([fit]))
    assert data.spread.tolist() == [[0.0]]


def test_without_kinematics_points_are_numbered(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS)
    nothing = tuple(
        replace(dataset, x=np.full_like(dataset.x, np.nan), q2=np.full_like(dataset.q2, np.nan))
        for dataset in outcome.datasets
    )
    fit = outcomes.write_outcome(replace(outcome, datasets=nothing), tmp_path / "toy")
    with plot_style():
        figure = data_figures(label_fits([fit]))[0]
    (axes,) = figure.figure.axes
    assert axes.get_xlabel() == "point"
    assert np.asarray(axes.collections[-1].get_offsets())[:, 0].tolist() == [1, 2, 3, 4, 5]


def test_no_chosen_replica_and_nothing_finite_give_no_figure(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS, finite=np.zeros(2, bool))
    assert data_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "none")])) == []
    outcome = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS)
    outcome = replace(outcome, predictions=0 * outcome.predictions)
    with plot_style():
        assert data_figures(label_fits([outcomes.write_outcome(outcome, tmp_path / "zero")])) == []


def test_sources_are_drawn_at_both_sides_of_the_data_and_do_not_meet_their_neighbours() -> None:
    x = np.array([1e-3, 1e-2, 0.1])
    for positions, logarithmic in ((x, True), (np.arange(1.0, 4.0), False)):
        shown = np.array(beside(positions, 5, logarithmic=logarithmic))
        assert ((shown < positions).sum(axis=0) == 3).all()
        assert len(np.unique(shown)) == shown.size
        assert (shown[:, :-1].max(axis=0) < shown[:, 1:].min(axis=0)).all()
    assert len(beside(np.array([0.5]), 2, logarithmic=True)) == 2


def test_legend_and_predictions_of_many_sets_are_inside_the_figure() -> None:
    central, count = np.array([1.0, 2.0, 3.0]), 6
    theory = central * np.array([[1.0], [1.3], [0.6], [1.0], [1.1], [0.9]])
    data = DatasetComparison(
        name="DY", sources=[Source(f"set {number}", number) for number in range(count)], x=np.full(3, np.nan),
        q2=np.full(3, np.nan), central=central, error=0.01 * central, theory=theory, spread=0.01 * theory, kind="set",
    )  # fmt: skip
    with plot_style():
        plotted = comparison_figure(data)
        assert plotted is not None
        plotted.figure.canvas.draw()
        (axes,) = plotted.figure.axes
        legend = axes.get_legend()
        assert legend is not None
        box = legend.get_window_extent()
    assert box.ymin >= 0
    assert box.ymax <= plotted.figure.bbox.ymax
    low, high = axes.get_ylim()
    assert low < 0.6
    assert high > 1.3
    assert axes.get_ylabel() == "ratio to the first set"
    assert plotted.numbers["set"].tolist() == [f"set {number}" for number in range(count) for _ in range(3)]
