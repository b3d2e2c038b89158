"""Whether n3fit is right on a GPU, and how fast: exact products, whole commands, epochs, and the tests of what trains.

``python benchmarks/gpu.py [--backend jax] [--output FOLDER] [--budget 480] [--any-device]``. The parts come in this
order and share the seconds of ``--budget``: what does not fit any more is left out and named. Results are added at
once to ``gpu.jsonl`` in the folder, with tables in ``gpu.txt``. Without a GPU it says so and ends, unless
``--any-device`` is given. Theory 400 adds a row where it is available (``--theories``, ``--pdfs``, ``--cards``). The
exit code is 1 if a product is not exact, a fit or a test failed, or there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from cards import copy_with
from command_cases import Case, add_theory_options
from commands import CommandBench
from fits import CACHE_VARIABLE, FitError, read_times, theory_options
from gpu_tables import gpu_report
from machine import describe_machine
from processes import run_process
from pytest_runs import run_tests
from records import Record, append_record, log, now
from versions import Version, prepare_version

ROOT = Path(__file__).parent.parent
EMBEDDED = ROOT / "runcards" / "dis.yml"
PARTS = ("products", "commands", "epochs", "tests")
TESTED = ("tests/layers", "tests/model", "tests/training", "tests/backends", "tests/contract")
LEAST_SECONDS = 20.0
"""A measurement that would have less time than this is left out."""


class GpuBench:
    """The parts of one run; each takes what is left of the budget.

    Parameters
    ----------
    arguments : argparse.Namespace
    version : Version
        A copy of the sources of this tree.
    """

    def __init__(self, arguments: argparse.Namespace, version: Version) -> None:
        self.arguments = arguments
        self.version = version
        self.results: Path = arguments.output / "gpu.jsonl"
        self.run = now()
        self.records: list[Record] = []
        self._end = time.monotonic() + arguments.budget
        self.environment = {
            "KERAS_BACKEND": arguments.backend,
            CACHE_VARIABLE: str(version.cache),
            "PYTHONPATH": os.pathsep.join([str(version.sources), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        }
        self.note({"kind": "machine", "revision": version.revision, **describe_machine()})

    def left(self) -> float:
        """Return the seconds that are left of the budget."""
        return self._end - time.monotonic()

    def note(self, content: Record) -> None:
        """Keep a record and write it down."""
        self.records.append({"run": self.run, "time": now(), **content})
        append_record(self.results, self.records[-1])

    def has_time(self, what: str) -> bool:
        """Return whether there is time for a measurement; write down that it is left out if there is not."""
        if self.left() >= LEAST_SECONDS:
            return True
        log(f"left out: {what}")
        self.note({"kind": "left out", "what": what})
        return False

    def products(self) -> bool:
        """Find the device and the error of its products; return whether there is a GPU, or any device will do."""
        command = [sys.executable, str(Path(__file__).with_name("products.py"))]
        done = run_process(command, environment=self.environment, timeout=max(self.left(), LEAST_SECONDS))
        if done.code != 0:
            self.note({"kind": "failure", "what": "products", "reason": done.killed or done.errors.strip()[-500:]})
            return False
        found = json.loads(done.lines[-1][1])
        self.note({"kind": "products", **found})
        log(f"{found['device_name']} ({found['backend']}): products off by {found['product_error']:.1e}")
        return bool(found["gpu"] or self.arguments.any_device)

    def commands(self) -> None:
        """Measure a complete fit of many replicas, with an empty cache and with a full one."""
        case = Case("dis", EMBEDDED, self.arguments.replicas, self.arguments.epochs)
        if not self.has_time(f"whole commands, {case.label}"):
            return
        bench = CommandBench([self.version], self.results, backend=self.arguments.backend, run=self.run)
        bench.timeout = self.left()
        bench.measure(case, ["fit"], 1)
        self.records += bench.records

    def epochs(self) -> None:
        """Measure the time of an epoch for several numbers of replicas, and with hadronic data where they are there."""
        wanted = [("dis", EMBEDDED, replicas, ()) for replicas in self.arguments.rows]
        folders = self.arguments.theories, self.arguments.pdfs, self.arguments.cards
        if None not in folders:
            card = self.arguments.cards / "hadronic_400.yml"
            wanted.append(("hadronic", card, 100, tuple(theory_options(*folders[:2]))))
        for name, runcard, replicas, options in wanted:
            label = f"{name}, {replicas} replica{'s' * (replicas > 1)}"
            if not self.has_time(f"epochs, {label}"):
                continue
            log(label)
            card = copy_with(runcard, self.version.work, epochs=self.arguments.short_epochs)
            with tempfile.TemporaryDirectory(dir=self.version.work) as folder:
                words = ["fit", card, "-r", f"1-{replicas}", "-o", Path(folder) / "fit", "--json", *options]
                try:
                    done = self.version.run(words, backend=self.arguments.backend, timeout=self.left())
                    times = read_times(done)
                except FitError as error:
                    self.note({"kind": "failure", "what": f"epochs, {label}", "reason": str(error)})
                    continue
            self.note({"kind": "fit", "label": label, "replicas": replicas, **asdict(times)})

    def tests(self) -> None:
        """Run the tests of everything that trains."""
        if not self.has_time("tests"):
            return
        log("tests")
        done = run_tests(ROOT, self.arguments.tests, environment=self.environment, timeout=self.left())
        self.note({"kind": "tests", **asdict(done), "failed": dict(done.failed)})


def succeeded(records: list[Record]) -> bool:
    """Return whether products were exact and nothing that was measured or tested failed."""
    exact = all(r["product_error"] <= r["limit"] for r in records if r["kind"] == "products")
    return exact and not any(r["kind"] == "failure" or (r["kind"] == "tests" and r["failed"]) for r in records)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default=os.environ.get("KERAS_BACKEND", "jax"))
    parser.add_argument("--output", type=Path, default=Path("gpu-results"))
    parser.add_argument("--budget", type=float, default=480.0, help="seconds for everything")
    parser.add_argument("--any-device", action="store_true", help="go on without a GPU")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--replicas", type=int, default=1000, help="of the whole commands")
    parser.add_argument("--epochs", type=int, default=17000, help="of the whole commands")
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 10, 100, 1000], help="replicas of the epochs")
    parser.add_argument("--short-epochs", type=int, default=3000, help="of the fits that the epochs are taken from")
    parser.add_argument("--tests", nargs="+", default=TESTED, metavar="FOLDER")
    add_theory_options(parser)
    return parser.parse_args()


def main() -> int:
    """Measure, write and print."""
    arguments = parse()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-gpu-") as folder:
        bench = GpuBench(arguments, prepare_version("after", ROOT, Path(folder)))
        if not bench.products() and not any(record["kind"] == "failure" for record in bench.records):
            print("no GPU is usable by this backend here; --any-device measures what there is", file=sys.stderr)
            return 1
        parts: dict[str, Callable[[], None]] = {
            "commands": bench.commands,
            "epochs": bench.epochs,
            "tests": bench.tests,
        }
        for name in arguments.parts:
            if name in parts:
                parts[name]()
    text = gpu_report(bench.records, markdown=False)
    (arguments.output / "gpu.txt").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if succeeded(bench.records) else 1


if __name__ == "__main__":
    sys.exit(main())
