"""The figure of a data set: the numbers that it shows, and what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.data import build_dataset

from n3fit.report.dataset_plots import dataset_figure
from n3fit.report.figure_files import save_figure

CENTRAL = [100.0, 10.0, 1.0, 0.5]


@pytest.fixture
def dataset():
    """Statistical uncertainties of 0.3, 10 % uncorrelated, and a common shift of 0.4."""
    columns = [("MULT", "UNCORR", [0.1 * value for value in CENTRAL]), ("ADD", "CORR", [0.4] * 4)]
    return build_dataset("MINE_NC", CENTRAL, 0.3, columns, plot_x="x", units="pb", kinematic_labels={"x": "$x$"})


def test_numbers_are_those_of_the_covariance(dataset) -> None:
    plotted = dataset_figure(dataset)
    expected = np.sqrt(0.3**2 + (0.1 * np.array(CENTRAL)) ** 2 + 0.4**2)
    np.testing.assert_allclose(plotted.numbers["total"], expected)
    np.testing.assert_array_equal(plotted.numbers["central"], CENTRAL)
    np.testing.assert_array_equal(plotted.numbers["point"], range(4))
    assert {"x", "Q2", "statistical"} <= set(plotted.numbers)
    image = plotted.figure.axes[1].images[0].get_array()
    np.testing.assert_allclose(np.asarray(image)[0, 1], 0.16 / (expected[0] * expected[1]))
    np.testing.assert_allclose(np.diagonal(np.asarray(image)), 1.0)


def test_axes_follow_the_metadata_and_the_range(dataset) -> None:
    points, matrix, *bars = dataset_figure(dataset).figure.axes
    assert (points.get_xlabel(), points.get_ylabel()) == ("$x$", "central value [pb]")
    assert (points.get_xscale(), points.get_yscale()) == ("log", "log")
    assert points.get_ylim()[0] > 0
    assert matrix.get_xlabel() == "point"
    assert {bar.get_ylabel() for bar in bars} == {"", "Q2"}


def test_without_a_variable_points_are_numbered() -> None:
    axes = dataset_figure(build_dataset("MINE_NC", [1.0, 2.0, 3.0], 0.1, plot_x="absent")).figure.axes
    assert len(axes) == 3
    assert axes[0].get_xlabel() == "point"
    assert axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_files_have_the_same_bytes_each_time(dataset, tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    for path in (first, second):
        save_figure(dataset_figure(dataset), path)
    assert first.read_bytes() == second.read_bytes()
    if suffix == ".png":
        with Image.open(first) as image:
            assert image.width > 2 * image.height
