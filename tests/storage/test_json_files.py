"""JSON and text files are read strictly, and every error has the class that the caller names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError, N3fitError, ResourceError, TheoryError
from n3fit.storage.json_files import parse_json, read_json, read_text, to_json


def test_numpy_values_are_written_as_numbers_and_lists() -> None:
    content = {"a": np.float32(1.5), "b": np.arange(3), "c": np.bool_(True), "d": np.array([[np.nan]]), "e": ("x", 1)}
    assert parse_json(to_json(content)) == {"a": 1.5, "b": [0, 1, 2], "c": True, "d": [[None]], "e": ["x", 1]}


@pytest.mark.parametrize("text", ["[NaN]", "[-Infinity]", '{"a": 1, "a": 2}', "[1", "", "[" * 100_000])
def test_text_that_is_not_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|repeated|Expecting|deeply"):
        parse_json(text)


@pytest.mark.parametrize(("error", "expected"), [(None, DataError), (TheoryError, TheoryError)])
@pytest.mark.parametrize("content", [b"[1]", b"{", b'{"a": NaN}', b"\xff", b"\xef\xbb\xbf{}"])
def test_damaged_files(
    tmp_path: Path, content: bytes, error: type[N3fitError] | None, expected: type[N3fitError]
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(expected, match=r"a\.json"):
        read_json(tmp_path / "a.json", error=error)


@pytest.mark.parametrize(("error", "expected"), [(None, ResourceError), (TheoryError, TheoryError)])
def test_files_that_cannot_be_read(tmp_path: Path, error: type[N3fitError] | None, expected: type[N3fitError]) -> None:
    with pytest.raises(expected, match="missing"):
        read_text(tmp_path / "absent", error=error)
    with pytest.raises(expected, match="cannot be read"):
        read_text(tmp_path, error=error)
    (tmp_path / "large").write_text("x" * 3001)
    with pytest.raises(expected, match="expected at most 3 kB, received more"):
        read_text(tmp_path / "large", limit=3000, error=error)
    assert len(read_text(tmp_path / "large", limit=3001)) == 3001


def test_the_next_step_is_the_callers(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(TheoryError) as caught:
        read_json(tmp_path / "a.json", error=TheoryError, hint="install the theory again")
    assert caught.value.hint == "install the theory again"
