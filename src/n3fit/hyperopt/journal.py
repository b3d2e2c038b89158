"""The journal of a scan: a text file with a line for every change, which optuna writes and reads.

The file lies on any shared file system: its lock is a second file that is created exclusively, which NFS has since its
version 3. A process that is killed while it writes leaves a line without an end, which is cut off.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.errors import DataError
from n3fit.hyperopt.optuna_trials import experimental_parts, import_optuna

if TYPE_CHECKING:
    import optuna

STUDY_NAME = "scan"
GRACE_SECONDS = 30
"""Age at which the lock of a process that was killed while it wrote is ignored."""

_HINT = "restore the file, or start the scan again with --force"

logger = logging.getLogger(__name__)


def open_study(path: Path, *, grace: int = GRACE_SECONDS) -> optuna.Study:
    """Return the study in a journal, a new one if the file is missing or empty.

    Parameters
    ----------
    path : Path
    grace : int
        See :data:`GRACE_SECONDS`.

    Raises
    ------
    DataError
        A line before the last one is damaged.
    MissingExtraError
        optuna is not installed.
    """
    optuna = import_optuna()
    cut_torn_line(path)
    with experimental_parts():
        lock = optuna.storages.journal.JournalFileOpenLock(str(path), grace_period=grace)
        backend = optuna.storages.journal.JournalFileBackend(str(path), lock_obj=lock)
        try:
            storage = optuna.storages.JournalStorage(backend)
            if STUDY_NAME in optuna.get_all_study_names(storage):
                return optuna.load_study(storage=storage, study_name=STUDY_NAME)
            return optuna.create_study(storage=storage, study_name=STUDY_NAME, direction="minimize")
        except (KeyError, ValueError, TypeError, AssertionError, AttributeError, IndexError) as error:
            raise DataError(f"{path}: expected the journal of a scan ({error!r})", hint=_HINT) from error


def cut_torn_line(path: Path) -> int:
    """Cut the last line off a journal if it is incomplete; return the number of bytes that were cut off.

    Raises
    ------
    DataError
        A line before the last one is not a record.
    """
    if not path.is_file():
        return 0
    with path.open("rb") as stream:
        lines = stream.read().splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        if _is_record(line):
            continue
        if number < len(lines):
            raise DataError(f"{path}:{number}: expected a record of a scan, received a damaged line", hint=_HINT)
        with path.open("r+b") as stream:
            stream.truncate(sum(map(len, lines[:-1])))
            stream.flush()
            os.fsync(stream.fileno())
        logger.warning("%s:%d: cut off: a line that a killed process left incomplete", path, number)
        return len(line)
    return 0


def _is_record(line: bytes) -> bool:
    """Return whether a line is complete and a JSON object with the kind of a change."""
    if not line.endswith(b"\n"):
        return False
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return isinstance(record, dict) and "op_code" in record
