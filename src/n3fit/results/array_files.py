"""The files of arrays in a fit folder, in the container of its format: safetensors, ``.npz`` in format 1."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError
from n3fit.storage.arrays import read_arrays

LARGEST_TOTAL = 4 * 2**30
_HINT = "the file is damaged; restore it or fit again"


def read_array_file(
    folder: Path, name: str, *expected: Set[str], folder_format: int
) -> tuple[Path, dict[str, NDArray[Any]]]:
    """Read a file with just the arrays ``expected``, or those of any of several sets; nothing in the file is run.

    Parameters
    ----------
    folder : Path
        The fit folder.
    name : str
        Name of the file in the present format.
    expected : sets of str
    folder_format : int

    Returns
    -------
    Path
        The file.
    dict of arrays

    Raises
    ------
    DataError
        Not such a file, truncated, or with other arrays.
    ResourceError
        The file is missing, cannot be read, or is larger than 4 GB.
    """
    path = folder / name
    if folder_format > 1:
        return path, read_arrays(path, *expected)
    path = path.with_suffix(".npz")
    return path, _read_npz(path, expected)


def _read_npz(path: Path, expected: Sequence[Set[str]]) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_TOTAL:
            raise ResourceError(f"{path}: unpacks to {unpacked} bytes, expected at most {LARGEST_TOTAL}")
        with np.load(path, allow_pickle=False) as content:
            if set(content.files) not in expected:
                difference = ", ".join(sorted(set(content.files) ^ expected[0]))
                raise DataError(f"{path}: expected other arrays; missing or unknown: {difference}", hint=_HINT)
            return {name: content[name] for name in content.files}
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="the fit folder is incomplete; restore it or fit again") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, MemoryError) as error:
        raise DataError(f"{path}: not a file of arrays ({error})", hint=_HINT) from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
