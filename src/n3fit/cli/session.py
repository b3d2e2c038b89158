"""What one run of the command remembers: how it prints, and how far the work has come."""

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
    """The state of one run of the command.

    Attributes
    ----------
    json : bool
        Print one JSON object per line on the standard output.
    debug : bool
        Show tracebacks.
    doing : str
        What the work is doing, for the line after an interruption.
    finished : list of str
        Stages that are done.
    interruption : str
        Where the work was when it was interrupted.
    """

    json: bool = False
    debug: bool = False
    doing: str = ""
    finished: list[str] = field(default_factory=list)
    interruption: str = ""

    def configure(self, *, json: bool, debug: bool) -> None:
        """Take over the options of a command; debugging may be on already."""
        self.json = json
        self.debug = self.debug or debug

    def begin(self, stage: str) -> None:
        """Note that ``stage`` begins and that the one before it is finished."""
        before = self.doing.partition(",")[0]
        if before and before not in self.finished:
            self.finished.append(before)
        self.doing = stage

    def note_interruption(self) -> None:
        """Remember where the work is now: what is finished may still be saved after that."""
        self.interruption = self.interruption or self.describe_interruption()

    def describe_interruption(self) -> str:
        """Tell where the work was interrupted and what was finished before."""
        if self.interruption:
            return self.interruption
        where = f"while {self.doing}" if self.doing else "before the work began"
        done = f"finished before: {', '.join(self.finished)}" if self.finished else "nothing was finished before"
        return f"interrupted {where}; {done}; what was written is whole"


def emit_json(event: str, content: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """Print one JSON object on one line; numbers that are not finite become null."""
    line = json.dumps({"event": event, **to_plain(dict(content))}, allow_nan=False)
    print(line, file=stream if stream is not None else sys.stdout, flush=True)


def to_plain(value: Any) -> Any:
    """Give what JSON can hold: dataclasses as objects, paths and the like as text, nan and inf as None."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(entry) for entry in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy
        return to_plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise TypeError(f"no JSON for {type(value).__name__}")
