"""YAML means what ruamel.yaml means, keeps its lines, and stays within limits, with libyaml and without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from n3fit.data.library import library_folder
from n3fit.errors import DataError, TheoryError
from n3fit.storage.yaml_builder import Rules
from n3fit.storage.yaml_files import DATA, parse_yaml, read_yaml, to_yaml

PARSERS = [DATA, replace(DATA, compiled=False)]
PARSER_NAMES = ["libyaml", "python"]


def with_text_keys(value: Any) -> Any:
    """Turn the keys that ruamel.yaml resolves back into text."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(entry) for key, entry in value.items()}
    return [with_text_keys(entry) for entry in value] if isinstance(value, list) else value


def by_ruamel(text: str) -> Any:
    return with_text_keys(YAML(typ="safe", pure=True).load(text))


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
def test_files_of_the_data_library_read_as_by_ruamel(name: str) -> None:
    path = library_folder() / name
    assert read_yaml(path) == by_ruamel(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
@pytest.mark.parametrize(
    "text",
    ["1e-5", "1.0e-09", "-3", "+2.5", ".5", "5.", "1_000", "12", "010", "'1.0'", '"2"', "null", "~", "", "true",
     "False", "on", "no", "None", "nan", ".inf", "-.inf", "1.2.3", "text", "12 GeV", "inf", "-inf", "Infinity",
     "1-", "e5", "2026-01", "|\n 1.5\n", "'yes'"],
)  # fmt: skip
def test_scalars_read_as_by_ruamel(text: str, rules: Rules) -> None:
    found = parse_yaml(f"a: {text}\n", "file.yaml", rules=rules).data["a"]
    expected = by_ruamel(f"a: {text}\n")["a"]
    assert found == expected
    assert type(found) is type(expected)


@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**60), 10**60))
def test_numbers_survive(value: float) -> None:
    (found,) = parse_yaml(f"- {value!r}\n", "file.yaml").data
    assert found == value
    assert type(found) is type(value)


def test_numbers_beyond_any_meaning_stay_text() -> None:
    assert parse_yaml(f"a: {'9' * 100}\n", "file.yaml").data == {"a": "9" * 100}


DOCUMENT = "a: &name [1, {b: 2.5}]\nc: *name\nd: {}\ne: []\nf: {<<: {x: 1, y: 2}, y: 3}\ng:\n- h:\n    i: 'k'\n- l\n"


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
def test_anchors_merged_mappings_and_nesting(rules: Rules) -> None:
    document = parse_yaml(DOCUMENT, "file.yaml", rules=rules)
    assert document.data == {
        "a": [1, {"b": 2.5}], "c": [1, {"b": 2.5}], "d": {}, "e": [], "f": {"x": 1, "y": 3},
        "g": [{"h": {"i": "k"}}, "l"],
    }  # fmt: skip
    assert document.data["a"] is document.data["c"]


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("a",), 1),
        (("g", 0, "h", "i"), 8),
        (("g", 0), 7),
        (("g", 1), 9),
        (("g", 1, "missing"), 9),
        (("c", 1, "b"), 2),
        (("f", "x"), 5),
        (("missing",), 1),
        ((), 1),
    ],
)
def test_lines(key: tuple[str | int, ...], line: int, rules: Rules) -> None:
    assert parse_yaml(DOCUMENT, "file.yaml", rules=rules).line_of(key) == line


def test_place_of_a_key() -> None:
    document = parse_yaml(DOCUMENT, "file.yaml")
    assert document.where(("g", 0, "h")) == "file.yaml:7: g[0].h"
    assert document.where(()) == "file.yaml"


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
def test_colons_inside_of_words(rules: Rules) -> None:
    """The libyaml of ruamel.yaml reads them outside of braces only."""
    text = "a: arXiv:2112.01120\nb: {c: arXiv:2112.01120, d: 1}\n"
    document = parse_yaml(text, "file.yaml", rules=rules)
    assert document.data == {"a": "arXiv:2112.01120", "b": {"c": "arXiv:2112.01120", "d": 1}}
    assert document.line_of(("b", "d")) == 2


