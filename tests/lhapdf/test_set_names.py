"""Names of sets, of members and of numbers, without any set."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit.errors import DataError
from n3fit.lhapdf.set_names import INDEX, parse_set_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SET", ("SET", None)),
        ("SET/12", ("SET", 12)),
        ("SET/", ("SET/", None)),
        ("SET/x", ("SET/x", None)),
        ("a/SET/0", ("a/SET", 0)),
        ("/3", ("", 3)),
    ],
)
def test_names_and_members(name: str, expected: tuple[str, int | None]) -> None:
    assert parse_set_name(name, []) == expected


def test_numbers_count_from_the_nearest_set_below(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text("300 C 1\n100 A 1\nwords of others\n\n200 B 1\n")
    folders = [tmp_path / "missing", tmp_path]
    assert [parse_set_name(number, folders) for number in ("100", "150", "200", "301")] == [
        ("A", None), ("A", 50), ("B", None), ("C", 1),
    ]  # fmt: skip


def test_a_folder_whose_name_is_a_number_is_meant_itself(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text("100 A 1\n")
    (tmp_path / "150").mkdir()
    assert parse_set_name("150", [tmp_path]) == ("150", None)


def test_an_index_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / INDEX).write_text("100 A 1\n")

    def refuse(path: Path, **_: str) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(DataError, match=rf"{INDEX}: cannot be read \(Permission denied\)"):
        parse_set_name("100", [tmp_path])
