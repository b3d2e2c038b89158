"""Progress reporting for long-running operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class ProgressReporter(Protocol):
    """Receiver of progress updates.

    The calls come in the order of the work, from one thread, and must return quickly.
    """

    def phase(self, name: str) -> None:
        """Report that a phase of the work begins, such as ``reading data``; the previous one is finished."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Report that ``epoch`` of ``total`` epochs are done.

        Parameters
        ----------
        epoch, total : int
            Epochs done and planned.
        losses : mapping of str to float
            Means over the active replicas, by name such as ``training``; may contain nan.
        active, replicas : int
            Number of replicas that still train, and of all replicas.
        """

    def step(self, name: str, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` items called ``name`` are finished."""

    def message(self, text: str) -> None:
        """Report a one-line message."""


class NullReporter:
    """A reporter that discards all updates."""

    def phase(self, name: str) -> None:
        """Do nothing."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Do nothing."""

    def step(self, name: str, done: int, total: int) -> None:
        """Do nothing."""

    def message(self, text: str) -> None:
        """Do nothing."""
