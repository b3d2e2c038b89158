"""The fast YAML reader means what ruamel.yaml means, and refuses what it does not understand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from n3fit.data.library import library_folder
from n3fit.data.yaml_reader import read_yaml
from n3fit.errors import DataError


def as_float(value: Any) -> Any:
    """Turn the integers of ruamel.yaml into floats, as the fast reader does."""
    if isinstance(value, dict):
        return {str(key): as_float(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_float(entry) for entry in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize(
    "name",
    [
        "HERA_CC_318GEV/kinematics_EM-SIGMARED.yaml",
        "SLAC_NC_NOTFIXED_P/uncertainties_legacy_EM-F2.yaml",
        "NMC_NC_NOTFIXED_P/data_legacy_EM-SIGMARED.yaml",
        "NNPDF_INTEG_3GEV/metadata.yaml",
        "ATLAS_TTBAR_7TEV_TOT/metadata.yaml",
        "dataset_names.yml",
    ],
)
def test_files_of_the_library_read_as_by_ruamel(name) -> None:
    path = library_folder() / name
    assert read_yaml(path) == as_float(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    ["1e-5", "1.0e-09", "-3", "+2.5", ".5", "1_000", "'1.0'", '"2"', "null", "~", "", "true", "False", "on", "no",
     "nan", ".inf", "-.inf", "1.2.3", "text", "12 GeV", "inf", "-inf", "Infinity"],
)  # fmt: skip
def test_scalars_read_as_by_ruamel(tmp_path, text) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(f"a: {text}\n")
    assert read_yaml(path) == as_float(YAML(typ="safe", pure=True).load(path.read_text()))


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive(tmp_path_factory, value: float) -> None:
    path = tmp_path_factory.getbasetemp() / "float.yaml"
    path.write_text(f"- {value!r}\n")
    assert read_yaml(path) == [value]


def test_anchors_and_nesting(tmp_path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: &name [1, {b: 2}]\nc: *name\nd: {}\ne: []\n")
    assert read_yaml(path) == {"a": [1.0, {"b": 2.0}], "c": [1.0, {"b": 2.0}], "d": {}, "e": []}


def test_empty_file_is_none(tmp_path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("")
    assert read_yaml(path) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", r"line 2: the key 'a' appears twice"),
        ("a: !!python/object:os.system {}\n", "a tag"),
        ("a: !tag 1\n", "a tag"),
        ("? [1, 2]\n: 3\n", "a key that is not a scalar"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "a merge key"),
        ("--- 1\n--- 2\n", "a second document"),
        ("a: *unknown\n", "alias"),
        ("a: [1, 2\n", "not valid YAML"),
        ("a: 1\n\tb: 2\n", "not valid YAML"),
        ("a: {b: 1\n", "not valid YAML"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, text, message) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_yaml(path)
    assert str(path) in str(caught.value)


def test_bytes_that_are_not_text(tmp_path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(DataError, match="not UTF-8"):
        read_yaml(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
