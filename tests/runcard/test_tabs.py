"""Tabs between the tokens of a runcard."""

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard.editing import edit_runcard
from n3fit.runcard.tabs import replace_tabs
from n3fit.runcard.yaml_reader import parse_yaml


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("minchi2: 3.5\t# text\n", {"minchi2": 3.5}),
        ("a: 1\t\nb: 2\n", {"a": 1, "b": 2}),
        ("a:\t1\n", {"a": 1}),
        ("a:\t'x\ty'\t# z\n", {"a": "x\ty"}),
        ('a: "x\ty \\" \tz"\n', {"a": 'x\ty " \tz'}),
        ("a: [1,\t2,\n\t3,\n\t\t{b:\t4}]\n", {"a": [1, 2, 3, {"b": 4}]}),
        ("a: {b: 1\t, c:\t2}\t\n", {"a": {"b": 1, "c": 2}}),
        ("a: it's\t# 'x\nb: 2\t\n", {"a": "it's", "b": 2}),
        ("a: 'it''s\t'\nb: 1\t\n", {"a": "it's\t", "b": 1}),
        ("a: |\n  x\ty\n  # z\tz\nb:\t1\n", {"a": "x\ty\n# z\tz\n", "b": 1}),
        ("- {a: 1}\t\n- {a:\t2}\n", [{"a": 1}, {"a": 2}]),
    ],
)
def test_tabs_between_tokens_are_blanks(text: str, data: object) -> None:
    if isinstance(data, list):
        text, data = "a:\n" + text, {"a": data}
    replaced = replace_tabs(text)
    assert len(replaced) == len(text)
    assert parse_yaml(text, "card").data == data


@pytest.mark.parametrize("text", ["a:\n\tb: 1\n", "a:\n  - 1\n  -\t- b: 2\n", "a:\n-\t\tb: 1\n  c: 2\n"])
def test_tabs_of_the_indentation_are_an_error(text: str) -> None:
    with pytest.raises(RuncardError, match="indent with spaces, not tabs"):
        parse_yaml(text, "card")


def test_values_are_edited_beside_tabs() -> None:
    text = "nnseed:\t1\t# one\nfitting: {basis: [\t{fl: g,\tsmallx: [0, 1]}]}\n"
    edited = edit_runcard(text, {("nnseed",): 5, ("fitting", "basis", 0, "smallx", 1): 2.5})
    assert edited == "nnseed:\t5\t# one\nfitting: {basis: [\t{fl: g,\tsmallx: [0, 2.5]}]}\n"
