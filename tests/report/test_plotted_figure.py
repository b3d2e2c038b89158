import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from n3fit.report.plotted_figure import PlottedFigure, file_name, with_distinct_names


def make(**changes: object) -> PlottedFigure:
    values: dict[str, object] = {
        "name": "gluon", "title": "Gluon", "caption": "", "draw": Figure, "numbers": {"x": np.array([0.5])},
    }  # fmt: skip
    return PlottedFigure(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden", "<script>", "a" * 200])
def test_name_must_be_valid_for_a_file(name: str) -> None:
    with pytest.raises(ValueError, match="name must consist of"):
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


def test_repeated_names_are_numbered_regardless_of_case() -> None:
    figures = with_distinct_names([make(name="a"), make(name="A"), make(name="b"), make(name="a")])
    assert [figure.name for figure in figures] == ["a", "A_2", "b", "a_3"]
