"""Where the time goes before the first epochs: each stage with an empty cache and with a full one.

``python benchmarks/start_up.py [RUNCARD] [--theory-path FOLDER] [--pdf-path FOLDER] [--replicas 1 100]``. Each column
is a process of its own; the cache lies in a temporary folder. Times are those of the wall and, in brackets, of the
processor, in seconds.
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

from n3fit.storage import CACHE_VARIABLE

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis.yml"
EPOCHS = 100


class Stages:
    """Wall and processor time of one stage after the other."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []
        self._last = time.perf_counter(), time.process_time()

    def end(self, name: str) -> None:
        """Note the time since the last stage ended."""
        now = time.perf_counter(), time.process_time()
        self.rows.append((name, now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now


def measure(runcard_path: Path, theory_path: Path | None, pdf_path: Path | None, replicas: int) -> Stages:
    """Go through the stages of a fit in this process."""
    stages = Stages()
    from n3fit.progress import NullReporter
    from n3fit.runcard import read_runcard

    runcard = read_runcard(runcard_path)
    parameters = runcard.parameters.model_copy(update={"epochs": EPOCHS, "stopping_patience": 1.0})
    runcard = runcard.model_copy(update={"parameters": parameters})
    stages.end("runcard")
    from n3fit.fit.inputs import load_inputs
    from n3fit.paths import SearchPaths

    inputs = load_inputs(runcard, SearchPaths.of(theory_path, pdf_path), progress=NullReporter())
    stages.end("data and theory")
    from n3fit.backends import set_compilation_cache, set_initial_state
    from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.fit.settings import fit_settings
    from n3fit.training.trainer import train_replicas

    set_initial_state(max_cores=runcard.maxcores)
    set_compilation_cache()
    stages.end("import of Keras")
    numbers = list(range(1, replicas + 1))
    settings = fit_settings(runcard)
    pseudodata = make_pseudodata(settings, inputs, numbers)
    stages.end("pseudodata")
    problem = make_problem(settings, inputs, numbers, pseudodata)
    stages.end("folding and split")
    architecture = make_architecture(runcard, inputs)
    train_replicas(settings.training, architecture, problem, numbers, progress=NullReporter())
    stages.end(f"models, compilation, {EPOCHS} epochs")
    return stages


def run(arguments: argparse.Namespace, replicas: int, cache: Path) -> dict[str, object]:
    """Measure in a new process with a cache folder."""
    command = [sys.executable, __file__, str(arguments.runcard), "--one", str(replicas)]
    for option, value in (("--theory-path", arguments.theory_path), ("--pdf-path", arguments.pdf_path)):
        command += [option, str(value)] if value is not None else []
    environment = os.environ | {CACHE_VARIABLE: str(cache)}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    result: dict[str, object] = json.loads(output.splitlines()[-1])
    return result


def print_table(columns: dict[str, dict[str, object]]) -> None:
    """Print one row a stage, one column a process."""
    print(f"{'stage':36s}" + "".join(f"{title:>22s}" for title in columns))
    tables = [list(column["rows"]) for column in columns.values()]  # type: ignore[call-overload]
    for rows in zip(*tables, strict=True):
        print(f"{rows[0][0]:36s}" + "".join(f"{wall:13.1f} ({cpu:6.1f})" for _, wall, cpu in rows))
    sums = [(sum(row[1] for row in rows), sum(row[2] for row in rows)) for rows in tables]
    print(f"{'all':36s}" + "".join(f"{wall:13.1f} ({cpu:6.1f})" for wall, cpu in sums))
    print(f"{'memory [MB]':36s}" + "".join(f"{column['memory_mb']:22.0f}" for column in columns.values()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runcard", type=Path, nargs="?", default=RUNCARD)
    parser.add_argument("--theory-path", type=Path)
    parser.add_argument("--pdf-path", type=Path)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        stages = measure(arguments.runcard, arguments.theory_path, arguments.pdf_path, arguments.one)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rows": stages.rows, "memory_mb": memory}))
        return
    with tempfile.TemporaryDirectory() as folder:
        columns = {}
        for replicas in arguments.replicas:
            cache = Path(folder) / str(replicas)
            columns[f"{replicas} cold"] = run(arguments, replicas, cache)
            columns[f"{replicas} warm"] = run(arguments, replicas, cache)
        print_table(columns)


if __name__ == "__main__":
    main()
