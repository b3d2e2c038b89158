"""Values are replaced in the text of a runcard, and nothing else."""

from pathlib import Path

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard.editing import edit_runcard, format_value
from n3fit.runcard.yaml_reader import parse_yaml

CARD = Path(__file__).parent.parent.parent / "runcards" / "dis.yml"


def test_only_the_values_change_in_the_runcard_that_ships() -> None:
    text = CARD.read_text()
    changes = {
        ("datacuts", "t0pdfset"): "mine",
        ("nnseed",): 7,
        ("fitting", "basis", 2, "smallx", 0): -0.123456,
        ("fitting", "basis", 2, "largex", 1): 3e-7,
    }
    edited = edit_runcard(text, changes)
    pairs = list(zip(text.splitlines(), edited.splitlines(), strict=True))
    assert [(old, new) for old, new in pairs if old != new] == [
        ("  t0pdfset: n3fit_dis_t0  # comes with n3fit", "  t0pdfset: mine  # comes with n3fit"),
        ("nnseed: 945709987", "nnseed: 7"),
        (
            "    - {fl: v, trainable: false, smallx: [0.479, 0.7384], largex: [1.549, 3.532]}",
            "    - {fl: v, trainable: false, smallx: [-0.1235, 0.7384], largex: [1.549, 0.0000003]}",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\ntheory: {id: 4}\n", "a: 1\ndatacuts: {t0pdfset: new}\ntheory: {id: 4}\n"),
        ("# c\n{a: 1, b: 2}", "# c\n{datacuts: {t0pdfset: new}, a: 1, b: 2}"),
        ("datacuts:   # none\n\nb: 1\n", "datacuts: {t0pdfset: new}   # none\n\nb: 1\n"),
        ("datacuts: ~\n", "datacuts: {t0pdfset: new}\n"),
        ("datacuts: {}  # c\n", "datacuts: {t0pdfset: new}  # c\n"),
        ("datacuts: {q2min: 3}\n", "datacuts: {t0pdfset: new, q2min: 3}\n"),
        ("datacuts:\n   # why\n   q2min: 3\n", "datacuts:\n   # why\n   t0pdfset: new\n   q2min: 3\n"),
        ('"datacuts":\n  t0pdfset:   # empty\nb: 1\n', '"datacuts":\n  t0pdfset: new   # empty\nb: 1\n'),
        ("datacuts:\n  t0pdfset: 'old one' # c\n", "datacuts:\n  t0pdfset: new # c\n"),
        ("x: &d {q2min: 3}\ndatacuts: {<<: *d}\n", "x: &d {q2min: 3}\ndatacuts: {t0pdfset: new, <<: *d}\n"),
    ],
)
def test_keys_that_are_missing_or_empty(text: str, expected: str) -> None:
    edited = edit_runcard(text, {("datacuts", "t0pdfset"): "new"})
    assert edited == expected
    assert edit_runcard(edited, {("datacuts", "t0pdfset"): "new"}) == expected


def test_lists_in_block_style_keep_their_comments() -> None:
    text = "basis:\n-  fl: g\n   smallx:\n   - 1.5  # low\n   - 2\n"
    edited = edit_runcard(text, {("basis", 0, "smallx", 0): 1.25, ("basis", 0, "smallx", 1): 2.0})
    assert edited == "basis:\n-  fl: g\n   smallx:\n   - 1.25  # low\n   - 2.0\n"


@pytest.mark.parametrize(
    "text", ["a: &r [1.0, 2.0]\nb: *r\n", "a: [&low 1.0, 2.0]\nb: [*low , 3.0]\n", "a: [1.0]\n", "a: [[1.0], 2]\n"]
)
def test_values_that_cannot_be_changed_alone_are_refused(text: str) -> None:
    with pytest.raises(RuncardError, match=r"card\.yml: a"):
        edit_runcard(text, {("a", 0): 5.0, ("a", 1): 6.0}, name="card.yml")


@pytest.mark.parametrize(
    "value", [0, -3, 2**32 - 1, 1.0, -0.45064, 1e-12, 123456.7, "dis", "NNPDF40_nnlo", "123", "no", "1e6"]
)
def test_values_are_read_as_what_they_were(value: str | int | float) -> None:
    read = parse_yaml(f"a: {format_value(value)}\n", "card").data["a"]
    assert read == (pytest.approx(value, rel=1e-3) if isinstance(value, float) else value)
    assert type(read) is type(value)


def test_keys_are_replaced_where_they_stand() -> None:
    text = "t0pdfset: old\nfitting: {nnseed: 1}\ntheory: {theoryid: 400}\n"
    edited = edit_runcard(text, {("datacuts", "t0pdfset"): "new", ("nnseed",): 2, ("mcseed",): 3})
    assert edited == "t0pdfset: new\nfitting: {nnseed: 2}\nmcseed: 3\ntheory: {theoryid: 400}\n"


def test_all_digits_and_values_in_one_line() -> None:
    text = "a: 1.5  # why\nb: [1, 2]  # list\nc: {d: 1}\ne:\n- 1\n"
    edited = edit_runcard(text, {("a",): 0.00123456789, ("b",): [3, 2.5], ("c",): {"d": None}}, digits=None)
    assert edited == 'a: 0.00123456789  # why\nb: [3, 2.5]  # list\nc: {"d": null}\ne:\n- 1\n'
    assert edit_runcard("a: yes\n", {("a",): False}) == "a: false\n"
    assert parse_yaml(edit_runcard("a: x\n", {("a",): "b: c # 'd'"}), "card").data == {"a": "b: c # 'd'"}
    for value in (5, [5]):
        with pytest.raises(RuncardError, match=r"card.yml: e: expected a single value") as caught:
            edit_runcard(text, {("e",): value}, name="card.yml")
        assert "values in one line" in caught.value.hint
    with pytest.raises(RuncardError, match="b: expected a single value"):
        edit_runcard(text, {("b",): 5})
