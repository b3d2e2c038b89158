"""Chi2 of replicas to their own pseudodata."""

from dataclasses import replace

import numpy as np
import pytest
from support import outcomes

from n3fit.errors import DataError
from n3fit.results.pseudodata_chi2 import pseudodata_chi2, read_pseudodata


def test_chi2_is_that_of_the_inverse_covariance_and_nan_stays_alone():
    random = np.random.default_rng(1)
    predictions, data, root = random.normal(size=(3, 5)), random.normal(size=(3, 5)), random.normal(size=(5, 5))
    covariance = root @ root.T + np.eye(5)
    expected = [row @ np.linalg.inv(covariance) @ row for row in predictions - data]
    np.testing.assert_allclose(pseudodata_chi2(predictions, data, covariance), expected, rtol=1e-10)
    predictions[1, 2] = np.nan
    assert np.isnan(pseudodata_chi2(predictions, data, covariance)).tolist() == [False, True, False]


def test_pseudodata_are_read_to_the_last_digit(tmp_path, small_outcome):
    drawn = np.random.default_rng(2).normal(size=(3, 10))
    fit = outcomes.write_outcome(replace(small_outcome, pseudodata=drawn), tmp_path / "fit")
    np.testing.assert_array_equal(read_pseudodata(fit), drawn)
    file = fit.path / "nnfit" / "replica_2" / "pseudodata.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match="replica_2/pseudodata.csv: expected 10 points, received 9"):
        read_pseudodata(fit)
    file.unlink()
    with pytest.raises(DataError, match="missing") as caught:
        read_pseudodata(fit)
    assert caught.value.hint == "fit with fitting.savepseudodata: true"
