"""The progress of all tasks as that of one fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from n3fit.progress import ProgressReporter


class JointProgress:
    """Joins the progress of the tasks of a pool: epochs are their mean, losses those of the replicas that train.

    Parameters
    ----------
    progress : ProgressReporter
        Receives the joint progress.
    """

    def __init__(self, progress: ProgressReporter) -> None:
        self._progress = progress
        self._epochs: dict[str, Mapping[str, Any]] = {}
        self._messages: set[str] = set()

    def receive(self, task: str, event: Mapping[str, Any], *, again: bool = False) -> None:
        """Receive an event of a task; ``again`` says that the task had a worker before, which was lost."""
        kind = event["kind"]
        if kind == "epoch":
            self._epochs[task] = event
            self._report()
        elif kind == "message" and event["text"] not in self._messages:
            self._messages.add(event["text"])  # workers say the same of the same inputs
            self.message(event["text"])
        elif kind == "started" and again:
            self.message(f"{task}: its worker was lost, goes on at {event['worker']}")

    def finish(self, task: str) -> None:
        """Record that a task is finished: its replicas train no more."""
        known = self._epochs.get(task)
        if known is not None:
            self._epochs[task] = {**known, "epoch": known["total"], "active": 0}

    def message(self, text: str) -> None:
        """Report a message."""
        self._progress.message(text)

    def _report(self) -> None:
        known = list(self._epochs.values())
        replicas = sum(event["replicas"] for event in known)
        epochs = sum(event["epoch"] * event["replicas"] for event in known) / replicas
        total = max(event["total"] for event in known)
        names = dict.fromkeys(name for event in known for name in event["losses"])
        losses = {
            name: _mean([(event["losses"].get(name, math.nan), event["active"]) for event in known]) for name in names
        }
        active = sum(event["active"] for event in known)
        self._progress.epoch(int(epochs), total, losses, active, replicas)


def _mean(values: list[tuple[float, int]]) -> float:
    """Return the mean of values with weights, nan without any."""
    weights = sum(weight for _, weight in values)
    return sum(value * weight for value, weight in values if weight) / weights if weights else math.nan
