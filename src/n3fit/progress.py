"""How long work tells what it is doing, whoever listens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class ProgressReporter(Protocol):
    """Someone who wants to know how the work goes.

    The calls come in the order of the work, from one thread, and must return quickly.
    """

    def stage(self, name: str) -> None:
        """Say that a part of the work begins, such as ``reading data``; the one before it is finished."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], alive: int, replicas: int) -> None:
        """Say that ``epoch`` of ``total`` epochs are done.

        Parameters
        ----------
        epoch, total : int
            Epochs done and planned.
        losses : mapping of str to float
            Means over the replicas alive, by name such as ``training``; may hold nan.
        alive, replicas : int
            Replicas that still train, and all of them.
        """

    def step(self, name: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` things called ``name`` are finished."""

    def message(self, text: str) -> None:
        """Tell something in one line."""


class Silence:
    """A reporter that tells nobody."""

    def stage(self, name: str) -> None:
        """Do nothing."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], alive: int, replicas: int) -> None:
        """Do nothing."""

    def step(self, name: str, done: int, total: int) -> None:
        """Do nothing."""

    def message(self, text: str) -> None:
        """Do nothing."""
