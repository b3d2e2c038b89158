"""Writing of FK tables with pineappl, which signals a full disk by a Rust panic."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
from pineappl.fk_table import FkTable

from n3fit.storage import atomic_path
from n3fit.theory.pineappl_files import without_panic_text

_SYSTEM_ERROR = re.compile(r"os error (\d+)")


def write_table(table: FkTable, path: Path) -> None:
    """Write a table, completely or not at all, and read it back.

    Raises
    ------
    ResourceError
        The folder cannot be written to, or the disk is full.
    """
    values = np.array(table.table())
    with atomic_path(path) as temporary, without_panic_text():
        try:
            table.write_lz4(str(temporary))
            written = np.array(FkTable.read(str(temporary)).table())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            raise system_error(error) from error
        if not np.array_equal(written, values, equal_nan=True):
            raise OSError("the file differs from what was written")


def system_error(panic: BaseException) -> OSError:
    """Return the system's error that a Rust panic reports."""
    found = _SYSTEM_ERROR.search(str(panic))
    if found is None:
        return OSError(str(panic).splitlines()[0] if str(panic) else type(panic).__name__)
    return OSError(int(found[1]), os.strerror(int(found[1])))
