"""Maps of correlations."""

from __future__ import annotations

import numpy as np
from support import ensembles as examples
from support.figures import save

from n3fit.ensembles.correlations import correlation_matrix
from n3fit.report.correlation_plots import POINTS, correlation_figure
from n3fit.report.style import plot_style
from n3fit.theory.flavours import EXPORT_PIDS


def test_correlation_map() -> None:
    ensemble = examples.toy_snapshot(label="a fit")
    with plot_style():
        figure = correlation_figure(ensemble)
        assert figure is not None
        save([figure])
    assert figure.name == "correlation_flavour_a_fit_1.65GeV"
    matrix = correlation_matrix(ensemble, ensemble.shown_partons("flavour"), np.array(POINTS))
    np.testing.assert_array_equal(figure.numbers["correlation"], matrix.ravel())
    row = (figure.numbers["first"] == "u") & (figure.numbers["second"] == "g")
    assert row.sum() == len(POINTS) ** 2
    for few in (examples.toy_snapshot(2), examples.toy_snapshot(kind="central")):
        assert correlation_figure(few) is None


def test_replicas_with_one_factor_are_fully_correlated() -> None:
    """The toy times a common factor; the gluon of the second changes in the opposite direction."""
    ensemble = examples.toy_snapshot()
    opposite = ensemble.members.copy()
    opposite[..., EXPORT_PIDS.index(21)] = ensemble.members[::-1, :, EXPORT_PIDS.index(21)]
    for members, with_gluon in ((ensemble.members, 1.0), (opposite, -1.0)):
        with plot_style():
            figure = correlation_figure(examples.toy_snapshot(members=members))
        assert figure is not None
        numbers = figure.numbers
        one_gluon = (numbers["first"] == "g") != (numbers["second"] == "g")
        np.testing.assert_allclose(numbers["correlation"], np.where(one_gluon, with_gluon, 1.0), atol=1e-9)


def test_the_image_is_the_matrix() -> None:
    random = np.random.default_rng(1)
    toy = examples.toy_snapshot()
    ensemble = examples.toy_snapshot(members=toy.members * random.normal(1.0, 0.1, (5, 1, 14)))
    with plot_style():
        figure = correlation_figure(ensemble, "evolution")
    assert figure is not None
    axes, bar = figure.figure.axes
    (image,) = axes.images
    np.testing.assert_array_equal(np.asarray(image.get_array()).ravel(), figure.numbers["correlation"])
    assert image.get_clim() == (-1.0, 1.0)
    partons = ensemble.shown_partons("evolution")
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"${parton.formula}$" for parton in partons]
    # the middle of each block of points
    expected = len(POINTS) * (np.arange(len(partons)) + 0.5) - 0.5
    np.testing.assert_allclose(axes.get_xticks(), expected)
    assert bar.get_ylim() == (-1.0, 1.0)
