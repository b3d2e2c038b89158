"""Tables written for a theory, read back by pineappl."""

import numpy as np
import pineappl
import pytest

from n3fit.theory.tables.channels import channel_pids
from n3fit.theory.tables.fk_writer import NOISE_BITS, PRECISION_BITS, round_coefficients, write_fk_table
from n3fit.theory.theory_card import TheoryCard

TABLE_PIDS = channel_pids(TheoryCard())


def test_written_tables_are_read_back(tmp_path):
    generator = np.random.default_rng(11)
    xgrid = np.geomspace(1e-5, 1, 12)
    values = generator.normal(size=(3, len(TABLE_PIDS), 12))
    values[1] = 0  # a row without theory
    path = tmp_path / "T.pineappl.lz4"
    write_fk_table(path, values, pids=TABLE_PIDS, xgrid=xgrid, q0=1.65, metadata={"rows_without_theory": "[1]"})
    table = pineappl.fk_table.FkTable.read(str(path))
    np.testing.assert_array_equal(table.table(), values)
    np.testing.assert_allclose(table.x_grid(), xgrid, rtol=1e-14)
    assert [channel[0] for channel in table.channels()] == list(TABLE_PIDS)
    assert table.fac0() == pytest.approx(1.65**2)
    assert table.metadata["rows_without_theory"] == "[1]"
    assert [file.name for file in tmp_path.iterdir()] == ["T.pineappl.lz4"]


def test_bins_are_distinct(tmp_path):
    """Bins with equal limits would be added up by pineappl."""
    path = tmp_path / "T.pineappl.lz4"
    write_fk_table(path, np.ones((4, 1, 1)), pids=(103,), xgrid=np.array([1e-9]), q0=1.65, metadata={})
    limits = pineappl.fk_table.FkTable.read(str(path)).bin_limits()
    assert len({tuple(map(tuple, bin_)) for bin_ in limits}) == 4


def test_convolution_acts_on_f_not_x_f(tmp_path):
    path = tmp_path / "T.pineappl.lz4"
    xgrid = np.array([0.1, 0.5, 1.0])
    write_fk_table(path, np.array([[[0.1, 0.5, 1.0]]]), pids=(21,), xgrid=xgrid, q0=1.65, metadata={})
    table = pineappl.fk_table.FkTable.read(str(path))
    # sum of x_k * [x f / x] over the nodes with x f = x^2
    result = table.convolve(pdg_convs=table.convolutions, xfxs=[lambda pid, x, q2: x**2 if pid == 21 else 0.0])
    assert result[0] == pytest.approx((xgrid**2).sum())


def test_rounded_coefficients():
    """Errors of weights of x f are below 2^(1 - bits) of the largest, and rounding errors have hardly an effect."""
    generator = np.random.default_rng(3)
    xgrid = np.geomspace(1e-7, 1, 40)
    values = generator.normal(size=(5, 9, 40)) * 10.0 ** generator.uniform(-8, 0, size=(5, 9, 40)) * xgrid
    values[2] = 0
    values[3, 4] = 1e-15 * generator.normal(size=40) * xgrid  # a channel that cancels
    rounded = round_coefficients(values, xgrid)
    weights, errors = np.abs(values) / xgrid, np.abs(rounded - values) / xgrid
    largest = weights.max(axis=-1, keepdims=True)
    allowed = np.maximum(largest, 2.0**-NOISE_BITS * largest.max(axis=1, keepdims=True))
    assert np.all(errors <= 2.0 ** (1 - PRECISION_BITS) * allowed)
    assert not rounded[3, 4].any()
    assert np.max(errors) > 0
    np.testing.assert_array_equal(round_coefficients(rounded, xgrid), rounded)
    np.testing.assert_array_equal(round_coefficients(-values, xgrid), -rounded)
    assert not np.signbit(rounded[rounded == 0]).any()
    other = values * (1 + 1e-15 * generator.normal(size=values.shape))
    assert np.mean(round_coefficients(other, xgrid) != rounded) < 1e-3
    # the low bytes of values near the largest are zero
    assert np.mean(rounded.view(np.uint64) & np.uint64(0xFFFFFF) == 0) > 0.9
