"""Git-LFS pointers: small text files that stand for large ones until these are fetched."""

from __future__ import annotations

from pathlib import Path

LFS_SIGNATURE = b"version https://git-lfs.github.com/spec/"
"""First bytes of a pointer."""

LFS_HINT = "fetch the content with `git lfs pull` where the file comes from"


def is_lfs_pointer(path: Path) -> bool:
    """Return whether a file is a Git-LFS pointer; one that cannot be read is none."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(LFS_SIGNATURE)) == LFS_SIGNATURE
    except OSError:
        return False


def describe_pointer(path: Path) -> str:
    """Return the message about a pointer where a file was expected."""
    return f"{path}: a Git-LFS pointer, not the file itself"
