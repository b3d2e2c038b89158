import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.ensembles.bands import Band
from n3fit.report.band_plots import Curve, draw_bands
from n3fit.report.curve_records import record_curve, record_points
from n3fit.report.drawn_curves import DrawnCurve, DrawnPoints
from n3fit.report.figure_files import render_figure
from n3fit.report.figure_values import decode_numbers, encode_numbers, figure_values
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import BLUE, VERMILION, new_figure, plot_style

X = np.geomspace(1e-3, 0.9, 12)
PRECISION = 2.0**-16


def two_curves() -> list[Curve]:
    first = Band(X**0.3, 0.9 * X**0.3, 1.2 * X**0.3, 0.1 * X)
    second = Band(2 + X, 1.5 + X, 2.5 + X, 0.1 * X)
    return [
        Curve("first </script>", first, BLUE, members=np.stack([X, X**2, X**3])),
        Curve("second", second, VERMILION, kept_members=np.stack([X, -X])),
    ]


def values_of_two_curves() -> dict:
    curves = two_curves()

    def draw():
        return draw_bands(
            X, curves, framed=X > 0, set_axis=lambda axes: axes.set_xscale("log"), label="$y$", note="",
            denominator=curves[1],
        )  # fmt: skip

    return json.loads(render_figure(PlottedFigure("a", "A", "", draw, {"x": X})).values)


@given(st.lists(st.floats(1e-37, 1e37) | st.floats(-1e37, -1e-37) | st.just(0.0), max_size=20))
def test_numbers_are_rounded_by_less_than_two_in_a_hundred_thousand(numbers: list[float]) -> None:
    text = encode_numbers(numbers)
    assert len(text) == 4 * len(numbers)
    np.testing.assert_allclose(decode_numbers(text), numbers, rtol=PRECISION)


def test_numbers_that_are_not_finite() -> None:
    numbers = [np.nan, np.inf, -np.inf, -0.0, 1e300]
    np.testing.assert_array_equal(decode_numbers(encode_numbers(numbers)), [np.nan, np.inf, -np.inf, 0.0, np.inf])
    every_mantissa = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001], dtype=np.uint32).view(np.float32)
    assert np.isnan(decode_numbers(encode_numbers(every_mantissa[:2]))).all()


def test_values_are_those_that_are_drawn() -> None:
    content = values_of_two_curves()
    assert [series["label"] for series in content["series"]] == ["first </script>", "second"]
    assert [series["members"] for series in content["series"]] == [3, 0]
    upper, lower = content["panels"]
    for panel, divisor in ((upper, 1.0), (lower, 2 + X)):
        np.testing.assert_allclose(decode_numbers(panel["points"]), X, rtol=PRECISION)
        for curve, drawn in zip(panel["curves"], two_curves(), strict=True):
            for name in ("central", "low", "high"):
                expected = getattr(drawn.band, name) / divisor
                np.testing.assert_allclose(decode_numbers(curve[name]), expected, rtol=PRECISION)


def test_members_that_are_not_drawn_are_kept_for_the_upper_panel() -> None:
    upper, lower = values_of_two_curves()["panels"]
    assert ["members" in curve for curve in (*upper["curves"], *lower["curves"])] == [False, True, False, False]
    found = [decode_numbers(member) for member in upper["curves"][1]["members"]]
    np.testing.assert_allclose(found, [X, -X], rtol=PRECISION)


def test_places_are_those_in_the_image() -> None:
    upper, lower = values_of_two_curves()["panels"]
    (left, top, width, height), below = upper["box"], lower["box"]
    assert (left, width) == (below[0], below[2])
    assert 0.5 < top + height < below[1] < below[1] + below[3] < 1
    assert upper["x"][0] == "log"
    assert upper["y"][0] == "linear"
    assert upper["y"][1] < 0 < 2 < upper["y"][2]
    for series in values_of_two_curves()["series"]:
        left, upper_edge, width, height = series["key"]
        assert 0 < left < left + width < 1
        assert 0 < upper_edge < upper_edge + height < top


def test_points_have_places_and_texts() -> None:
    figure = new_figure()
    axes = figure.subplots()
    (line,) = axes.plot(X, X, "o")
    record_points(DrawnPoints(axes, 0, "a", BLUE, X, 2 * X, [f"point {x}" for x in X]), [line])
    content = json.loads(figure_values(figure))
    assert [series["label"] for series in content["series"]] == ["a"]
    (panel,) = content["panels"]
    (dots,) = panel["dots"]
    np.testing.assert_allclose(decode_numbers(dots["x"]), X, rtol=PRECISION)
    np.testing.assert_allclose(decode_numbers(dots["y"]), 2 * X, rtol=PRECISION)
    assert dots["texts"][1] == f"point {X[1]}"
    assert (panel["curves"], panel["points"]) == ([], "")


def test_a_figure_without_curves_has_no_values() -> None:
    with plot_style():
        figure = new_figure()
        figure.subplots().plot([0, 1])
    assert figure_values(figure) == ""


def test_curves_of_a_panel_have_the_same_points() -> None:
    figure = new_figure()
    axes = figure.subplots()
    for number, x in enumerate((X, 2 * X)):
        record_curve(DrawnCurve(axes, number, "a", BLUE, x, x), [])
    with pytest.raises(ValueError, match="the same points"):
        figure_values(figure)
