"""Time per epoch, start-up and memory of the embedded deep-inelastic fit for several numbers of replicas.

Each line runs in a process of its own. The rate of a single-precision matrix product is measured in the same run,
so that machines can be compared: the last column is the time of an epoch in products of 3000 x 400 by 400 x 100.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis.yml"
CHUNK = 100


def matrix_product_ms() -> float:
    """Median time of one product of 3000 x 400 by 400 x 100 in single precision, in ms."""
    left, right = np.ones((3000, 400), dtype=np.float32), np.ones((400, 100), dtype=np.float32)
    times = []
    for _ in range(50):
        started = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - started)
    return 1e3 * statistics.median(times)


def measure(replicas: int, epochs: int) -> dict[str, float]:
    """Train some epochs in this process and time the chunks after the first."""
    started = time.perf_counter()
    from n3fit.backends import set_initial_state
    from n3fit.progress import Silence
    from n3fit.runcard import read_runcard
    from n3fit.training.inputs import load_inputs
    from n3fit.training.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.training.trainer import train_replicas

    ends: list[float] = []

    class Clock(Silence):
        def epoch(self, *_: object) -> None:
            ends.append(time.perf_counter())

    runcard = read_runcard(RUNCARD)
    parameters = runcard.parameters.model_copy(update={"epochs": epochs, "stopping_patience": 1.0})
    runcard = runcard.model_copy(update={"parameters": parameters})
    inputs = load_inputs(runcard, progress=Silence())
    numbers = list(range(1, replicas + 1))
    set_initial_state(max_cores=runcard.maxcores)
    problem = make_problem(runcard, inputs, numbers, make_pseudodata(runcard, inputs, numbers))
    prepared = time.perf_counter()
    train_replicas(runcard, make_architecture(runcard, inputs), problem, numbers, progress=Clock())
    chunks = np.diff(ends) / CHUNK
    return {
        "replicas": replicas,
        "prepare_s": prepared - started,
        "first_chunk_s": ends[0] - prepared,
        "epoch_ms": 1e3 * float(np.median(chunks)),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "product_ms": matrix_product_ms(),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 10, 20, 100])
    parser.add_argument("--epochs", type=int, default=800)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure(arguments.one, arguments.epochs)))
        return
    print("replicas  prepare [s]  first 100 epochs [s]  epoch [ms]  per replica [ms]  memory [MB]  epoch [products]")
    for replicas in arguments.replicas:
        command = [sys.executable, __file__, "--one", str(replicas), "--epochs", str(arguments.epochs)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        print(
            f"{replicas:8d}  {row['prepare_s']:11.1f}  {row['first_chunk_s']:20.1f}  {row['epoch_ms']:10.2f}"
            f"  {row['epoch_ms'] / replicas:16.3f}  {row['memory_mb']:11.0f}"
            f"  {row['epoch_ms'] / row['product_ms']:16.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
