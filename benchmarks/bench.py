"""How fast n3fit fits: replicas, backends, data points and networks, on the embedded data.

``python benchmarks/bench.py [TABLE ...] [--json] [--theories FOLDER --pdfs FOLDER --cards FOLDER]``. Every fit is a
process of its own, ``n3fit fit`` with an empty cache and then with a full one; times are medians. The rate of a
single-precision matrix product is measured beside every fit: an epoch is given in products of 3000 x 400 by 400 x 100
too, and as a share of the arithmetic that the machine could do in the same time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cards import copy_with
from command_tables import command_table
from commands import measure_commands, read_arguments
from fits import FitError, measure_fit, theory_options
from machine import describe_machine, product_ms
from records import Record, append_record, log, now
from render import fit_table

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
EMBEDDED = ROOT / "runcards" / "dis.yml"
RESULTS = Path(__file__).parent / "results" / "bench.jsonl"
REPLICAS = (1, 10, 100, 500)
ENVIRONMENTS = {"jax": ".venv", "tensorflow": ".venv-tensorflow", "torch": ".venv-torch"}
FULL_LENGTH = 17000


@dataclass(frozen=True)
class Job:
    """One fit to be measured: a row of a table."""

    label: str
    replicas: int
    runcard: Path = EMBEDDED
    epochs: int = 600
    backend: str = "jax"
    datasets: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    caches: tuple[str, ...] = ("cold", "warm")


def replicas_and_backends() -> Iterator[Job]:
    """Replicas on each backend; those beside JAX compute slower, so that fewer epochs do."""
    for backend in ENVIRONMENTS:
        for replicas in REPLICAS:
            epochs = 600 if backend == "jax" else 300
            yield Job(f"{backend}, {count(replicas, 'replica')}", replicas, backend=backend, epochs=epochs)


def data_points() -> Iterator[Job]:
    """Return the first data sets of the embedded runcard, 100 replicas."""
    for datasets in (1, 3, 6, 9, 13):
        yield Job(count(datasets, "data set"), 100, datasets=datasets)


def networks() -> Iterator[Job]:
    """Larger networks, and one for each flavour; the number of flavours itself is fixed by the fitting basis."""
    for nodes in ((15, 10, 8), (25, 20, 8), (50, 40, 8), (100, 80, 8)):
        yield Job(f"nodes {'-'.join(map(str, nodes))}", 100, parameters={"nodes_per_layer": list(nodes)})
    yield Job("a network per flavour", 100, parameters={"layer_type": "dense_per_flavour"})


def full_length(arguments: argparse.Namespace) -> Iterator[Job]:
    """Return the job of a complete fit of 100 replicas, which takes minutes."""
    if None in (arguments.theories, arguments.cards):
        runcard, options = EMBEDDED, ()
    else:
        runcard, options = arguments.cards / "dis_400.yml", tuple(theory_options(arguments.theories, arguments.pdfs))
    label = f"{runcard.stem.partition('_')[0]}, 100 replicas, {FULL_LENGTH} epochs"
    yield Job(label, 100, runcard, FULL_LENGTH, options=options, caches=("cold",))


def larger_theory(arguments: argparse.Namespace) -> Iterator[Job]:
    """Cards with a theory that does not come with n3fit."""
    options = tuple(theory_options(arguments.theories, arguments.pdfs))
    for card in ("dis", "dis-frac", "hadronic"):
        for replicas in REPLICAS if card == "dis" else (1, 100):
            runcard = arguments.cards / f"{card}_400.yml"
            yield Job(f"{card}, {count(replicas, 'replica')}", replicas, runcard=runcard, options=options)


class Bench:
    """Measures jobs and writes each down at once."""

    def __init__(self, results: Path, rounds: int) -> None:
        self.results = results
        self.rounds = rounds
        self.run = now()
        self._operations: dict[str, dict[str, int]] = {}
        append_record(results, {"run": self.run, "kind": "machine", **describe_machine()})

    def table(self, title: str, jobs: Iterator[Job]) -> list[Record]:
        """Measure the jobs of one table."""
        records: list[Record] = []
        for job in jobs:
            for record in self._measure(job):
                records.append({"run": self.run, "time": now(), "kind": "fit", "table": title} | record)
                append_record(self.results, records[-1])
        return records

    def _measure(self, job: Job) -> Iterator[Record]:
        common: Record = {"label": job.label, "replicas": job.replicas, "backend": job.backend}
        python = find_python(job.backend)
        if python is None:
            environment = ENVIRONMENTS[job.backend]
            yield common | {"reason": f"not installed: `make {environment}/.ready` makes it"}
            return
        log(job.label)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            scratch = Path(folder)
            card = copy_with(job.runcard, scratch, epochs=job.epochs, datasets=job.datasets, parameters=job.parameters)
            counts = {name: job.replicas * count for name, count in self._count(card, job).items()}
            try:
                for round_number in range(self.rounds):
                    product = product_ms()
                    shutil.rmtree(scratch / "cache", ignore_errors=True)
                    for cache in job.caches:
                        times = measure_fit(
                            card,
                            job.replicas,
                            cache=scratch / "cache",
                            options=job.options,
                            python=python,
                            backend=job.backend,
                        )
                        more = {"cache": cache, "round": round_number, "product_ms": product}
                        yield common | more | counts | asdict(times)
            except FitError as error:
                yield common | {"reason": str(error)}

    def _count(self, card: Path, job: Job) -> dict[str, int]:
        """Count the operations of one replica, once for each way of the runcard."""
        key = f"{job.runcard} {job.datasets} {sorted(job.parameters.items())}"
        if key not in self._operations:
            command = [sys.executable, str(Path(__file__).with_name("arithmetic.py")), str(card), *job.options]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            self._operations[key] = {name: json.loads(output)[name] for name in ("operations", "whole")}
        return self._operations[key]


def count(number: int, name: str) -> str:
    """Return a number of things in words."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def find_python(backend: str) -> Path | None:
    """Return the interpreter of the environment of a backend: this one, or that which the Makefile makes."""
    if backend == "jax":
        return Path(sys.executable)
    python = ROOT / ENVIRONMENTS[backend] / "bin" / "python"
    return python if (python.parent.parent / ".ready").exists() else None


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "tables",
        nargs="*",
        metavar="TABLE",
        help="backends, points, networks, theory, commands, full; default: the first five",
    )
    parser.add_argument("--theories", type=Path, default=_existing(SHARED / "theories"), help="folder with theory 400")
    parser.add_argument("--pdfs", type=Path, default=_existing(SHARED / "peer" / "lhapdf"), help="folder of its t0 set")
    parser.add_argument(
        "--cards", type=Path, default=_existing(SHARED / "peer" / "runcards"), help="folder of its cards"
    )
    parser.add_argument("--rounds", type=int, default=1, help="fresh processes for each row, cold and warm")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines to add to")
    parser.add_argument("--json", action="store_true", help="print the records instead of tables")
    arguments = parser.parse_args()
    known = {"backends", "points", "networks", "theory", "commands", "full"}
    if not set(arguments.tables) <= known:
        parser.error(f"tables are {', '.join(sorted(known))}, received {', '.join(arguments.tables)}")
    return arguments


