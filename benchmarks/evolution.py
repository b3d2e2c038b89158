"""Time and memory from a fit folder to its LHAPDF set, with an empty cache of operators and with a full one.

``python benchmarks/evolution.py FOLDER [--repeat 3]``. Each row is a process of its own, so that its memory is that of
the evolution alone; the cache and the sets lie in a temporary folder. The operators are built once, whatever the number
of replicas.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from n3fit.results.reader import read_fit_folder
from n3fit.storage import CACHE_VARIABLE


def evolve_once(folder: Path, output: Path) -> dict[str, float]:
    """Evolve in this process; give seconds and MB."""
    started, processor = time.perf_counter(), time.process_time()
    from n3fit.results.evolve import evolve_fit

    evolve_fit(folder, name="benchmark", output=output, members="finite", force=True)
    return {
        "wall": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "replicas": float(len(read_fit_folder(folder).replicas)),
    }


def measure(folder: Path, work: Path) -> dict[str, float]:
    """Evolve in a process of its own, with the cache in ``work``."""
    environment = os.environ | {CACHE_VARIABLE: str(work / "cache")}
    command = [sys.executable, __file__, str(folder), "--into", str(work / "sets")]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3, help="how often with a full cache")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.into is not None:
        print(json.dumps(evolve_once(arguments.folder, arguments.into)))
        return
    with tempfile.TemporaryDirectory() as work:
        cold = measure(arguments.folder, Path(work))
        warm = [measure(arguments.folder, Path(work)) for _ in range(arguments.repeat)]
    rows = {"operators computed": cold}
    rows["operators from the cache"] = {key: median(run[key] for run in warm) for key in cold}
    print(f"{cold['replicas']:.0f} replicas{'wall [s]':>24}{'processor [s]':>16}{'memory [MB]':>14}")
    for name, row in rows.items():
        print(f"{name:<26}{row['wall']:>10.1f}{row['processor']:>16.1f}{row['memory']:>14.0f}")


if __name__ == "__main__":
    main()
