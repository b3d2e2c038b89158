"""The readers of single files: exact, and closed to anything but numbers and text."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from n3fit.errors import DataError
from n3fit.results.array_files import read_array_file
from n3fit.results.exportgrid import ExportGrid, exportgrid_text, read_exportgrid
from n3fit.storage.json_files import read_json, to_json
from n3fit.theory.xgrids import export_xgrid


def test_xgrid_has_the_nodes_it_promises() -> None:
    x = export_xgrid()
    assert x.size == 196
    assert (x[0], x[131], x[-1]) == (1e-9, pytest.approx(0.1, rel=1e-14), 1.0)
    np.testing.assert_allclose(np.diff(np.log(x[:132])), math.log(1e8) / 131, rtol=1e-10)
    np.testing.assert_allclose(np.diff(x[131:]), 0.9 / 64, rtol=1e-12)
    assert np.diff(x)[130] / np.diff(x)[131] == pytest.approx(1.0, abs=0.08)


@given(
    arrays(np.float64, (2, 14), elements=st.floats(allow_nan=True, allow_infinity=True)),
    st.floats(min_value=0.1, max_value=1e4),
)
def test_exportgrid_gives_back_every_number(
    tmp_path_factory: pytest.TempPathFactory, pdf: np.ndarray, q20: float
) -> None:
    path = tmp_path_factory.mktemp("grid") / "a.exportgrid"
    path.write_text(exportgrid_text(ExportGrid(replica=3, q20=q20, xgrid=np.array([1e-9, 1.0]), pdf=pdf)))
    grid = read_exportgrid(path)
    np.testing.assert_array_equal(grid.pdf, pdf)
    assert (grid.replica, grid.q20) == (3, q20)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("labels: [TBAR, BBAR", "labels: [BBAR, TBAR", "labels: expected TBAR"),
        ("q20: 2.7225\n", "", "missing q20"),
        ("xgrid: [1.0e-09, ", "xgrid: [", "pdfgrid: expected the shape"),
        ("replica: 3", "replica: three", "not numbers"),
        ("pdfgrid: [", "pdfgrid: {[", r"a\.exportgrid:5: expected a word"),
    ],
)
def test_exportgrid_says_what_is_wrong(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = exportgrid_text(ExportGrid(replica=3, q20=2.7225, xgrid=np.array([1e-9, 1.0]), pdf=np.zeros((2, 14))))
    assert old in text
    (tmp_path / "a.exportgrid").write_text(text.replace(old, new))
    with pytest.raises(DataError, match=problem):
        read_exportgrid(tmp_path / "a.exportgrid")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_json_has_the_layout_of_the_standard_encoder(value: object) -> None:
    assert to_json(value) == json.dumps(value, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": -Infinity}', '{"a": 1, "a": 2}', "[1]", '{"a": ', "[" * 100_000])
def test_fault_85_json_is_read_strictly(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match=r"a\.json"):
        read_json(tmp_path / "a.json")


def test_json_is_written_strictly(tmp_path: Path) -> None:
    value = {"a": np.array([1.5, np.nan]), 2: (np.int64(3), -math.inf), "path": Path("x"), "é": True}
    (tmp_path / "a.json").write_text(to_json(value))
    assert read_json(tmp_path / "a.json") == {"a": [1.5, None], "2": [3, None], "path": "x", "é": True}


def test_fault_80_pickles_are_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    np.savez(tmp_path / "a.npz", x=np.array([Trap()], dtype=object))
    with pytest.raises(DataError, match="allow_pickle=False"):
        read_array_file(tmp_path, "a.safetensors", {"x"}, folder_format=1)
    assert not (tmp_path / "ran").exists()
