"""Trials of hyperparameter scans, read from the file ``tries.json`` that n3fit and nnpdf write."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard

from n3fit.errors import DataError
from n3fit.paths import PathLike
from n3fit.results.numpy_text import plain_value
from n3fit.storage.json_files import read_text

TRIES = Path("nnfit", "replica_1", "tries.json")
"""The file in the folder of a scan."""

LARGEST_FILE = 512 * 2**20
"""Bytes of the largest file of trials that is read: a trial of 100 replicas takes some 50 kB."""

DONE = 2
"""State of a trial that has ended, well or not."""

STATUSES = ("ok", "fail")
"""How a trial ends."""

_MOST_LINES = 20
_ENDS_WELL = STATUSES[0]


@dataclass(frozen=True, eq=False)
class Try:
    """One trial of a scan.

    Parameters
    ----------
    tid : int
        Its number, from 0.
    state : int
        :data:`DONE` for a trial that has ended; others were running, or waited, when the file was written.
    status : str
        One of :data:`STATUSES`; empty for a trial that has not ended.
    loss : float
        Not a number, or infinite, where the trial has none.
    parameters : mapping
        The keys ``parameters`` of its runcard; ``activation_per_layer`` may be one name for all hidden layers.
    result : mapping
        The losses: ``validation_loss``, ``experimental_loss`` and ``kfold_meta``.
    seconds : float
        Time that it took; not a number where the file does not say.
    reason : str
        Why it failed; empty if it did not, or if the file does not say.
    """

    tid: int
    state: int
    status: str
    loss: float
    parameters: Mapping[str, Any]
    result: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = math.nan
    reason: str = ""

    @property
    def ended_well(self) -> bool:
        """Whether the trial has ended, did not fail, and has a finite loss."""
        return self.state == DONE and self.status == _ENDS_WELL and math.isfinite(self.loss)


def read_tries(path: PathLike) -> tuple[Try, ...]:
    """Read the trials of a scan.

    Parameters
    ----------
    path : path
        The folder of the scan, or its file ``tries.json``. Arrays may be lists, or text as numpy prints them.

    Returns
    -------
    tuple of Try
        In the order of the file.

    Raises
    ------
    DataError
        The file is missing, too large, not JSON, or not a list of trials: one line for each defect, at most 20.
    """
    place = Path(path).expanduser()
    file = place / TRIES if place.is_dir() else place
    text = read_text(file, limit=LARGEST_FILE, error=DataError)
    hint = "the file is damaged, or is not that of a hyperparameter scan"
    try:
        entries = json.loads(text)  # nnpdf writes NaN and Infinity, which the standard does not have
    except (ValueError, RecursionError) as problem:
        raise DataError(f"{file}: not valid JSON ({problem})", hint=hint) from problem
    if not isinstance(entries, list):
        raise DataError(f"{file}: expected a list of trials, received {_show(entries)}", hint=hint)
    defects = [f"{file}: trial {index}: {text}" for index, entry in enumerate(entries) for text in _defects(entry)]
    if defects:
        more = [f"{file}: further errors not shown"] if len(defects) > _MOST_LINES else []
        raise DataError("\n".join([*defects[:_MOST_LINES], *more]), hint=hint)
    return tuple(_read_entry(entry, index) for index, entry in enumerate(entries))


def _defects(entry: Any) -> Iterator[str]:
    """Yield what is wrong with an entry of the file."""
    if not isinstance(entry, dict):
        yield f"expected a mapping, received {_show(entry)}"
        return
    for key in ("state", "tid"):
        if not isinstance(entry.get(key, 0), int) or isinstance(entry.get(key), bool):
            yield f"{key}: expected an integer, received {_show(entry[key])}"
    if entry.get("state", DONE) != DONE:
        return
    result = entry.get("result")
    if not isinstance(result, dict):
        yield f"result: expected a mapping, received {_show(result)}"
    else:
        if result.get("status") not in STATUSES:
            yield f"result.status: expected ok or fail, received {_show(result.get('status'))}"
        loss = plain_value(result.get("loss"))
        if loss is not None and not _is_number(loss):
            yield f"result.loss: expected a number, received {_show(loss)}"
        if not isinstance(result.get("kfold_meta", {}), dict):
            yield f"result.kfold_meta: expected a mapping, received {_show(result['kfold_meta'])}"
    misc = entry.get("misc")
    values = misc.get("space_vals") if isinstance(misc, dict) else None
    if not isinstance(values, dict):
        yield f"misc.space_vals: expected a mapping, the parameters of the trial, received {_show(values)}"


def _read_entry(entry: Mapping[str, Any], index: int) -> Try:
    result = {
        key: value if key == "reason" else plain_value(value) for key, value in (entry.get("result") or {}).items()
    }
    state = entry.get("state", DONE)
    misc = entry.get("misc")
    loss = result.get("loss")
    return Try(
        tid=entry.get("tid", index),
        state=state,
        status=result["status"] if state == DONE else "",
        loss=float(loss) if state == DONE and _is_number(loss) else math.nan,
        parameters=plain_value(misc.get("space_vals") or {}) if isinstance(misc, dict) else {},
        result=result,
        seconds=_seconds(entry, result),
        reason=str(result.get("reason") or ""),
    )


def _seconds(entry: Mapping[str, Any], result: Mapping[str, Any]) -> float:
    """Return the time of a trial: that in its result, else the time between its beginning and its last change."""
    if _is_number(result.get("seconds")):
        return float(result["seconds"])
    began, ended = _time(entry.get("book_time")), _time(entry.get("refresh_time"))
    return max(ended - began, 0.0) if math.isfinite(ended - began) else math.nan


def _time(value: Any) -> float:
    """Return a time in seconds: from text of ISO 8601, milliseconds in ``$date``, or seconds; nan for others."""
    if isinstance(value, dict):
        inner = value.get("$date")
        return inner / 1000 if _is_number(inner) else _time(inner)
    if _is_number(value):
        return float(value)
    if not isinstance(value, str):
        return math.nan
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return math.nan
    # times of one file are all in the same zone: the difference does not depend on it
    return (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'}"
    return repr(value)[:60]


def best_tries(tries: Sequence[Try], *, thermalization: int = 0, number: int | None = None) -> tuple[Try, ...]:
    """Return the trials with the smallest losses, the best one first.

    Parameters
    ----------
    tries : sequence of Try
    thermalization : int
        The first trials that have ended, so many of them, are left out.
    number : int, optional
        How many to return at most; all by default.

    Returns
    -------
    tuple of Try
        Those that have ended and have a finite loss, failed ones among them; equal losses in the order of the file.
    """
    ended = [trial for trial in tries if trial.state == DONE][thermalization:]
    ordered = sorted((trial for trial in ended if math.isfinite(trial.loss)), key=lambda trial: trial.loss)
    return tuple(ordered[:number])
