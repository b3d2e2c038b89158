"""PineAPPL grids on disk: finding and reading them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pineappl.grid import Grid
from pineappl.pids import PidBasis

from n3fit.errors import TheoryError
from n3fit.storage.large_files import LFS_HINT, describe_pointer, is_lfs_pointer
from n3fit.theory.pineappl_files import without_panic_text

SUFFIXES = (".pineappl.lz4", ".pineappl")
"""Ends of the names of grids and tables."""

TABLE_SUFFIX = SUFFIXES[0]


@dataclass(frozen=True)
class GridFile:
    """A grid on disk; its table has the same ``name``."""

    name: str
    path: Path


def find_grids(folder: Path) -> list[GridFile]:
    """Return the grids of a folder by their names.

    Raises
    ------
    TheoryError
        The folder is missing, has no grids, or has two of the same name.
    """
    if not folder.is_dir():
        raise TheoryError(f"{folder}: expected a folder with PineAPPL grids (*{TABLE_SUFFIX}), found none")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        suffix = next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), None)
        if suffix is None or path.name.startswith("."):
            continue
        name = path.name.removesuffix(suffix)
        if name in found:
            raise TheoryError(f"{folder}: expected one grid {name}, received {found[name].name} and {path.name}")
        found[name] = path
    if not found:
        raise TheoryError(f"{folder}: expected PineAPPL grids (*{TABLE_SUFFIX}), found none")
    return [GridFile(name, path) for name, path in sorted(found.items())]


def read_grid(path: Path) -> Grid:
    """Read a grid.

    Raises
    ------
    TheoryError
        The file is a Git-LFS pointer, not readable, or an FK table.
    """
    if is_lfs_pointer(path):
        raise TheoryError(describe_pointer(path), hint=LFS_HINT)
    try:
        with without_panic_text():
            grid = Grid.read(str(path))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # pineappl signals broken files by a Rust panic, not an Exception
        raise TheoryError(
            f"{path}: not a readable PineAPPL grid; the file may be truncated", hint="fetch it again"
        ) from error
    if grid.pid_basis == PidBasis.Evol and "fk_assumptions" in grid.metadata:
        raise TheoryError(f"{path}: expected a grid of coefficient functions, received an FK table")
    return grid


@contextmanager
def without_leftovers(folder: Path) -> Iterator[None]:
    """Remove the temporary files of writers that were killed, before the block and after it."""
    try:
        _remove_leftovers(folder)
        yield
    finally:
        _remove_leftovers(folder)


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f".*{TABLE_SUFFIX}"):
        path.unlink(missing_ok=True)
