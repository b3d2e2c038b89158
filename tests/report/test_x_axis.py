import numpy as np
import pytest

from n3fit.report.pictures import look, new_figure
from n3fit.report.x_axis import LARGEST, SMALLEST, XSCALES, XScale, points_along, set_x_axis, to_place, to_x


def test_both_scales_meet_smoothly_and_invert() -> None:
    x = np.concatenate([np.geomspace(1e-7, 0.1, 40), np.linspace(0.1, 1.0, 41)])
    np.testing.assert_allclose(to_x(to_place(x)), x, rtol=1e-12)
    assert (np.diff(to_place(np.unique(x))) > 0).all()
    below, above = (np.diff(to_place(np.array(pair)))[0] for pair in ((0.0999, 0.1), (0.1, 0.1001)))
    assert below == pytest.approx(above, rel=2e-3)


@pytest.mark.parametrize("scale", XSCALES)
def test_points_increase_and_lie_on_the_axis(scale: XScale) -> None:
    x = points_along(scale)
    assert (np.diff(x) > 0).all()
    assert (x[0] >= SMALLEST, x[-1], len(x) < 100) == (True, LARGEST, True)
    with look():
        axes = new_figure().subplots()
        set_x_axis(axes, scale)
        low, high = axes.get_xlim()
    assert (low, high) == (0.0 if scale == "linear" else SMALLEST, 1.0)
