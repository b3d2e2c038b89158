"""Runcards as YAML: what words mean, where keys stand, and what is refused."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import RuncardError
from n3fit.runcard.yaml_reader import RULES, parse_yaml, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1_000_000.0),
        ("40_000_000", 40_000_000),
        ("6.073e-06", 6.073e-6),
        ("1_000.5", 1000.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("+12", 12),
        ("010", 10),
        ("-3", -3),
        ("None", None),
        ("null", None),
        ("~", None),
        ("", None),
        ("on", True),
        ("Yes", True),
        ("TRUE", True),
        ("no", False),
        ("OFF", False),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1__0", "1__0"),
        ("_1", "_1"),
        ("0x10", 16),
        ("0x1F", 31),
        ("0o17", 15),
        ("012", 12),
        ("0xG", "0xG"),
        ("1e", "1e"),
        ("x > 0.1", "x > 0.1"),
        ("9" * 100, "9" * 100),
    ],
)
def test_a_word_means_what_it_looks_like(text: str, value: object) -> None:
    assert RULES.resolve(text) == value
    assert type(RULES.resolve(text)) is type(value)


@given(st.floats(allow_nan=False))
def test_every_float_that_python_writes_comes_back(value: float) -> None:
    text = repr(value).replace("inf", ".inf")
    assert float(RULES.resolve(text)) == value


def test_nan_is_a_number() -> None:
    assert math.isnan(RULES.resolve(".nan"))


def test_quoted_words_stay_text() -> None:
    document = parse_yaml("a: 'no'\nb: \"1e6\"\nc: |\n  None\n", "card.yml")
    assert document.data == {"a": "no", "b": "1e6", "c": "None\n"}


def test_lines_of_keys_and_entries() -> None:
    document = parse_yaml("a: 1\nb:\n- c: 2\n- d:\n    e: 3\n", "card.yml")
    assert document.line_of(("b", 1, "d", "e")) == 5
    assert document.line_of(("b", 0)) == 3
    assert document.line_of(("b", 1, "missing")) == 4
    assert document.where(("b", 1, "d")) == "card.yml:4: b[1].d"


def test_anchors_and_merged_mappings() -> None:
    document = parse_yaml("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\nlist: {<<: [{x: 5}, *b]}\n", "card.yml")
    assert document.data["more"] == {"x": 1, "y": 3}
    assert document.data["list"] == {"x": 5, "y": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a runcard, received an empty file"),
        ("# nothing but a comment\n", "expected a runcard, received an empty file"),
        ("- a\n", "card.yml:1: expected lines such as 'epochs: 1000', received a list"),
        ("word", "received text"),
        ("a: 1\nb:\n\t- 2\n", "card.yml:3: not valid YAML.*indent with spaces, not tabs"),
        ("a: [1,\nb: 2", "card.yml:2: not valid YAML"),
        ("a: 1\nb: {c: 1,\n c: 2}\na: 2", "card.yml:4: a: expected every key once, received it on lines 1 and 4"),
        ("a: *x", r"card.yml:1: expected a name set with '&' before, received \*x"),
        ("a: &a [*a]", r"received \*a"),
        ("a: 1\n---\nb: 1\n", "card.yml:2: expected one YAML document"),
        ("? [a]\n: 1", "expected a word before ':'"),
        ("<<: 3", "expected '<<' with a mapping"),
        ("a\x00b: 1", "card.yml: not valid YAML: unacceptable character"),
        ("k" * 200 + ": 1", "expected keys of at most 100 letters"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(RuncardError, match=message):
        parse_yaml(text, "card.yml")


def test_all_repeated_keys_are_reported() -> None:
    with pytest.raises(RuncardError) as caught:
        parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "card.yml")
    assert len(caught.value.message.splitlines()) == 2


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!custom", "!!binary", "!!str"])
def test_tags_are_refused(tag: str) -> None:
    with pytest.raises(RuncardError, match=r"card.yml:1: a: expected a value without a tag, received"):
        parse_yaml(f"a: {tag} [x]\n" if tag != "!!str" else "a: !!str x\n", "card.yml")


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    path.write_text("a: α\n", encoding="utf-8")
    assert read_text(path) == "a: α\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xef\xbb\xbfa: 1\n", "card.yml:1: expected plain UTF-8, received a byte-order mark"),
        ("a: 1\n".encode("utf-16"), "byte-order mark"),
        (b"a: 1\nb: caf\xe9\n", "card.yml:2: expected UTF-8, received the byte 0xe9"),
        (b"a" * (RULES.size + 1), "expected at most 1000 kB, received more"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "card.yml"
    path.write_bytes(content)
    with pytest.raises(RuncardError, match=message):
        read_text(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(RuncardError, match="is not there"):
        read_text(tmp_path / "card.yml")
    with pytest.raises(RuncardError, match="is not a file"):
        read_text(tmp_path)
