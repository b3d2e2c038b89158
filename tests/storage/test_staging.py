"""A prepared folder takes its place at once, and a failed one leaves what was there."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from n3fit.errors import ResourceError
from n3fit.storage.staging import move_into_place, stage


def test_staged_folder_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "fit"
    for content in ("first", "second"):
        with stage(target) as staging:
            (staging / "filter.yml").write_text(content)
            move_into_place(staging, target)
    assert (target / "filter.yml").read_text() == "second"
    assert list(tmp_path.iterdir()) == [target]


def test_failed_stage_leaves_the_old_folder(tmp_path: Path) -> None:
    (tmp_path / "fit").mkdir()

    def fail() -> None:
        with stage(tmp_path / "fit") as staging:
            (staging / "filter.yml").write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ResourceError, match=r"fit: cannot be written \(No space left on device\)"):
        fail()
    assert list(tmp_path.rglob("*")) == [tmp_path / "fit"]
