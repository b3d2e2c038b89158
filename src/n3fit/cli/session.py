"""The state of one run of the command, and JSON output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, TextIO


@dataclass
class Session:
    """The state of one run of the command: its output format, and the progress of its work.

    Attributes
    ----------
    json : bool
        Print one JSON object per line on the standard output.
    debug : bool
        Print tracebacks.
    doing : str
        The current phase, with the epoch while training.
    finished : list of str
        Phases that are done.
    interruption : str
        Description of the first interruption.
    """

    json: bool = False
    debug: bool = False
    doing: str = ""
    finished: list[str] = field(default_factory=list)
    interruption: str = ""

    def configure(self, *, json: bool, debug: bool) -> None:
        """Set the options of a command; debugging that is on already stays on."""
        self.json = json
        self.debug = self.debug or debug

    def begin(self, phase: str) -> None:
        """Record that ``phase`` begins and that the previous one is finished."""
        before = self.doing.partition(",")[0]
        if before and before not in self.finished:
            self.finished.append(before)
        self.doing = phase

    def note_interruption(self) -> None:
        """Record the progress at this moment: the work may continue to a safe point afterwards."""
        self.interruption = self.interruption or self.describe_interruption()

    def describe_interruption(self) -> str:
        """Return where the work was interrupted and which phases were finished before."""
        if self.interruption:
            return self.interruption
        where = f"while {self.doing}" if self.doing else "before the work began"
        done = f"finished before: {', '.join(self.finished)}" if self.finished else "nothing was finished before"
        return f"interrupted {where}; {done}; files written so far are complete"


def emit_json(event: str, content: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """Print one JSON object on one line; numbers that are not finite become null."""
    line = json.dumps({"event": event, **to_plain(dict(content))}, allow_nan=False)
    print(line, file=stream if stream is not None else sys.stdout, flush=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on one line, without an event; numbers that are not finite become null."""
    print(json.dumps(to_plain(value), allow_nan=False), flush=True)


def to_plain(value: Any) -> Any:
    """Return a value as JSON types: dataclasses as objects, paths as text, nan and infinity as None.

    >>> to_plain({"folder": Path("fits/a"), "chi2": float("nan"), "replicas": range(1, 4)})
    {'folder': 'fits/a', 'chi2': None, 'replicas': [1, 2, 3]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return to_plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | range):
        return [to_plain(entry) for entry in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy
        return to_plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise TypeError(f"expected a value that JSON can represent, received {type(value).__name__}")
