"""Small fits for the scripts of this folder, and the commands that run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from cards import copy_with

ROOT = Path(__file__).parents[2]
RUNCARD = ROOT / "runcards" / "dis.yml"
CACHE_VARIABLE = "N3FIT_CACHE_DIR"


def write_card(folder: Path, name: str, *, epochs: int, datasets: int = 2, deterministic: bool) -> Path:
    """Write a runcard with the first data sets of the embedded one, which trains all its epochs."""
    card = copy_with(RUNCARD, folder, epochs=epochs, datasets=datasets)
    text = card.read_text(encoding="utf-8") + f"\ndebug: {'true' if deterministic else 'false'}\n"
    path = card.rename(folder / f"{name}.yml")
    path.write_text(text, encoding="utf-8")
    return path


def n3fit(*words: str | Path) -> list[str]:
    """Return the command line of ``n3fit`` with this interpreter."""
    return [sys.executable, "-m", "n3fit", *map(str, words)]


def start(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, output: Path | None = None
) -> subprocess.Popen[str]:
    """Start a command that notices SIGINT, even where this process was started to ignore it.

    Its standard output is a pipe, its standard error output goes to the file ``output`` or nowhere.
    """
    _notice_interruptions()
    with (output or Path(os.devnull)).open("a", encoding="utf-8") as errors:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | dict(environment or {}),
        )


def _notice_interruptions() -> None:
    """Set a handler of SIGINT if it is ignored, which processes that are started would inherit."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
