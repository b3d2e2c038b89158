"""From text files to a data set: units of kinematics, and the few conventions of the library's files."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from n3fit.data import load_commondata
from n3fit.data.categories import category_of
from n3fit.data.library import library_folder, read_metadata
from n3fit.data.reader import _dis_variables, _read_kinematics, build_commondata, source_files
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


def test_units_and_labels_come_from_the_metadata() -> None:
    metadata = read_metadata("ATLAS_TTBAR_7TEV_TOT_X-SEC", "legacy", library_folder())
    dataset = build_commondata(metadata, "legacy")
    assert dataset.units
    assert dataset.kinematic_labels.keys() == metadata.kinematics.variables.keys()
    assert source_files(metadata, library_folder())[0].name == "metadata.yaml"
    assert len(source_files(metadata, library_folder())) == 4


def test_metadata_without_theory_mean_no_tables() -> None:
    metadata = read_metadata("NNPDF_INTEG_3GEV_XT3", None, library_folder())
    dataset = build_commondata(replace(metadata, theory=None), None)
    assert (dataset.fk_names, dataset.operation, dataset.conversion_factor) == ((), "NULL", 1.0)


def test_hadron_asymmetries_have_their_own_process_type() -> None:
    """The library calls the process SHP; without ASY their pseudodata would have to be positive."""
    dataset = load_commondata("PHENIX-2009_SHP_200GEV_PI0_ALL")
    assert dataset.process_type == "SHP_ASY"
    assert dataset.may_be_negative
    assert category_of(dataset.name, dataset.process_type) == "SHP"
