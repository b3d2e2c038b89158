"""Which losses of a scan are shown."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.report.scan_losses import are_wide, loss_limits


def test_large_losses_do_not_hide_the_others() -> None:
    low, high = loss_limits(np.array([1.0, 1.5, 1.5, 2.0, 1000.0, np.nan]))
    assert low == pytest.approx(1.0 - 0.06 * 2.0)
    assert high == pytest.approx(3.0 + 0.06 * 2.0)
    assert not are_wide(np.array([1.0, 1.5, 1.5, 2.0, 1000.0]))
    wide = np.array([1.0, 10.0, 100.0, 1000.0])
    assert are_wide(wide)
    assert loss_limits(wide) == pytest.approx((10**-0.18, 10**3.18))
    assert not are_wide(np.array([-1.0, 10.0, 100.0, 1000.0]))
    assert loss_limits(np.array([2.0]))[0] < 2.0 < loss_limits(np.array([2.0]))[1]
