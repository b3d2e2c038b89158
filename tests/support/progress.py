"""A progress reporter that records what it receives."""

from __future__ import annotations

from n3fit.progress import NullReporter


class RecordedSteps(NullReporter):
    """A reporter that records the steps, as (name, done, total), and the messages."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        """Record a message."""
        self.messages.append(text)

    def step(self, name: str, done: int, total: int) -> None:
        """Record a step."""
        self.steps.append((name, done, total))
