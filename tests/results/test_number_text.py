"""Texts of many numbers against a plain reference that formats one at a time."""

import csv
import json
import math
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ruamel.yaml import YAML

from n3fit.results.exportgrid import ExportGrid, exportgrid_text
from n3fit.results.number_text import csv_cells, json_texts, number_texts, yaml_number, yaml_numbers, yaml_texts
from n3fit.theory.flavours import EXPORT_LABELS

EXTREMES = np.array(
    [
        np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -2.5e-310, 1e-300, -1e-5, 1.5e-5, 9.999999999999999e-05, 1e-4,
        0.1, 1.0, -123456789.0, 9999999999999998.0, 1e16, 1.2345678901234568e16, 1e22, 2.0**60, 1e308, -1e100,
        float(np.float32(0.1)), 1 / 3,
    ]
)  # fmt: skip


def plain(value: float, *, nan: str, inf: str) -> str:
    if not math.isfinite(value):
        return nan if math.isnan(value) else ("-" if value < 0 else "") + inf
    return format(value, "")


def plain_yaml(value: float) -> str:
    text = plain(value, nan=".nan", inf=".inf")
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}.0{exponent}{power}" if exponent and "." not in mantissa else text


def test_extreme_numbers_as_a_plain_formatter_writes_them() -> None:
    assert number_texts(EXTREMES) == [plain(value, nan="nan", inf="inf") for value in EXTREMES.tolist()]
    assert json_texts(EXTREMES) == [
        plain(value, nan="null", inf="inf").replace("-inf", "null").replace("inf", "null")
        for value in EXTREMES.tolist()
    ]
    expected = [plain_yaml(value) for value in EXTREMES.tolist()]
    assert yaml_texts(EXTREMES) == expected
    assert [yaml_number(value) for value in EXTREMES.tolist()] == expected
    assert yaml_numbers(EXTREMES) == "[" + ", ".join(expected) + "]"


@given(arrays(np.float64, (6,), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_any_number_as_a_plain_formatter_writes_it_and_as_readers_read_it(values: np.ndarray) -> None:
    assert yaml_texts(values) == [plain_yaml(value) for value in values.tolist()]
    np.testing.assert_array_equal(YAML(typ="safe", pure=True).load(yaml_numbers(values)), values)
    back = json.loads(f"[{', '.join(json_texts(values))}]")
    assert back == [value if math.isfinite(value) else None for value in values.tolist()]


def test_exportgrids_as_a_plain_formatter_writes_them() -> None:
    random = np.random.default_rng(0)
    pdf = random.normal(size=(5, 14)) * 10.0 ** random.integers(-320, 300, (5, 14))
    pdf.flat[: EXTREMES.size] = EXTREMES
    xgrid = np.array([1e-9, 1e-5, 0.1, 0.5, 1.0])
    rows = [", ".join(plain_yaml(value) for value in row) for row in pdf.tolist()]
    expected = ["replica: 7", "q20: 2.7224999999999997", "xgrid: [1.0e-09, 1.0e-05, 0.1, 0.5, 1.0]"]
    expected += [f"labels: [{', '.join(EXPORT_LABELS)}]", "pdfgrid: ["]
    expected += [f"  [{row}]," for row in rows[:-1]] + [f"  [{rows[-1]}]", "  ]", ""]
    assert exportgrid_text(ExportGrid(replica=7, q20=1.65**2, xgrid=xgrid, pdf=pdf)) == "\n".join(expected)


@pytest.mark.parametrize("text", ["NMC", 'A,"b"', "100 %", "", "two\nlines"])
def test_cells_are_read_back_by_the_csv_reader(text: str) -> None:
    ((cell, other),) = csv.reader(StringIO(",".join(csv_cells([text, "B"]))))
    assert (cell, other) == (text, "B")


def test_no_numbers_give_no_text() -> None:
    assert number_texts(np.zeros(0)) == yaml_texts(np.zeros(0)) == json_texts(np.zeros(0)) == csv_cells([]) == []
    assert yaml_numbers(np.zeros(0)) == "[]"
