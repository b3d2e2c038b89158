"""Only plain arrays of numbers are read from HDF5 files (faults 78 to 80)."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from n3fit.errors import DataError, ResourceError
from n3fit.storage.hdf5 import read_hdf5

ZEROS = np.zeros(3)


def external_link(file: h5py.File) -> None:
    file["layers/a/vars/0"] = h5py.ExternalLink("/etc/passwd", "/")


def soft_link(file: h5py.File) -> None:
    file["layers/a/vars/0"] = h5py.SoftLink("/other")


def soft_link_to_a_group(file: h5py.File) -> None:
    file["real/a/vars/0"] = ZEROS
    file["layers"] = h5py.SoftLink("/real")


def external_group(file: h5py.File) -> None:
    file["layers"] = h5py.ExternalLink("other.h5", "/layers")


def circle(file: h5py.File) -> None:
    file["layers/a/vars/0"] = ZEROS
    file["layers/a/layers"] = file["layers"]


def external_storage(file: h5py.File) -> None:
    file.create_dataset("layers/a/vars/0", (8,), "f8", external=[("/etc/passwd", 0, 64)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "data", (3,))
    file.create_virtual_dataset("layers/a/vars/0", layout)


def compressed(file: h5py.File) -> None:
    file.create_dataset("layers/a/vars/0", (2**28,), "f8", chunks=(2**20,), compression="gzip")


def chunked(file: h5py.File) -> None:
    file.create_dataset("layers/a/vars/0", (10**6, 10**6), "f8", chunks=(1, 1))


def huge(file: h5py.File) -> None:
    file.create_dataset("layers/a/vars/0", (2**28,), "f8")


def text(file: h5py.File) -> None:
    file["layers/a/vars/0"] = "text"


def texts(file: h5py.File) -> None:
    file["layers/a/vars/0"] = [b"a", b"b"]


def compound(file: h5py.File) -> None:
    file["layers/a/vars/0"] = np.zeros(2, dtype=[("a", "f8"), ("b", "i4")])


def named_type(file: h5py.File) -> None:
    file["layers/a/vars/0"] = np.dtype("f8")


@pytest.mark.parametrize(
    ("fill", "problem"),
    [
        (external_link, "layers/a/vars/0: .* received a link"),
        (soft_link, "layers/a/vars/0: .* received a link"),
        (soft_link_to_a_group, "layers: .* received a link"),
        (external_group, "layers: .* received a link"),
        (circle, "layers/a/layers: expected each group once"),
        (external_storage, "layers/a/vars/0: .* stored contiguously in the file"),
        (virtual, "layers/a/vars/0: .* stored contiguously in the file"),
        (compressed, "layers/a/vars/0: .* stored contiguously in the file"),
        (chunked, "layers/a/vars/0: .* stored contiguously in the file"),
        (huge, "expected at most 10000 arrays with 536870912 bytes"),
        (text, "layers/a/vars/0: expected an array of numbers"),
        (texts, "layers/a/vars/0: expected an array of numbers"),
        (compound, "layers/a/vars/0: expected an array of numbers"),
        (named_type, "layers/a/vars/0: expected an array of numbers"),
    ],
)
def test_fault_79_everything_but_plain_arrays_is_refused(
    tmp_path: Path, fill: Callable[[h5py.File], None], problem: str
) -> None:
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        fill(file)
    with pytest.raises(DataError, match=rf"w\.h5: {problem}"):
        read_hdf5(path, ["layers"])


def test_fault_79_too_many_arrays_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("n3fit.storage.hdf5.MAX_ARRAYS", 3)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        for number in range(4):
            file[f"layers/{number}"] = ZEROS
    with pytest.raises(DataError, match="expected at most 3 arrays"):
        read_hdf5(tmp_path / "w.h5", ["layers"])


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("n3fit.storage.hdf5.LARGEST_FILE", 100)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/a"] = np.zeros(100)
    with pytest.raises(ResourceError, match="expected at most 100 bytes"):
        read_hdf5(tmp_path / "w.h5", ["layers"])
    assert read_hdf5(tmp_path / "w.h5", ["layers"], size=10_000).arrays["layers/a"].shape == (100,)


def test_other_groups_are_not_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/a/0"] = ZEROS + 1
        attributes = {"name": "dense", "place": 3, "trained": True, "numbers": np.zeros(3), "texts": ["a"], "x": 0.5}
        file["layers/a"].attrs.update({**attributes, "long": "x" * 1001})
        file["optimizer"] = h5py.ExternalLink("/etc/passwd", "/")
    content = read_hdf5(tmp_path / "w.h5", ["layers", "vars"])
    assert {path: array.tolist() for path, array in content.arrays.items()} == {"layers/a/0": [1.0, 1.0, 1.0]}
    assert content.attributes["layers/a"] == {"name": "dense", "place": 3, "trained": 1}


def test_fault_80_pickles_and_archives_are_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / "w.h5").write_bytes(pickle.dumps(Trap()))
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    (tmp_path / "empty.h5").write_bytes(b"")
    for name, kind in (("w.h5", "begins with"), ("model.keras", "a .keras archive"), ("empty.h5", "an empty file")):
        with pytest.raises(DataError, match=f"expected an HDF5 file, received .*{kind}"):
            read_hdf5(tmp_path / name, ["layers"])
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="none.h5: missing"):
        read_hdf5(tmp_path / "none.h5", ["layers"])
    with pytest.raises(ResourceError, match="cannot be read"):
        read_hdf5(tmp_path, ["layers"])
