import numpy as np
import pytest

from n3fit.ensembles.bands import Band
from n3fit.report.band_plots import Curve, band_numbers, draw_bands, ratio_of, with_reference
from n3fit.report.style import FIT_COLOURS, MUTED, plot_style

X = np.linspace(0.0, 1.0, 11)
EVERYWHERE = np.ones(11, dtype=bool)


def band(central: np.ndarray, half: float = 0.1) -> Band:
    return Band(central, central - half, central + half, np.full(len(central), half))


def test_ratios_leave_out_zero_crossings_and_points_beyond_the_frame() -> None:
    denominator = 0.5 - X  # zero at the sixth point
    ratio = ratio_of(band(2 * denominator), denominator, X < 0.85)
    np.testing.assert_array_equal(np.isfinite(ratio.central), [*[True] * 5, False, True, True, True, False, False])
    np.testing.assert_allclose(ratio.central[[0, 8]], 2.0)
    # a negative denominator exchanges the limits
    received = [ratio.low[8], ratio.high[8], ratio.deviation[8]]
    np.testing.assert_allclose(received, [2.0 - 0.1 / 0.3, 2.0 + 0.1 / 0.3, 0.1 / 0.3])


def test_ratios_stay_where_a_distribution_falls_towards_the_right() -> None:
    falling = np.exp(-30 * X)
    assert np.isfinite(ratio_of(band(falling), falling, EVERYWHERE).central).all()


def test_the_reference_is_grey_and_other_colours_stay_the_same() -> None:
    grey_second = [FIT_COLOURS[0], MUTED, FIT_COLOURS[1]]
    assert with_reference(["a", "b", "c"], "b") == (["a", "b", "c"], 1, grey_second)
    assert with_reference(["a"], "b") == (["a", "b"], 1, grey_second[:2])
    assert with_reference(["a"], None) == (["a"], None, grey_second[:1])
    assert with_reference(list("abcdefgh"), None)[2][6:] == list(FIT_COLOURS[:2])


def test_numbers_are_the_bands_and_their_ratios_curve_by_curve() -> None:
    first, second = Curve("one", band(1 + X), "#000000"), Curve("two", band(2 + 2 * X), "#ff0000")
    numbers = band_numbers("x", X, [first, second], second, EVERYWHERE)
    assert numbers["ensemble"].tolist() == ["one"] * 11 + ["two"] * 11
    np.testing.assert_array_equal(numbers["x"], np.tile(X, 2))
    np.testing.assert_allclose(numbers["low"], np.concatenate([0.9 + X, 1.9 + 2 * X]))
    np.testing.assert_allclose(numbers["ratio central"], np.repeat([0.5, 1.0], 11))
    np.testing.assert_allclose(numbers["ratio high"][:11], (1.1 + X) / (2 + 2 * X))


def test_panels_show_values_and_ratios() -> None:
    first, second = Curve("one", band(1 + X), "#000000"), Curve("two", band(2 + 2 * X), "#ff0000", reference=True)
    options = {"framed": EVERYWHERE, "set_axis": lambda axes: axes.set_xlabel("$x$"), "label": "f", "note": "Q"}
    with plot_style():
        upper, lower = draw_bands(X, [first, second], denominator=second, **options).axes
        alone = draw_bands(X, [first], denominator=None, logarithmic=True, **options)
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["one", "two"]
    np.testing.assert_allclose(upper.lines[0].get_ydata(), 1 + X)
    np.testing.assert_allclose(lower.lines[0].get_ydata(), 0.5)
    low, high = lower.get_ylim()
    assert low < 0.45
    assert high > 1.1
    assert (len(alone.axes), alone.axes[0].get_yscale()) == (1, "log")


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("label", ["dis", "_for 5$ $each", "NNPDF40_NNLO_AS_01180", 4 * "NNPDF40_NNLO_AS_01180"])
def test_labels_do_not_overlap_panel_and_note(count: int, label: str) -> None:
    with plot_style():
        figure = draw_bands(
            X,
            [Curve(label, band(1 + X), "#000000") for _ in range(count)],
            framed=EVERYWHERE,
            set_axis=lambda axes: axes.set_xlabel("$x$"),
            label="f",
            note="$Q$ = 1.65 GeV",
            denominator=None,
        )
        figure.draw_without_rendering()
        legend = figure.axes[0].get_legend().get_window_extent()
    panel, page = figure.axes[0].get_window_extent(), figure.bbox
    note = figure.axes[0]._right_title.get_window_extent()  # type: ignore[attr-defined]
    assert panel.y1 <= legend.y0
    assert legend.y1 <= page.y1
    assert legend.x1 <= page.x1
    assert not legend.overlaps(note)
