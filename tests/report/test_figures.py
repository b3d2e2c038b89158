import csv
import re
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from n3fit.report.figures import PlottedFigure, file_name, numbers_to_csv, with_distinct_names


def make(**changes: object) -> PlottedFigure:
    values: dict[str, object] = {
        "name": "gluon", "title": "Gluon", "caption": "", "figure": Figure(), "numbers": {"x": np.array([0.5])},
    }  # fmt: skip
    return PlottedFigure(**(values | changes))  # type: ignore[arg-type]


@given(st.lists(st.floats(width=64), max_size=5))
def test_csv_gives_back_the_very_same_numbers(numbers: list[float]) -> None:
    figure = make(
        numbers={
            "value": np.array(numbers, dtype=np.float64),
            "index": np.arange(len(numbers)),
            "set": np.array(['a,"b"'] * len(numbers), dtype=object),
        }
    )
    rows = list(csv.reader(StringIO(numbers_to_csv(figure))))
    assert rows[0] == ["value", "index", "set"]
    np.testing.assert_array_equal([float(row[0]) for row in rows[1:]], numbers)
    assert [row[1:] for row in rows[1:]] == [[str(index), 'a,"b"'] for index in range(len(numbers))]


def test_words_are_no_formulas_of_a_spreadsheet() -> None:
    figure = make(numbers={"set": np.array(["=1+1", "@x", "plain"])})
    assert numbers_to_csv(figure) == "set\n =1+1\n @x\nplain\n"


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden", "<script>", "a" * 200])
def test_name_must_be_that_of_a_file(name: str) -> None:
    with pytest.raises(ValueError, match="name must be made of"):
        make(name=name)


def test_columns_must_have_one_length() -> None:
    with pytest.raises(ValueError, match="columns of equal length"):
        make(numbers={"x": np.zeros(2), "y": np.zeros(3)})
    with pytest.raises(ValueError, match="columns of equal length"):
        make(numbers={"x": np.zeros((2, 2)), "y": np.zeros((2, 2))})


@given(st.text())
def test_any_text_becomes_a_file_name(text: str) -> None:
    name = file_name(text)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,150}", name)
    assert make(name=name).name == name


def test_names_that_occur_before_are_numbered_whatever_their_case() -> None:
    figures = with_distinct_names([make(name="a"), make(name="A"), make(name="b"), make(name="a")])
    assert [figure.name for figure in figures] == ["a", "A_2", "b", "a_3"]