def main() -> int:
    """Measure and print."""
    arguments = parse()
    wanted = arguments.tables or ["backends", "points", "networks", "theory", "commands"]
    bench = Bench(arguments.results, arguments.rounds)
    has_theory = None not in (arguments.theories, arguments.pdfs, arguments.cards)
    tables = {
        "backends": ("Replicas and backends", replicas_and_backends),
        "points": ("Data points, 100 replicas", data_points),
        "networks": ("Networks, 100 replicas", networks),
        "theory": ("Larger data, theory 400", lambda: larger_theory(arguments)),
        "full": ("A fit of full length", lambda: full_length(arguments)),
    }
    for name, (title, jobs) in tables.items():
        if name not in wanted:
            continue
        if name == "theory" and not has_theory:
            log("theory 400 is not available (--theories, --pdfs, --cards): its table is omitted")
            continue
        show(title, bench.table(title, jobs()), as_json=arguments.json)
    if "commands" in wanted:
        options = ["--rounds", str(arguments.rounds)]
        records = measure_commands(read_arguments(options))
        show_text("Whole commands", records, command_table(records, markdown=False), as_json=arguments.json)
    return 0


def show(title: str, records: list[Record], *, as_json: bool) -> None:
    """Print a table of fits, or its records."""
    show_text(title, records, "" if as_json else fit_table(records, markdown=False), as_json=as_json)


def show_text(title: str, records: list[Record], table: str, *, as_json: bool) -> None:
    """Print a table that is made already, or the records."""
    if as_json:
        for record in records:
            print(json.dumps(record), flush=True)
    else:
        print(f"\n{title}\n\n{table}", flush=True)


def _existing(path: Path) -> Path | None:
    return path if path.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
