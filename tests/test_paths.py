"""Paths of users and names of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit.paths import SearchPaths, as_path, is_plain_name


def test_arguments_become_paths() -> None:
    assert as_path(None) is None
    assert as_path("a/b") == as_path(Path("a/b")) == Path("a/b")
    assert SearchPaths.of("a", Path("b"), "c") == SearchPaths(Path("a"), Path("b"), Path("c"))
    assert SearchPaths.of() == SearchPaths(None, None, None)


def test_folders_of_pdf_sets() -> None:
    assert SearchPaths.of(theory_path="a").pdf_folders == ()
    assert SearchPaths.of(pdf_path="b").pdf_folders == (Path("b"),)


@pytest.mark.parametrize("name", ["400", "a", "NNPDF40_nnlo_as_01180", "a.b+c-d_e", "x" * 200])
def test_plain_names(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-r", "_a", "+a", "a/b", "a\\b", "a b", "a\n", "é", "٣", "a:b", "~", "x" * 201]
)
def test_other_names(name: str) -> None:
    assert not is_plain_name(name)
