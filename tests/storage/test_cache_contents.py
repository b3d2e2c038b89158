"""What is in the cache, and that only that is removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from n3fit.errors import CommandLineError
from n3fit.storage import CACHE_VARIABLE
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.storage.cache_contents import SECONDS_PER_DAY, known_kinds, read_contents, remove_contents

PART = "NNPDF40.0123456789ab.part"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(place))
    return place


def store(name: str, key: str, numbers: int = 3) -> Path:
    kind = ArrayStore(name, version=2)
    kind.save(content_key(key), {"a": np.zeros(numbers)})
    return kind.path(content_key(key))


def write(path: Path, size: int, *, days: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" * size)
    then = time.time() - days * SECONDS_PER_DAY
    os.utime(path, (then, then))
    return path


def test_an_empty_or_missing_cache(folder: Path) -> None:
    assert read_contents().kinds == remove_contents().kinds == ()
    assert not folder.exists()


def test_kinds_with_number_size_and_age(folder: Path) -> None:
    sizes = [store("operators", name).stat().st_size for name in ("x", "y")]
    write(folder / "jax" / "jit_step-0a1b-cache", 70, days=3)
    write(folder / "downloads" / PART, 11)
    write(folder / "downloads" / f"{PART}.json", 4)
    write(folder / "operators" / ("f" * 64 + ".npz"), 5, days=90)
    found = {kind.name: kind for kind in read_contents().kinds}
    assert list(found) == ["compiled", "downloads", "earlier", "operators"]
    assert (found["operators"].files, found["operators"].size) == (2, sum(sizes))
    assert (found["downloads"].files, found["downloads"].size) == (2, 15)
    assert found["compiled"].oldest == found["compiled"].newest == pytest.approx(3, abs=0.01)
    assert (read_contents().files, read_contents().size) == (6, sum(sizes) + 90)
    assert [kind.name for kind in read_contents(["compiled"]).kinds] == ["compiled"]
    assert [kind.name for kind in read_contents(older=10).kinds] == ["earlier"]


def test_only_the_chosen_files_are_removed(folder: Path) -> None:
    kept = store("operators", "x")
    gone = store("fk_tables", "x")
    old = write(folder / "jax" / "jit_step-0a1b-cache", 70, days=3)
    assert [kind.name for kind in remove_contents(["fk_tables"]).kinds] == ["fk_tables"]
    assert (kept.exists(), gone.exists(), gone.parent.exists(), old.exists()) == (True, False, False, True)
    assert remove_contents(older=2).size == 70
    assert (kept.exists(), old.exists()) == (True, False)
    assert remove_contents().files == 1
    assert not kept.exists()


def test_other_files_stay(folder: Path) -> None:
    """The variable may name a folder with files of the user."""
    mine = [
        write(folder / "downloads" / "thesis.part", 5),
        write(folder / "downloads" / "thesis.pdf", 5),
        write(folder / "arrays" / "results.safetensors", 5),
        write(folder / "arrays" / "operators-1" / "notes.txt", 5),
        write(folder / "arrays" / "operators-1" / "deeper" / ("a" * 64 + ".safetensors"), 5),
        write(folder / "jax" / "model.py", 5),
        write(folder / "operators" / "mine.npz", 5),
        write(folder / "data.csv", 5),
    ]
    store("operators", "x")
    assert remove_contents().files == 1
    assert all(path.exists() for path in mine)


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    target = write(outside / ("b" * 64 + ".safetensors"), 5)
    program = write(outside / "jit_step-0a-cache", 5)
    (folder / "arrays").mkdir(parents=True)
    (folder / "arrays" / "operators-1").symlink_to(outside)
    (folder / "jax").symlink_to(outside)
    inside = folder / "arrays" / "fk_tables-1"
    inside.mkdir()
    (inside / ("c" * 64 + ".safetensors")).symlink_to(target)
    assert read_contents().files == remove_contents().files == 0
    assert target.exists()
    assert program.exists()
    assert (folder / "arrays" / "operators-1").is_symlink()


def test_files_that_are_being_written_or_fetched_stay(folder: Path) -> None:
    name = "d" * 64 + ".safetensors"
    recent = write(folder / "arrays" / "operators-2" / f".0123456789ab.{name}", 5)
    left = write(folder / "arrays" / "operators-2" / f".ba9876543210.{name}", 5, days=1)
    part = write(folder / "downloads" / PART, 5)
    lock = FileLock(folder / "downloads" / "NNPDF40.lock", thread_local=False)
    with lock:
        assert remove_contents().files == 1
        assert (recent.exists(), left.exists(), part.exists()) == (True, False, True)
    assert remove_contents(["downloads"]).files == 1
    assert not part.exists()


def test_an_entry_that_is_removed_while_it_is_read_is_computed_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kind = ArrayStore("operators", version=2)
    path = store("operators", "x")
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    path.unlink()
    assert kind.load(content_key("x")) is None
    assert caplog.records == []


def test_an_unknown_kind_is_an_error() -> None:
    store("operators", "x")
    assert known_kinds() == ("compiled", "downloads", "earlier", "operators")
    with pytest.raises(CommandLineError, match=r"expected one of compiled, .*received 'operator'.*did you mean"):
        remove_contents(["operator"])
