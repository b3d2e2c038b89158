"""Where the time of an epoch goes, by class of operation, in the compiled program of JAX on one core.

``python benchmarks/epoch_profile.py [RUNCARD] [--replicas 100] [--epochs 20] [--theory-path FOLDER] [--pdf-path
FOLDER] [--operations N]``. The program is traced by the profiler of JAX while it trains; on one core operations follow
each other, so that their times add up to that of the epoch. Beside each class stands what it would take at the limit:
products at the rate of numpy's product of 3000 x 400 by 400 x 100, everything else at the rate at which numpy copies
arrays of its size. ``--operations N`` lists the N longest operations too.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import product_ms, product_rate
from program_text import Operation, read_operations

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis.yml"
EPOCHS = 200
"""Trained before the epochs that are traced."""

CLASSES = (
    ("theory, products forward", r"/jvp\((linear_rows|nonlinear_rows|sums_of_squares)[^)]*\)/dot_general"),
    ("theory, products backward", r"transpose\(jvp\((linear_rows|nonlinear_rows|sums_of_squares)[^)]*\)\)/dot_general"),
    ("network, products", r"all_NNs/.*(rfn,rfg->rgn|fn,rfg->rgn)"),
    ("tanh", r"tanh"),
    ("preprocessing: powers", r"preprocessing_factor"),
    ("network, other", r"all_NNs"),
    ("chi2", r"modes|residuals|point_split"),
    ("sum rules and rotations", r"sum_rules|to_evolution_basis|pdf_on_"),
    ("positivity, integrability", r"positivity|integrability"),
    ("theory, slices and sums", r"rows|sums_of_squares"),
    ("copies and transposes", r"copy|transpose|concatenate|slice|pad"),
    ("optimiser, stopping, choice of replicas", r"."),
)
"""Classes, and patterns of the paths of their operations in the program, of which the first counts."""


@dataclass(frozen=True)
class Profile:
    """Times of an epoch.

    Parameters
    ----------
    epoch_ms : float
        From the time of the traced epochs on the clock.
    seconds : mapping of str to float
        Time of each operation in all traced epochs together.
    operations : mapping of str to Operation
    epochs : int
    """

    epoch_ms: float
    seconds: dict[str, float]
    operations: dict[str, Operation]
    epochs: int


def profile_epochs(arguments: argparse.Namespace) -> Profile:
    """Train on one core, and trace some epochs after the first ones."""
    from n3fit.backends import set_initial_state

    set_initial_state(max_cores=1)
    loop = _start_training(arguments)
    recorded: list[Any] = []
    program = loop._program

    def record(*values: Any) -> Any:
        recorded[:] = values
        return program(*values)

    loop._program = record
    loop.run(0, arguments.epochs)
    loop._program = program.lower(*recorded).compile()
    loop.run(arguments.epochs, arguments.epochs)
    seconds, wall = _trace(lambda: loop.run(2 * arguments.epochs, arguments.epochs))
    operations = read_operations(loop._program.as_text())
    return Profile(1e3 * wall / arguments.epochs, seconds, operations, arguments.epochs)


def _start_training(arguments: argparse.Namespace) -> Any:
    """Build the models of a runcard, and return the loop of their training before its first epoch."""
    from n3fit.fit.inputs import load_inputs
    from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.fit.settings import fit_settings
    from n3fit.paths import SearchPaths
    from n3fit.progress import NullReporter
    from n3fit.runcard import read_runcard
    from n3fit.training.batch import Batch, Training
    from n3fit.training.stopping import StoppingRules
    from n3fit.training.trainer import compaction_rule

    runcard = read_runcard(arguments.runcard)
    epochs = {"epochs": EPOCHS, "stopping_patience": 1.0}
    runcard = runcard.model_copy(update={"parameters": runcard.parameters.model_copy(update=epochs)})
    paths = SearchPaths.of(arguments.theory_path, arguments.pdf_path)
    inputs = load_inputs(runcard, paths, progress=NullReporter())
    settings, architecture = fit_settings(runcard), make_architecture(runcard, inputs)
    numbers = list(range(1, arguments.replicas + 1))
    problem = make_problem(settings, inputs, numbers, make_pseudodata(settings, inputs, numbers))
    stopping = settings.training.stopping
    training = Training(
        settings=settings.training,
        architecture=architecture,
        problem=problem,
        replicas=tuple(numbers),
        rules=StoppingRules(problem.training_points, problem.validation_points, stopping),
        compaction=compaction_rule(settings.training, architecture, problem),
        initial_weights=None,
    )
    batch = Batch(training, None, lambda slots, summary: None)
    batch.train([])
    return batch.model._loop


def _trace(run: Any) -> tuple[dict[str, float], float]:
    """Return the seconds of each operation while a function runs, and those of the function on the clock."""
    import jax

    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        jax.profiler.start_trace(folder, profiler_options=options)
        started = time.perf_counter()
        run()
        wall = time.perf_counter() - started
        jax.profiler.stop_trace()
        (path,) = Path(folder).rglob("*.xplane.pb")
        for plane in jax.profiler.ProfileData.from_file(str(path)).planes:
            for line in plane.lines:
                for event in line.events:
                    name = dict(event.stats).get("hlo_op")
                    if name is not None and not str(name).startswith("while"):
                        seconds[str(name)] += 1e-9 * event.duration_ns
    return dict(seconds), wall


def copy_rate(size: int = 100_000, repeat: int = 2000) -> float:
    """Return the bytes per second, read and written, at which numpy copies float32 arrays of the size of residuals."""
    import numpy as np

    source, target = np.ones(size, np.float32), np.empty(size, np.float32)
    best = math.inf
    for _ in range(repeat):
        started = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - started)
    return 2 * source.nbytes / best


def class_of(operation: Operation) -> str:
    """Return the class of an operation."""
    return next(name for name, pattern in CLASSES if re.search(pattern, operation.path or operation.name))


def print_profile(profile: Profile, products: float, copies: float, longest: int) -> None:
    """Print the table of classes, and the longest operations."""
    times: Counter[str] = Counter()
    limits: Counter[str] = Counter()
    work: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    rows = []
    for name, seconds in profile.seconds.items():
        operation = profile.operations.get(name, Operation(name, "", 0, 0))
        kind, milliseconds = class_of(operation), 1e3 * seconds / profile.epochs
        limit = 1e3 * max(operation.flops / products, operation.bytes / copies)
        times[kind] += milliseconds
        limits[kind] += limit
        work[kind] += operation.flops
        numbers[kind] += 1
        rows.append((milliseconds, limit, operation, kind))
    total = sum(times.values())
    print(f"{'class':42s}{'number':>8s}{'ms':>9s}{'share':>8s}{'GFLOP/s':>9s}{'limit, ms':>11s}")
    for kind, milliseconds in times.most_common():
        rate = f"{1e-6 * work[kind] / milliseconds:9.0f}" if work[kind] else " " * 9
        share = f"{milliseconds / total:8.1%}"
        print(f"{kind:42s}{numbers[kind]:8d}{milliseconds:9.3f}{share}{rate}{limits[kind]:11.3f}")
    print(f"{'all operations':42s}{sum(numbers.values()):8d}{total:9.3f}{'':17s}{sum(limits.values()):11.3f}")
    print(f"{'between operations':50s}{profile.epoch_ms - total:9.3f}")
    print(f"{'the epoch, one core':50s}{profile.epoch_ms:9.3f}")
    print(f"limits: products {1e-9 * products:.0f} GFLOP/s, copies {1e-9 * copies:.0f} GB/s")
    for milliseconds, limit, operation, kind in sorted(rows, key=lambda row: -row[0])[:longest]:
        print(f"{milliseconds:9.4f}{limit:9.4f}  {kind:40s}  {operation.name:28s}  {operation.path}")


def main() -> None:
    """Profile and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runcard", type=Path, nargs="?", default=RUNCARD)
    parser.add_argument("--replicas", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--theory-path", type=Path)
    parser.add_argument("--pdf-path", type=Path)
    parser.add_argument("--operations", type=int, default=0, help="number of longest operations to list")
    arguments = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "jax")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        products, copies = product_rate(product_ms()), copy_rate()
    print_profile(profile_epochs(arguments), products, copies, arguments.operations)


if __name__ == "__main__":
    main()
