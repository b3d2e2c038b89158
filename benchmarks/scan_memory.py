"""Memory of many trials in one scan.

``python benchmarks/scan_memory.py [--trials 50] [--replicas 2] [--epochs 100]``. Every trial has another network, whose
programs are compiled anew. After each stands the resident memory of the process; the slope is that of a line through
the later half. The exit code is 1 where it exceeds ``--limit`` MB for a trial.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fits import CACHE_VARIABLE
from leaks import slope
from processes import memory_mb
from ruamel.yaml import YAML

from n3fit import api
from n3fit.progress import NullReporter

RUNCARD = Path(__file__).parent.parent / "runcards" / "dis_scan.yml"
KEPT = ("HERA_CC_318GEV_EM-SIGMARED", "HERA_CC_318GEV_EP-SIGMARED", "HERA_NC_300GEV_EP-SIGMARED")


class MemoryReporter(NullReporter):
    """Prints the resident memory after each trial."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def step(self, name: str, done: int, total: int) -> None:
        """Print the memory after a trial."""
        if name == "trials":
            self.values.append(memory_mb(os.getpid())[0])
            print(f"{done:4d} trials  {self.values[-1]:8.0f} MB", flush=True)


def write_card(folder: Path, epochs: int) -> Path:
    """Write a small card: three data sets, two folds, networks of one to three layers."""
    yaml = YAML()
    card: Mapping = yaml.load(RUNCARD)
    card["dataset_inputs"] = [entry for entry in card["dataset_inputs"] if entry["dataset"] in KEPT]
    card["kfold"]["partitions"] = [{"datasets": [name]} for name in KEPT[:2]]
    card["kfold"]["threshold"] = 1e6
    card["hyperscan_config"]["stopping"] = {"min_epochs": epochs, "max_epochs": 2 * epochs}
    card["hyperscan_config"]["architecture"]["n_layers"] = [1, 2, 3]
    path = folder / "card.yml"
    yaml.dump(card, path)
    return path


def main() -> int:
    """Print the memory after each trial, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--limit", type=float, default=1.0, help="growth for a trial, in MB")
    options = parser.parse_args()
    reporter = MemoryReporter()
    with tempfile.TemporaryDirectory() as place:
        os.environ[CACHE_VARIABLE] = str(Path(place) / "cache")
        card = write_card(Path(place), options.epochs)
        summary = api.hyperopt(
            card,
            trials=options.trials,
            replicas=range(1, options.replicas + 1),
            output=Path(place) / "scan",
            progress=reporter,
        )
    growth = slope(reporter.values)
    print(f"{summary.trials} trials, {summary.failed} failed; growth {growth:.2f} MB for a trial in the later half")
    return 1 if growth > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
