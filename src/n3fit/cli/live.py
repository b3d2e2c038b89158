"""Progress bars on a terminal, with rich."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column

from n3fit.cli.formatting import describe_epoch, format_losses
from n3fit.cli.session import Session
from n3fit.durations import TimeLeft, format_seconds


@contextmanager
def open_live_reporter(session: Session, console: Console | None = None) -> Iterator[LiveReporter]:
    """Yield a reporter that draws on the terminal until the block ends."""
    columns = (
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TextColumn("{task.fields[details]}", table_column=Column(no_wrap=True)),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
    )
    with Progress(*columns, console=console or Console(stderr=True), refresh_per_second=4, expand=True) as progress:
        yield LiveReporter(session, progress)


class LiveReporter:
    """A bar for the epochs and for each series of steps; phases and messages are lines above the bars."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self._session = session
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._remaining = TimeLeft()

    def phase(self, name: str) -> None:
        """Print the name of the phase and remove the bars of the previous one."""
        self._session.begin(name)
        for task in self._tasks.values():
            self._progress.remove_task(task)
        self._tasks.clear()
        self._progress.refresh()
        self._remaining = TimeLeft()
        self._progress.console.print(f"[bold]{escape(name)}[/bold]")

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Update the bar of the epochs."""
        self._session.doing = describe_epoch(self._session.doing, epoch, total)
        left = self._remaining.estimate(epoch, total)
        parts = [*format_losses(losses), f"active {active}/{replicas}"]
        self._update("epochs", epoch, total, [*parts, *([f"{format_seconds(left)} left"] if left is not None else [])])

    def step(self, name: str, done: int, total: int) -> None:
        """Update the bar called ``name``."""
        self._update(name, done, total, [])

    def message(self, text: str) -> None:
        """Print ``text`` above the bars."""
        self._progress.console.print(escape(text), highlight=False)

    def _update(self, name: str, done: int, total: int, details: list[str]) -> None:
        text = escape("  ".join(details))
        if name in self._tasks:
            self._progress.update(self._tasks[name], completed=done, total=total, details=text)
        else:
            self._tasks[name] = self._progress.add_task(escape(name), completed=done, total=total, details=text)
