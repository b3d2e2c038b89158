"""Whole commands, from the prompt to the prompt: fit, postfit, evolve, report and the comparison of two fits.

``python benchmarks/commands.py [--replicas 1 100 1000] [--cases dis hadronic] [--steps fit postfit ...] [--rounds 3]
[--before FOLDER]``. Each command is a process of its own, timed from outside. In a round a fit with an empty cache
comes first, then another one with a full cache; the other commands take the second fit, and the comparison both. With
``--before`` the same is done with the source tree of another version, command by command in alternation, in caches of
its own. So that start and end count, the fits are short, and every replica passes: positivity may miss its threshold.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cards import copy_with
from command_cases import Case, add_theory_options, find_cases
from command_tables import command_table
from fits import FitError, read_times
from machine import describe_machine, product_ms
from processes import Finished
from records import Record, append_record, log, now
from versions import Version, prepare_version

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "commands.jsonl"
STEPS = ("fit", "postfit", "evolve", "report", "compare")
VARIABLES = {"--theory-path": "N3FIT_THEORY_PATH", "--pdf-path": "N3FIT_PDF_PATH"}
EVERYONE_PASSES = {"positivity": {"threshold": 1e9}}
NO_VETO = ("--chi2-threshold", "1e9", "--arclength-threshold", "1e9", "--integrability-threshold", "1e9")


class CommandBench:
    """Runs commands of one version or of two in alternation, and writes each measurement down at once.

    Parameters
    ----------
    versions : sequence of Version
    results : Path
        File of JSON lines.
    backend : str
    run : str, optional
        Date and time of a larger run that this one belongs to, which has described the machine.
    """

    def __init__(
        self, versions: Sequence[Version], results: Path, *, backend: str = "jax", run: str | None = None
    ) -> None:
        self.versions = tuple(versions)
        self.results = results
        self.backend = backend
        self.timeout = 3600.0
        self.run = run or now()
        self.records: list[Record] = []
        self._evolved: set[tuple[str, str]] = set()
        revisions = {version.name: version.revision for version in versions}
        if run is None:
            append_record(results, {"run": self.run, "kind": "machine", "revisions": revisions, **describe_machine()})

    def measure(self, case: Case, steps: Sequence[str], rounds: int, *, cold: bool = True) -> None:
        """Measure the commands of a case; a failure ends the case for that version.

        Parameters
        ----------
        cold : bool
            Measure fits with an empty cache in every round; otherwise one fit fills the cache and is not counted.
        """
        log(case.label)
        failed: set[str] = set()
        for round_number in range(rounds):
            common: Record = {"case": case.label, "replicas": case.replicas, "round": round_number}
            common["product_ms"] = product_ms()
            commands = [("fit", "cold")] * (cold or round_number == 0) + [("fit", "warm")]
            commands += [(step, "warm") for step in steps if step != "fit"]
            for step, cache in commands:
                for version in self.versions if round_number % 2 == 0 else self.versions[::-1]:
                    if version.name not in failed:
                        counted = common | {"step": step, "cache": cache, "counted": cold or cache == "warm"}
                        self._attempt(failed, version, counted, case)

    def _attempt(self, failed: set[str], version: Version, common: Record, case: Case) -> None:
        try:
            if common["step"] == "fit":
                measured = self._fit(version, case, common["cache"], common["round"])
            else:
                measured = self._after(version, case, common["step"])
        except FitError as error:
            failed.add(version.name)
            self._note(common, version, {"kind": "failure", "reason": str(error)})
            log(str(error))
            return
        self._note(common, version, {"kind": "command", **measured})
        log(f"  {version.name}: {common['step']} {common['cache']} {measured['seconds']:.1f} s")

    def _note(self, common: Record, version: Version, content: Record) -> None:
        record: Record = {"run": self.run, "time": now(), "backend": self.backend, "version": version.name}
        self.records.append(record | common | content)
        append_record(self.results, self.records[-1])

    def _fit(self, version: Version, case: Case, cache: str, round_number: int) -> Record:
        if cache == "cold":
            version.empty()
        else:
            version.warm_up(add=round_number == 0)
        seed = 2 * round_number + (cache == "warm") + 1
        card = copy_with(case.runcard, version.work, epochs=case.epochs, parameters=EVERYONE_PASSES, seed=seed)
        folder = version.work / cache
        shutil.rmtree(folder, ignore_errors=True)
        words = ["fit", card, "-r", f"1-{case.replicas}", "-o", folder, "--json", *case.options]
        return fit_stages(version.run(words, backend=self.backend, timeout=self.timeout))

    def _after(self, version: Version, case: Case, step: str) -> Record:
        """Run a command on the fits of this round, the evolution operators of its theory in the cache."""
        fit, other = version.work / "warm", version.work / "cold"
        words: dict[str, list[str | Path]] = {
            "postfit": ["postfit", fit, *NO_VETO],
            "evolve": ["evolve", fit, "--force"],
            "report": ["report", fit, "--force"],
            "compare": ["report", fit, other, "--force", "-o", version.work / "pages" / "comparison.html"],
        }
        folders = {
            VARIABLES[option]: value for option, value in zip(case.options[::2], case.options[1::2], strict=True)
        }
        if step != "postfit" and (version.name, case.name) not in self._evolved:
            log(f"  {version.name}: evolution operators, not counted")
            central = [*words["evolve"], "--members", "central", "-o", version.work / "sets"]
            version.run(central, backend=self.backend, environment=folders, timeout=self.timeout)
            self._evolved.add((version.name, case.name))
        finished = version.run(words[step], backend=self.backend, environment=folders, timeout=self.timeout)
        return whole_command(finished)


def whole_command(finished: Finished) -> Record:
    """Return what was measured of any command."""
    return {"seconds": finished.seconds, "processor_s": finished.processor_s, "peak_mb": finished.peak_mb}


def fit_stages(finished: Finished) -> Record:
    """Return what was measured of a fit: its stages, in seconds, and the time of an epoch.

    ``start_s`` is the time to the end of the first epoch (see :func:`fits.read_times`), ``training_s`` from there to
    the end of the last one, ``end_s`` from there to the prompt: evaluation, checks and writing.
    """
    times = read_times(finished)
    events = [(when, json.loads(line)) for when, line in finished.lines]
    last = max(when for when, event in events if event["event"] == "epoch")
    return whole_command(finished) | {
        "start_s": times.first_epoch_s,
        "training_s": last - times.first_epoch_s,
        "end_s": finished.seconds - last,
        "epoch_ms": times.epoch_ms,
    }


def read_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line, or the given words in its place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="source tree of another version to measure in alternation")
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--cases", nargs="+", default=["dis"], choices=["dis", "hadronic"])
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    parser.add_argument("--no-cold", action="store_true", help="fits with a full cache alone")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=200, help="of each fit, at least 200")
    parser.add_argument("--backend", default="jax")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines to add to")
    add_theory_options(parser)
    return parser.parse_args(words)


def measure_commands(arguments: argparse.Namespace) -> list[Record]:
    """Measure every case and return the records."""
    with tempfile.TemporaryDirectory(prefix="bench-commands-") as folder:
        scratch = Path(folder)
        versions = [] if arguments.before is None else [prepare_version("before", arguments.before, scratch)]
        versions.append(prepare_version("after", ROOT, scratch))
        bench = CommandBench(versions, arguments.results, backend=arguments.backend)
        for case in find_cases(arguments):
            bench.measure(case, arguments.steps, arguments.rounds, cold=not arguments.no_cold)
        return bench.records


def main() -> int:
    """Measure and print."""
    print(command_table(measure_commands(read_arguments()), markdown=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
