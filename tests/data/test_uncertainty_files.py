"""Uncertainty files of data sets: columns by name, and what is wrong with them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

from n3fit.data.uncertainty_files import read_uncertainties
from n3fit.errors import DataError


def write(path: Path, text: str) -> Path:
    path.write_text(textwrap.dedent(text))
    return path


UNCERTAINTIES = """\
definitions:
  stat: {treatment: ADD, type: UNCORR}
  lumi: {treatment: MULT, type: LUMI}
  never: {treatment: ADD, type: SKIP}
bins:
- {stat: 1.0, lumi: 2.0, never: 9.0}
- {lumi: 4.0, never: 9.0, stat: 3.0}
"""


def test_columns_go_by_name_and_skipped_ones_are_left_out(tmp_path) -> None:
    first = write(tmp_path / "first.yaml", UNCERTAINTIES)
    more = write(
        tmp_path / "second.yaml",
        "definitions:\n  extra: {treatment: ADD, type: UNCORR}\nbins:\n- {extra: 5}\n- {extra: -6}\n",
    )
    errors = read_uncertainties([first, more], 2)
    np.testing.assert_array_equal(errors.statistical, [1.0, 3.0])
    np.testing.assert_array_equal(errors.systematics, [[2.0, 5.0], [4.0, -6.0]])
    assert errors.names == ("lumi", "extra")
    assert errors.kinds == ("MULT", "ADD")
    assert errors.correlations == ("LUMI", "UNCORR")


def test_order_decides_where_bins_use_other_names(tmp_path) -> None:
    text = UNCERTAINTIES.replace("stat: 1.0, lumi: 2.0", "stat: 1.0, luminosity: 2.0")
    path = write(
        tmp_path / "file.yaml",
        text.replace("lumi: 4.0, never: 9.0, stat: 3.0", "stat: 3.0, luminosity: 4.0, never: 9.0"),
    )
    errors = read_uncertainties([path], 2)
    np.testing.assert_array_equal(errors.systematics, [[2.0], [4.0]])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("treatment: MULT", "treatment: PERCENT", "expected ADD or MULT as treatment of lumi, received 'PERCENT'"),
        ("treatment: MULT, ", "", "expected `treatment` and `type` in the definition of lumi"),
        ("type: UNCORR", "type: CORR", "expected `stat` once"),
        ("- {lumi: 4.0, never: 9.0, stat: 3.0}\n", "", "expected 2 bins .*, received 1"),
        ("stat: 3.0", "stat: many", "expected a finite number for stat of bin 1, received 'many'"),
        ("stat: 3.0", "stat: .nan", "received nan"),
        ("stat: 3.0", "stat: true", "received True"),
        ("never: 9.0, stat: 3.0", "stat: 3.0", "expected the entries of bin 0 in bin 1"),
        ("stat: 1.0, lumi: 2.0, never: 9.0", "stat: 1.0, lumi: 2.0", "expected 3 values in each bin"),
        ("definitions", "definition", "expected the key `definitions` with a mapping"),
        ("bins:", "bins: {}\nold:", "expected the key `bins` with a list"),
    ],
)
def test_broken_uncertainties_are_refused(tmp_path, old, new, message) -> None:
    assert old in UNCERTAINTIES
    path = write(tmp_path / "file.yaml", UNCERTAINTIES.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as caught:
        read_uncertainties([path], 2)
    assert "file.yaml" in str(caught.value)
