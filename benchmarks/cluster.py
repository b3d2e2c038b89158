"""What workers of dask cost: the same small fit in one process and on one worker, in alternation.

``python benchmarks/cluster.py [RUNCARD] [--replicas 10] [--epochs 200] [--rounds 3] [--theory-path FOLDER]
[--pdf-path FOLDER]``. Each fit is a process of its own; both share one cache, which a first fit has filled. Times are
those of the wall and, in brackets, of the processor with all child processes, in seconds; the last row is the
difference of the shortest. On a machine that is busy only the times of the processor have a meaning.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cards import copy_with_epochs

from n3fit.storage import CACHE_VARIABLE

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis.yml"
WAYS = {"one process": (), "one worker": ("--workers", "1")}


def fit(words: Sequence[str], folder: Path, cache: Path) -> tuple[float, float]:
    """Run a fit; return its wall time and the processor time of it and of its children, in seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "n3fit", "fit", *words, "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, CACHE_VARIABLE: str(cache)})
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - started
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runcard", nargs="?", type=Path, default=RUNCARD)
    parser.add_argument("--replicas", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--theory-path")
    parser.add_argument("--pdf-path")
    arguments = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        words = [str(copy_with_epochs(arguments.runcard, root / "card", arguments.epochs))]
        words += ["-r", f"1-{arguments.replicas}"]
        for option in ("theory_path", "pdf_path"):
            value = getattr(arguments, option)
            words += [] if value is None else [f"--{option.replace('_', '-')}", value]
        fit(words, root / "first", root / "cache")
        for number in range(arguments.rounds):
            for way, options in WAYS.items():
                times[way].append(fit([*words, *options], root / f"{way} {number}".replace(" ", "-"), root / "cache"))
    print(
        f"{arguments.runcard.name}, {arguments.replicas} replicas, {arguments.epochs} epochs, seconds wall (processor)"
    )
    best = {way: tuple(min(column) for column in zip(*rows, strict=True)) for way, rows in times.items()}
    for way, rows in times.items():
        print(f"{way:12}", *(f"{wall:7.1f} ({processor:.1f})" for wall, processor in rows))
    alone, worker = best.values()
    print(f"{'difference':12} {worker[0] - alone[0]:7.1f} ({worker[1] - alone[1]:.1f})")


if __name__ == "__main__":
    main()
