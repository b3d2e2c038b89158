"""What checkpoints cost: fits with and without them, in alternation.

``python benchmarks/checkpoints.py [--replicas 1 100 1000] [--rounds 3] [--full 17000]``. A checkpoint after every
chunk of epochs, of which there are many, shows the cost of one: the median time of a chunk with it less that of a chunk
without. The default interval is at least half a minute and two hundred times this cost, so that the share follows. Then
a fit of full length with the default interval is compared with one without checkpoints, directly (``--full 0`` leaves
this out). All fits are of the embedded runcard and processes of their own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from cards import copy_with
from fits import CACHE_VARIABLE, NO_BYTECODE, FitError
from processes import Finished, run_process
from records import format_table, log, number

from n3fit.fit.checkpoints import COST, SHORTEST_INTERVAL

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis.yml"
NEVER = "1e6"
EVERY_CHUNK = "0"


def fit(card: Path, replicas: int, work: Path, minutes: str | None) -> Finished:
    """Fit in a process of its own; ``minutes`` between checkpoints, None for the default."""
    command: list[str | Path] = [sys.executable, "-m", "n3fit", "fit", card, "-r", f"1-{replicas}", "-o", work / "fit"]
    command += ["--json", "--force", *([] if minutes is None else ["--checkpoint", minutes])]
    finished = run_process(command, environment={CACHE_VARIABLE: str(work / "cache"), NO_BYTECODE: ""})
    if finished.code != 0:
        raise FitError(f"{replicas} replicas: exit code {finished.code}: {finished.errors[-500:]}")
    return finished


def epochs_of(finished: Finished) -> list[tuple[float, int]]:
    """Return when the chunks of epochs ended, and with which epoch."""
    events = ((when, json.loads(line)) for when, line in finished.lines)
    return [(when, int(event["epoch"])) for when, event in events if event["event"] == "epoch"]


def chunks(finished: Finished) -> list[float]:
    """Return the seconds of each chunk of epochs but the first, which has the compilation."""
    return [later - sooner for (sooner, _), (later, _) in pairwise(epochs_of(finished))]


def cost_row(replicas: int, without: Sequence[float], with_one: Sequence[float]) -> list[str]:
    """Return the row of a table: the cost of a checkpoint, and its share at the default interval."""
    plain, forced = statistics.median(without), statistics.median(with_one)
    cost = max(0.0, forced - plain)
    share = cost / max(SHORTEST_INTERVAL, COST * cost)
    times = [number(1e3 * plain), number(1e3 * forced), number(1e3 * cost)]
    return [str(replicas), *times, f"{forced / plain:.3f}", f"{100 * share:.3f} %"]


def measure_cost(replicas: int, epochs: int, rounds: int, work: Path) -> list[str]:
    """Return the row for a number of replicas."""
    card = copy_with(RUNCARD, work, epochs=epochs)
    times: dict[str, list[float]] = {NEVER: [], EVERY_CHUNK: []}
    fit(card, replicas, work, NEVER)  # fills the cache
    for round_number in range(rounds):
        for minutes in (NEVER, EVERY_CHUNK) if round_number % 2 == 0 else (EVERY_CHUNK, NEVER):
            times[minutes] += chunks(fit(card, replicas, work, minutes))
        log(f"{replicas} replicas, round {round_number + 1} of {rounds}")
    return cost_row(replicas, times[NEVER], times[EVERY_CHUNK])


def measure_full(replicas: int, epochs: int, rounds: int, work: Path) -> Iterator[tuple[float, float]]:
    """Yield the seconds of all epochs without checkpoints and with the default interval, in alternation."""
    card = copy_with(RUNCARD, work, epochs=epochs)
    for round_number in range(rounds):
        seconds = {}
        for minutes in (NEVER, None) if round_number % 2 == 0 else (None, NEVER):
            seconds[minutes] = sum(chunks(fit(card, replicas, work, minutes)))
        log(f"{seconds[NEVER]:.1f} s without, {seconds[None]:.1f} s with the default")
        yield seconds[NEVER], seconds[None]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--epochs", type=int, default=2000, help="of the fits with a checkpoint after every chunk")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--full", type=int, default=17000, metavar="EPOCHS", help="of the fits with the default")
    parser.add_argument("--full-replicas", type=int, default=100)
    parser.add_argument("--full-rounds", type=int, default=2)
    arguments = parser.parse_args()
    header = ("replicas", "chunk [ms]", "with checkpoint [ms]", "checkpoint [ms]", "ratio", "share at default")
    with tempfile.TemporaryDirectory(prefix="bench-checkpoints-") as folder:
        work = Path(folder)
        epochs = [arguments.epochs if count < 1000 else arguments.epochs // 2 for count in arguments.replicas]
        pairs = zip(arguments.replicas, epochs, strict=True)
        rows = [measure_cost(replicas, length, arguments.rounds, work) for replicas, length in pairs]
        print(format_table(header, rows), flush=True)
        if arguments.full:
            measured = [*measure_full(arguments.full_replicas, arguments.full, arguments.full_rounds, work)]
            ratio = statistics.median(default / without for without, default in measured)
            print(f"{arguments.full_replicas} replicas, {arguments.full} epochs: ratio at the default {ratio:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
