import numpy as np
import pytest
from matplotlib.figure import Figure

from n3fit.report.axes import (
    LARGEST_X,
    SMALLEST_X,
    XSCALES,
    XScale,
    label_logarithmic,
    position_to_x,
    set_x_axis,
    x_points,
    x_to_position,
)
from n3fit.report.style import new_figure, plot_style


def test_wide_logarithmic_axes_have_powers_of_ten_and_narrow_ones_plain_numbers() -> None:
    labels = []
    for low, high in ((1e-3, 1.0), (1.0, 30.0), (0.15, 0.75)):
        axes = Figure().subplots()
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        label_logarithmic(axes.xaxis, low, high)
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        labels.append(axes.xaxis.get_major_formatter().format_ticks(ticks))
    assert labels == [["10⁻³", "10⁻²", "10⁻¹", "1"], ["1", "2", "5", "10", "20"], ["0.2", "0.3", "0.4", "0.5", "0.7"]]


def test_both_scales_meet_smoothly_and_invert() -> None:
    x = np.concatenate([np.geomspace(1e-7, 0.1, 40), np.linspace(0.1, 1.0, 41)])
    np.testing.assert_allclose(position_to_x(x_to_position(x)), x, rtol=1e-12)
    assert (np.diff(x_to_position(np.unique(x))) > 0).all()
    below, above = (np.diff(x_to_position(np.array(pair)))[0] for pair in ((0.0999, 0.1), (0.1, 0.1001)))
    assert below == pytest.approx(above, rel=2e-3)


@pytest.mark.parametrize("scale", XSCALES)
def test_points_increase_and_lie_on_the_axis(scale: XScale) -> None:
    x = x_points(scale)
    assert (np.diff(x) > 0).all()
    assert (x[0] >= SMALLEST_X, x[-1], len(x) < 100) == (True, LARGEST_X, True)
    with plot_style():
        axes = new_figure().subplots()
        set_x_axis(axes, scale)
        low, high = axes.get_xlim()
    assert (low, high) == (0.0 if scale == "linear" else SMALLEST_X, 1.0)
