"""Memory of many fits in one process, and of one fit of many replicas.

``python benchmarks/leaks.py [--fits 20] [--replicas 10] [--large 1000]``. The fits differ in their seeds and write
their folders; after each stands the resident memory of the process and the number of Python's objects. The slope is
that of a line through the later half, where everything that is kept once is there. Then a fit of ``--large`` replicas
of the embedded runcard is a process of its own, for its peak memory. The exit code is 1 where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cards import copy_with
from fits import CACHE_VARIABLE
from processes import memory_mb, run_process
from records import format_table

from n3fit import api

ROOT = Path(__file__).parent.parent
RUNCARD = ROOT / "runcards" / "dis.yml"


def repeat_fits(fits: int, replicas: int, datasets: int, epochs: int, work: Path) -> Iterator[tuple[float, int]]:
    """Fit again and again in this process; yield the resident memory in MB and the number of objects after each."""
    for number in range(1, fits + 1):
        card = copy_with(RUNCARD, work, epochs=epochs, datasets=datasets, seed=number)
        api.fit(card, replicas=range(1, replicas + 1), output=work / "fit", force=True)
        gc.collect()
        yield memory_mb(os.getpid())[0], len(gc.get_objects())


def slope(values: list[float]) -> float:
    """Return the growth from one value to the next, by a line through the later half of them."""
    later = values[len(values) // 2 :]
    return float(np.polyfit(range(len(later)), later, 1)[0]) if len(later) > 1 else 0.0


def peak_of_large_fit(replicas: int, work: Path) -> float:
    """Return the peak memory in MB of a fit of many replicas, as a process of its own."""
    card = copy_with(RUNCARD, work, epochs=200)
    command = [sys.executable, "-m", "n3fit", "fit", card, "-r", f"1-{replicas}", "-o", work / "large", "--json"]
    finished = run_process(command, timeout=3600)
    if finished.code != 0:
        raise SystemExit(f"the fit of {replicas} replicas failed: {finished.killed or finished.errors}")
    return finished.peak_mb


def main() -> int:
    """Print the tables and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fits", type=int, default=20)
    parser.add_argument("--replicas", type=int, default=10)
    parser.add_argument("--datasets", type=int, default=2, help="the first so many of the embedded runcard")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--large", type=int, default=1000, help="replicas of the large fit, 0 for none")
    parser.add_argument("--slope-limit", type=float, default=1.0, help="MB a fit")
    parser.add_argument("--peak-limit", type=float, default=2000.0, help="MB, of the large fit")
    arguments = parser.parse_args()
    exceeded = False
    with tempfile.TemporaryDirectory(prefix="bench-leaks-") as folder:
        work = Path(folder)
        os.environ[CACHE_VARIABLE] = str(work / "cache")
        memories: list[float] = []
        rows: list[list[str]] = []
        for memory, objects in repeat_fits(
            arguments.fits, arguments.replicas, arguments.datasets, arguments.epochs, work
        ):
            memories.append(memory)
            rows.append([str(len(memories)), f"{memory:.1f}", str(objects)])
            print(f"fit {len(memories)}: {memory:.1f} MB", file=sys.stderr, flush=True)
        print(format_table(("fit", "resident [MB]", "objects"), rows))
        growth = slope(memories)
        print(f"slope of the later half: {growth:.2f} MB a fit (limit {arguments.slope_limit})")
        exceeded |= growth > arguments.slope_limit
        if arguments.large:
            peak = peak_of_large_fit(arguments.large, work)
            print(f"peak of {arguments.large} replicas: {peak:.0f} MB (limit {arguments.peak_limit:.0f})")
            exceeded |= peak > arguments.peak_limit
    return int(exceeded)


if __name__ == "__main__":
    sys.exit(main())
