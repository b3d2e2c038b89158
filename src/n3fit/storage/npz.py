"""Files of named arrays in the format of numpy, as fit folders of earlier versions have them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Set
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError

LARGEST_TOTAL = 4 * 2**30
_HINT = "the file is damaged; restore it or fit again"


def npz_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the content of an ``.npz`` file with ``arrays``; the same arrays give the same bytes."""
    stream = BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def read_npz(path: Path, expected: Set[str]) -> dict[str, NDArray[Any]]:
    """Read a file with exactly the arrays ``expected``; code in the file is never run.

    Raises
    ------
    DataError
        Not such a file, truncated, with objects instead of numbers, or with other arrays.
    ResourceError
        The file is missing, cannot be read, or unpacks to more than 4 GB.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_TOTAL:
            raise ResourceError(f"{path}: unpacks to {unpacked} bytes, expected at most {LARGEST_TOTAL}")
        with np.load(path, allow_pickle=False) as content:
            if set(content.files) != expected:
                difference = ", ".join(sorted(set(content.files) ^ expected))
                raise DataError(f"{path}: expected other arrays; missing or unknown: {difference}", hint=_HINT)
            return {name: content[name] for name in content.files}
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="the fit folder is incomplete; restore it or fit again") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, MemoryError) as error:
        raise DataError(f"{path}: not a file of arrays ({error})", hint=_HINT) from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
