"""Series of checkpoints: files with a checksum, of which the latest two are kept.

A new file appears completely or not at all, and the one before it stays until then. A file that was damaged all the
same, such as by a crash of the machine, is noticed by its checksum, and the one before it is used.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import N3fitError, ResourceError
from n3fit.storage.arrays import SUFFIX, arrays_from_bytes, write_arrays

logger = logging.getLogger(__name__)

KEPT = 2
"""Number of files of a series."""


@dataclass(frozen=True)
class Checkpoint:
    """Content of a file: plain JSON and arrays."""

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class CheckpointSeries:
    """The checkpoints of one piece of work: files ``<name>.<number>.safetensors`` in a folder.

    Parameters
    ----------
    folder : Path
        Created when the first checkpoint is written.
    name : str
        Without dots.
    """

    folder: Path
    name: str

    def write(self, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the next checkpoint, and remove all but the latest two.

        Raises
        ------
        ResourceError
            The disk is full or the folder cannot be written to; the checkpoints before are as they were.
        """
        numbers = self._numbers()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResourceError(f"{self.folder}: cannot be created ({error.strerror or error})") from error
        number = numbers[-1] + 1 if numbers else 1
        write_arrays(self._path(number), arrays, header)
        for old in [*numbers, number][:-KEPT]:
            with suppress(OSError):
                self._path(old).unlink()

    def read(self) -> Checkpoint | None:
        """Return the latest checkpoint that is complete, None without one; a damaged one gives a warning."""
        for number in reversed(self._numbers()):
            path = self._path(number)
            try:
                header, arrays = arrays_from_bytes(path.read_bytes())
            except (OSError, ValueError) as error:
                logger.warning("%s: damaged, the checkpoint before it is used (%s)", path, error)
                continue
            return Checkpoint(header, arrays)
        return None

    def _numbers(self) -> list[int]:
        """Return the numbers of the files that are there, sorted."""
        pattern = re.compile(rf"{re.escape(self.name)}\.(\d{{1,9}}){re.escape(SUFFIX)}")
        try:
            found = [pattern.fullmatch(path.name) for path in self.folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise ResourceError(f"{self.folder}: cannot be read ({error.strerror or error})") from error
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.name}.{number}{SUFFIX}"


def try_to_write(series: CheckpointSeries, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Write a checkpoint; where that is impossible, log a warning and return False: the work itself can go on."""
    try:
        series.write(header, arrays)
    except N3fitError as error:
        logger.warning("no checkpoint could be written, the work goes on without: %s", error.message)
        return False
    return True
