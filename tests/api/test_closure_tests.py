"""Closure tests of fit folders through the api."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit import api
from n3fit.data.closure import ClosureTruth
from n3fit.errors import DataError


@pytest.fixture
def write(tmp_path):
    """Write an imaginary closure test of level 2 and give its folder."""

    def write(filterseed: int) -> Path:
        outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS, seed=filterseed)
        truth = ClosureTruth(
            2, "known", "f" * 64, filterseed, 1.01 * np.ones_like(outcome.central), outcome.experimental_covariance
        )
        name = f"fit_{filterseed}"
        return outcomes.write_outcome(replace(outcome, closure=truth, name=name), tmp_path / name).path

    return write


def test_one_fit_has_estimates_and_many_have_statistics(write):
    folders = [write(seed) for seed in (1, 2, 3)]
    single = api.closure(folders[:1])
    assert single.statistics is None
    assert single.fits[0].path == folders[0]
    together = api.closure(folders)
    assert [fit.filterseed for fit in together.fits] == [1, 2, 3]
    assert together.fits[0] == single.fits[0]
    assert together.statistics is not None
    assert together.statistics.fits == 3
    mean_chi2 = np.mean([fit.total.chi2 for fit in together.fits])
    assert together.statistics.total.chi2 == pytest.approx(mean_chi2, rel=1e-12)


def test_the_same_fit_twice_is_refused(write):
    folder = write(1)
    with pytest.raises(DataError, match="filterseed 1 is that of"):
        api.closure([folder, folder])
