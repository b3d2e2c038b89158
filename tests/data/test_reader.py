"""From text files to a data set: units of kinematics, and the few conventions of the library's files."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from n3fit.data.library import library_folder, read_metadata
from n3fit.data.reader import _dis_variables, _read_kinematics, _read_uncertainties, build_commondata, source_files
from n3fit.errors import DataError


def write(path: Path, text: str) -> Path:
    path.write_text(textwrap.dedent(text))
    return path


def test_middle_of_a_bin_is_given_or_the_mean_of_its_ends(tmp_path) -> None:
    path = write(
        tmp_path / "kinematics.yaml",
        """\
        bins:
        - Q2: {min: null, mid: 10.0, max: null}
          x: {min: 0.1, mid: null, max: 0.3}
        - Q2: {mid: 20}
          x: {min: 0.3, max: 0.5}
        """,
    )
    table = _read_kinematics(path, 2, ["x", "Q2", "extra_0"])
    assert list(table) == ["x", "Q2"]
    np.testing.assert_allclose(table["x"], [0.2, 0.4])
    np.testing.assert_allclose(table["Q2"], [10.0, 20.0])


def test_oldest_form_has_q_not_squared(tmp_path) -> None:
    path = write(tmp_path / "kinematics.yaml", "bins:\n- {k1: {mid: 0.1}, k2: {mid: 5.0}, k3: {mid: 0.5}}\n")
    x, q2, y = _dis_variables(_read_kinematics(path, 1, ["k1", "k2", "k3"]), "DIS_NC")
    assert (x[0], q2[0], y[0]) == (0.1, 25.0, 0.5)


def test_missing_y_follows_from_the_energy(tmp_path) -> None:
    path = write(tmp_path / "kinematics.yaml", "bins:\n- {x: {mid: 0.1}, Q2: {mid: 20.0}, sqrts: {mid: 20.0}}\n")
    kinematics = _read_kinematics(path, 1, ["x", "Q2", "sqrts"])
    np.testing.assert_allclose(_dis_variables(kinematics, "DIS_NC")[2], 20.0 / (0.1 * 400.0))
    assert np.isnan(_dis_variables(kinematics, "POS_DIS")[2]).all()
    assert np.isnan(_dis_variables(kinematics, "DY_Z_Y")[0]).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bins:\n- {}\n", "expected kinematic variables"),
        ("bins:\n- {x: 0.1}\n", "expected a mapping with min, mid and max for x of bin 0, received 0.1"),
        ("bins:\n- {x: {min: 0.1}}\n", "expected a finite number for x of bin 0, received None"),
        ("bins:\n- {Q2: {mid: 1}}\n", "expected the variable 'x' of the metadata"),
        ("bins:\n- {x: {mid: 0.1}}\n- {x: {mid: 0.1}}\n", "expected 1 bins .*, received 2"),
    ],
)
def test_broken_kinematics_are_refused(tmp_path, text, message) -> None:
    path = write(tmp_path / "kinematics.yaml", text)
    with pytest.raises(DataError, match=message):
        _read_kinematics(path, 1, [] if "{}" in text else ["x"])


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
    errors = _read_uncertainties([first, more], 2)
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
    errors = _read_uncertainties([path], 2)
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
        _read_uncertainties([path], 2)
    assert "file.yaml" in str(caught.value)


def test_units_and_labels_come_from_the_metadata() -> None:
    metadata = read_metadata("ATLAS_TTBAR_7TEV_TOT_X-SEC", "legacy", library_folder())
    dataset = build_commondata(metadata, "legacy")
    assert dataset.units
    assert dataset.kinematic_labels.keys() == metadata.kinematics.variables.keys()
    assert source_files(metadata)[0].name == "metadata.yaml"
    assert len(source_files(metadata)) == 4


def test_metadata_without_theory_mean_no_tables() -> None:
    metadata = read_metadata("NNPDF_INTEG_3GEV_XT3", None, library_folder())
    dataset = build_commondata(replace(metadata, theory=None), None)
    assert (dataset.fk_names, dataset.operation, dataset.conversion_factor) == ((), "NULL", 1.0)
