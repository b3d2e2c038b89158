"""Files of arrays in a fit folder: both containers, and what is wrong with one of the old format."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError, ResourceError
from n3fit.results import array_files
from n3fit.results.array_files import read_array_file
from n3fit.storage.arrays import arrays_to_bytes

NAME = "points.safetensors"
ARRAYS = {"x": np.array([0.1, 0.5]), "q2": np.array([[4.0], [9.0]])}


def read_format_1(folder: Path) -> dict[str, np.ndarray]:
    return read_array_file(folder, NAME, {"x", "q2"}, folder_format=1)[1]


def zipped(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


@pytest.mark.parametrize("folder_format", [1, 2])
def test_each_format_has_its_container(tmp_path: Path, folder_format: int) -> None:
    (tmp_path / "points.npz").write_bytes(zipped(**ARRAYS))
    (tmp_path / NAME).write_bytes(arrays_to_bytes(ARRAYS))
    path, found = read_array_file(tmp_path, NAME, {"x"}, {"x", "q2"}, folder_format=folder_format)
    assert path.name == ("points.npz" if folder_format == 1 else NAME)
    assert set(found) == {"x", "q2"}
    for name, values in ARRAYS.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(x=np.zeros(2)), r"points\.npz: expected other arrays; missing or unknown: q2"),
        (zipped(**ARRAYS, y=np.zeros(2)), r"points\.npz: expected other arrays; missing or unknown: y"),
        (zipped(**ARRAYS)[:-40], r"points\.npz: not a file of arrays"),
        (b"", r"points\.npz: not a file of arrays"),
        (zipped(x=np.zeros(2), q2=np.array([{}], dtype=object)), r"points\.npz: not a file of arrays .*allow_pickle"),
    ],
    ids=["missing", "unknown", "truncated", "empty", "code"],
)
def test_damage_of_the_old_format_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "points.npz").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_format_1(tmp_path)
    assert caught.value.hint == "the file is damaged; restore it or fit again"


def test_a_missing_file_and_one_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match=r"points\.npz: missing"):
        read_format_1(tmp_path)
    (tmp_path / "points.npz").write_bytes(zipped(x=np.zeros(10**5), q2=np.zeros(1)))
    with zipfile.ZipFile(tmp_path / "points.npz") as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    assert (tmp_path / "points.npz").stat().st_size < size / 100
    monkeypatch.setattr(array_files, "LARGEST_TOTAL", size - 1)
    with pytest.raises(ResourceError, match=rf"points\.npz: unpacks to {size} bytes, expected at most {size - 1}"):
        read_format_1(tmp_path)
