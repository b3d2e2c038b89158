"""Trials of a scan in the form of ``tries.json``; :mod:`n3fit.results.tries` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from n3fit.hyperopt.trial_result import TrialResult
from n3fit.results.tries import DONE
from n3fit.results.tries import TRIES as TRIES
from n3fit.results.tries import Try as Try
from n3fit.results.tries import read_tries as read_tries
from n3fit.storage.json_files import to_json

FOLDS = (
    *("validation_losses", "experimental_losses", "hyper_losses", "fold_losses"),
    *("hyper_losses_chi2", "hyper_losses_phi2", "hyper_losses_logp", "hyper_losses_chi2p"),
    *("trvl_losses_chi2", "trvl_losses_chi2exp", "trvl_losses_phi2", "trvl_losses_logp"),
)
"""Losses of the folds of a trial under ``kfold_meta``, by the names of :class:`TrialResult`."""


def trial_entry(
    result: TrialResult, parameters: Mapping[str, Any], tid: int, *, started: datetime | None = None
) -> dict[str, Any]:
    """Return a trial as an entry of ``tries.json``.

    Parameters
    ----------
    result : TrialResult
    parameters : mapping
        The keys ``parameters`` of its runcard.
    tid : int
        Its number, from 0.
    started : datetime, optional
        When it began; by default so long ago as it took.

    Returns
    -------
    dict
        Plain values. ``misc.vals`` has the values themselves, by ``parameter`` or ``parameter.key``; ``result.reason``,
        ``result.seconds`` and ``fold_losses`` are additions to the form of nnpdf.
    """
    duration = timedelta(seconds=float(result.seconds))
    began = datetime.now(UTC) - duration if started is None else started.astimezone(UTC)
    values = {name: _plain(value) for name, value in parameters.items()}
    flat = dict(_flatten(values))
    return {
        "state": DONE,
        "tid": int(tid),
        "spec": None,
        "result": {
            "status": result.status,
            "loss": _plain(result.loss),
            "validation_loss": _plain(result.validation_loss),
            "experimental_loss": _plain(result.experimental_loss),
            "kfold_meta": {name: _plain(getattr(result, name)) for name in FOLDS}
            | {"penalties": {name: _plain(value) for name, value in result.penalties.items()}},
            "reason": result.reason,
            "seconds": float(result.seconds),
        },
        "misc": {
            "tid": int(tid),
            "cmd": None,
            "workdir": None,
            "idxs": {name: [int(tid)] for name in flat},
            "vals": {name: [value] for name, value in flat.items()},
            "space_vals": values,
        },
        "exp_key": None,
        "owner": None,
        "version": 0,
        "book_time": _time_text(began),
        "refresh_time": _time_text(began + duration),
    }


def tries_to_json(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of ``tries.json`` for entries of :func:`trial_entry`; numbers that are not finite are null."""
    return to_json(list(entries))


def _flatten(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in values.items():
        inner = [(f"{name}.{key}", item) for key, item in value.items()] if isinstance(value, dict) else []
        flat += inner or [(name, value)]
    return flat


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _time_text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
