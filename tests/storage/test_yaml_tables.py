"""Tables of numbers in YAML text, against the parser of YAML."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.storage.yaml_files import DATA, parse_yaml
from n3fit.storage.yaml_tables import split_plain_table

HEAD = "definitions:\n  stat: {treatment: ADD}\n"
BODY = "bins:\n- stat: 0.1\n  norm: -2.5e-3\n- stat: 7\n  norm: +.5\n"


def test_plain_table() -> None:
    table = split_plain_table(HEAD + BODY, "bins", DATA)
    assert table is not None
    assert table.head == HEAD
    assert table.names == ("stat", "norm")
    np.testing.assert_array_equal(table.values, [[0.1, -2.5e-3], [7.0, 0.5]])


def test_table_without_text_before_it() -> None:
    table = split_plain_table(BODY, "bins", DATA)
    assert table is not None
    assert table.head == ""


def test_numbers_are_those_of_the_parser() -> None:
    numbers = ["0", "017", "-3", "1_000", "1.5E+7", "1.", ".5", "1e-320", "123456789012345678901234567890", "0.1"]
    text = "bins:\n" + "".join(f"- a: {number}\n" for number in numbers)
    table = split_plain_table(text, "bins", DATA)
    assert table is not None
    parsed = [float(row["a"]) for row in parse_yaml(text, "file").data["bins"]]
    np.testing.assert_array_equal(table.values[:, 0], parsed)


@pytest.mark.parametrize(
    "body",
    [
        "bins:\n- {stat: 0.1}\n",
        "bins:\n- stat: 0.1 # comment\n",
        "bins:\n- stat: '0.1'\n",
        "bins:\n- stat: 0.1\n  norm: 1\n- norm: 1\n  stat: 0.1\n",
        "bins:\n- stat: 0.1\n  norm: 1\n- stat: 0.1\n",
        "bins:\n- stat: 0.1\n  stat: 0.2\n",
        "bins:\n- stat: 0.1\n   norm: 1\n",
        "bins:\n-  stat: 0.1\n",
        "bins:\n- stat: 0.1\n\n- stat: 0.2\n",
        "bins:\n- stat:\n  0.1\n",
        "bins:\n- stat: 0.1 norm: 2\n  4 a: 5\n",
        "bins:\n- stat: .nan\n",
        "bins:\n- stat: nan\n",
        "bins:\n- stat: inf\n",
        "bins:\n- stat: 1e999\n",
        "bins:\n- stat: 0x1f\n",
        "bins:\n- stat: 0.1",
        "bins:\n- stat: 0.1\nmore: 1\n",
        "bins:\n- stat: 0.1\n---\n",
        "bins:\n- stat:norm: 0.1\n",
        f"bins:\n- stat: {'1' * 65}\n",
        "bins:\n",
        "others:\n- stat: 0.1\n",
    ],
)
def test_other_text_is_left_to_the_parser(body: str) -> None:
    assert split_plain_table(HEAD + body, "bins", DATA) is None


def test_second_document_is_left_to_the_parser() -> None:
    text = "a: 1\n...\n" + BODY
    assert split_plain_table(text, "bins", DATA) is None
    with pytest.raises(DataError):
        parse_yaml(text, "file")