def test_tabs_that_libyaml_reads() -> None:
    """A file of the data library has them; the parser in Python refuses them."""
    pytest.importorskip("_ruamel_yaml")
    assert parse_yaml("a: 'GeV'\t\nb: 1\n", "file.yaml").data == {"a": "GeV", "b": 1}


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
def test_empty_files_are_none(rules: Rules) -> None:
    for text in ("", "# a comment\n"):
        assert parse_yaml(text, "file.yaml", rules=rules).data is None


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: {c: 2, c: 3}\n", r"file.yaml:2: b.c: expected every key once, received it on lines 2 and 2"),
        ("a: {}\na: 2\n", r"file.yaml:2: a: expected every key once, received it on lines 1 and 2"),
        ("a: !!python/object:os.system {}\n", r"file.yaml:1: a: expected a value without a tag, received"),
        ("- !tag 1\n", r"file.yaml:1: \[0\]: expected a value without a tag, received '!tag'"),
        ("!tag {a: 1}\n", r"file.yaml:1: expected a value without a tag"),
        ("? [1, 2]\n: 3\n", "file.yaml:1: expected a word before ':'"),
        ("<<: 3\n", "file.yaml:1: <<: expected '<<' with a mapping"),
        ("--- 1\n--- 2\n", "file.yaml:2: expected one YAML document"),
        ("---\n--- 2\n", "file.yaml:2: expected one YAML document"),
        ("a: *unknown\n", r"file.yaml:1: expected a name set with '&' before, received \*unknown"),
        ("a: &a [*a]\n", r"received \*a"),
        ("a: [1, 2\n", "file.yaml:2: not valid YAML: expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", "file.yaml:2: not valid YAML.*indent with spaces, not tabs"),
        ("a: {b: 1\n", "not valid YAML"),
        ("a\x00b: 1", "file.yaml: not valid YAML: unacceptable character"),
        ("k" * 2000 + ": 1", "expected keys of at most 1000 letters|not valid YAML"),
    ],
)
def test_what_is_not_plain_is_refused(text: str, message: str, rules: Rules) -> None:
    with pytest.raises(DataError, match=message):
        parse_yaml(text, "file.yaml", rules=rules)


@pytest.mark.parametrize("rules", PARSERS, ids=PARSER_NAMES)
def test_limits(rules: Rules) -> None:
    limited = replace(rules, nodes=10, depth=3, key_length=5)
    assert parse_yaml("a: [1, 2, 3, 4, 5, 6, 7, 8]", "f", rules=limited).data == {"a": [1, 2, 3, 4, 5, 6, 7, 8]}
    for text, message in (
        ("a: [1, 2, 3, 4, 5, 6, 7, 8, 9]", "at most 10 values"),
        ("a: &a [1, 2, 3]\nb: *a\nc: *a", "f:3: expected at most 10 values, received more, counting what aliases"),
        ("[[[[[1]]]]]", "at most 3 levels, received deeper nesting"),
        ("abcdef: 1", "keys of at most 5 letters"),
    ):
        with pytest.raises(DataError, match=message):
            parse_yaml(text, "f", rules=limited)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    with pytest.raises(DataError, match=r"file\.yaml: missing"):
        read_yaml(path)
    path.write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(TheoryError, match=r"file\.yaml:2: expected UTF-8, received the byte 0xe9"):
        read_yaml(path, error=TheoryError)
    path.write_bytes(b"a: [1\n")
    with pytest.raises(TheoryError, match="not valid YAML"):
        read_yaml(path, error=TheoryError)
    with pytest.raises(DataError, match="cannot be read"):
        read_yaml(tmp_path)


def test_what_is_written_is_read() -> None:
    content = {"b": 1e-7, "a": "1.5", "c": [1, 2.5, None, True], "d": {"e": "yes: no"}}
    text = to_yaml(content)
    assert text.splitlines()[0] == "a: '1.5'"
    assert parse_yaml(text, "f").data == content


def test_values_that_an_alias_repeats_are_known() -> None:
    text = "a: &a {b: &b 1, c: &c 2}\nd: [&d 3, *b]\ne: *a\n"
    assert parse_yaml(text, "card").aliased == {("a",), ("a", "b")}
    assert parse_yaml("a: &a 1\nb: &a 2\nc: *a\n", "card").aliased == {("b",)}
