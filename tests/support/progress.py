"""A progress reporter that records what it receives."""

from __future__ import annotations

from n3fit.progress import NullReporter


class RecordedSteps(NullReporter):
    """A reporter that records the steps, as (name, done, total)."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []

    def step(self, name: str, done: int, total: int) -> None:
        """Record a step."""
        self.steps.append((name, done, total))
