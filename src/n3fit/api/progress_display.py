"""Progress in a notebook as HTML, with plain text beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from n3fit.durations import format_seconds

MESSAGES_IN_VIEW = 8
"""Messages below the bar; earlier ones are folded."""

_FAINT = "opacity:.75"  # of the colour of the page, so that light and dark pages can be read
_DIGITS = "font-variant-numeric:tabular-nums"
_SEPARATOR = " \N{MIDDLE DOT} "
_MARKS = {"running": "", "done": "\N{CHECK MARK} ", "stopped": "\N{MULTIPLICATION SIGN} "}


@dataclass(frozen=True)
class Epochs:
    """Epochs done and planned, mean losses by name, and replicas that still train; see ``ProgressReporter.epoch``."""

    done: int
    total: int
    losses: Mapping[str, float]
    active: int
    replicas: int
    seconds_left: float | None = None

    @property
    def finished(self) -> bool:
        """Whether no replica trains any more."""
        return self.done >= self.total or not self.active


@dataclass(frozen=True)
class ProgressState:
    """The state of the work of one function.

    Parameters
    ----------
    title : str
        Name of the function.
    state : str
        ``running``, ``done`` or ``stopped``.
    seconds : float
        Time since the start.
    phases : dict of str to float
        Seconds of each phase so far, the present one last.
    epochs : Epochs, optional
        Of the present or the last training.
    steps : mapping of str to (int, int)
        Items done and planned by name, of the present phase.
    messages : sequence of str
    """

    title: str
    state: Literal["running", "done", "stopped"]
    seconds: float
    phases: dict[str, float] = field(default_factory=dict)
    epochs: Epochs | None = None
    steps: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    messages: Sequence[str] = ()


def render(state: ProgressState) -> dict[str, str]:
    """Return the state as ``text/html`` and ``text/plain``; bars only while the work runs."""
    return {"text/html": _to_html(state), "text/plain": _to_text(state)}


def _to_html(state: ProgressState) -> str:
    parts = [f"<div>{_MARKS[state.state]}<b>{escape(state.title)}</b> {escape(_headline(state))}</div>"]
    if state.state == "running":
        parts += [_bar(name, done, total) for name, (done, total) in _bars(state).items()]
    details = _epoch_details(state)
    if details:
        parts.append(f"<div style='{_DIGITS}'>{escape(_SEPARATOR.join(details))}</div>")
    hidden, shown = state.messages[:-MESSAGES_IN_VIEW], state.messages[-MESSAGES_IN_VIEW:]
    if hidden:
        lines = "".join(map(_message, hidden))
        parts.append(f"<details><summary>{len(hidden)} earlier messages</summary>{lines}</details>")
    parts += map(_message, shown)
    return f"<div style='max-width:60em;line-height:1.6'>{''.join(parts)}</div>"


def _to_text(state: ProgressState) -> str:
    lines = [f"{state.title} {_headline(state)}"]
    if state.state == "running":
        lines += [f"  {name} {done}/{total}" for name, (done, total) in _bars(state).items()]
    details = _epoch_details(state)
    return "\n".join([*lines, *(["  " + "  ".join(details)] if details else []), *(f"  {m}" for m in state.messages)])


def _headline(state: ProgressState) -> str:
    """Return the present phase, or how the work ended with the times of its phases."""
    present = next(reversed(state.phases), "")
    if state.state == "running":
        return f"{present}, {format_seconds(state.seconds)}"
    if state.state == "stopped":
        return f"stopped after {format_seconds(state.seconds)}, while {present}"
    times = [f"{name} {format_seconds(seconds)}" for name, seconds in state.phases.items() if seconds >= 0.5]
    return f"done in {format_seconds(state.seconds)}{': ' if times else ''}{', '.join(times)}"


def _bars(state: ProgressState) -> dict[str, tuple[int, int]]:
    """Return items done and planned by name of what is in progress."""
    epochs = (
        {} if state.epochs is None or state.epochs.finished else {"epochs": (state.epochs.done, state.epochs.total)}
    )
    return epochs | dict(state.steps)


def _bar(name: str, done: int, total: int) -> str:
    label = escape(name, quote=True)
    return (
        "<div style='display:flex;align-items:center;gap:.6em;flex-wrap:wrap'>"
        f"<progress value='{done}' max='{max(total, 1)}' aria-label='{label}' style='flex:1 1 12em;min-width:8em'>"
        f"</progress><span style='{_DIGITS}'>{label} {done}/{total}</span></div>"
    )


def _epoch_details(state: ProgressState) -> list[str]:
    """Return losses, replicas and time left of a training; at its end its epochs, losses and replicas."""
    epochs = state.epochs
    if epochs is None:
        return []
    losses = [f"{name} loss {value:.4g}" if math.isfinite(value) else f"{name} loss -"
              for name, value in epochs.losses.items()]  # fmt: skip
    if state.state != "running" or epochs.finished:
        return [f"{epochs.done} of {epochs.total} epochs", *losses, f"{epochs.replicas} replicas"]
    left = [] if epochs.seconds_left is None else [f"{format_seconds(epochs.seconds_left)} left"]
    return [*losses, f"{epochs.active} of {epochs.replicas} replicas train", *left]


def _message(text: str) -> str:
    return f"<div style='{_FAINT}'>{escape(text)}</div>"
