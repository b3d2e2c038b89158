"""The line about a trial that has ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from n3fit.hyperopt.trial_result import TrialResult


def describe_trial(tid: int, result: TrialResult, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the line about a trial that has ended: its loss or why it failed, and the best trial so far."""
    outcome = f"loss {result.loss:.4g}" if result.status == "ok" else f"failed: {result.reason or 'without a loss'}"
    found = best_entry(entries)
    best = "" if found is None else f"; best {found['result']['loss']:.4g}, trial {found['tid']}"
    return f"trial {tid}: {outcome} ({result.seconds:.0f} s){best}"


def best_entry(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the entry of ``tries.json`` with the smallest loss of those that did not fail; None without one."""
    good = [entry for entry in entries if entry["result"]["status"] == "ok" and _is_finite(entry["result"]["loss"])]
    return min(good, key=lambda entry: float(entry["result"]["loss"]), default=None)


def _is_finite(loss: float | None) -> bool:
    return loss is not None and math.isfinite(loss)
