"""Whether the uncertainties of fits are faithful: closure tests of level 2, each with its own level 1 data.

``python benchmarks/long/closure.py [--runs 1-25] [--replicas 40] [--folder fits/closure]``. Run N fits the runcard with
seeds made from N, in a process of its own, into ``run_N``; runs that are there are not made again, so the command
goes on where it was interrupted, and several of them may share the work. At the end stands the table over all runs
that the folder holds. ``--epochs`` shortens the fits, ``--fraction 1`` trains on all data without early stopping,
``--command`` is put before each fit, such as ``nice``.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

from n3fit import api
from n3fit.cli.product_commands import describe_closure
from n3fit.errors import N3fitError
from n3fit.runcard import read_runcard
from n3fit.seeds import derive_seed

RUNCARD = Path(__file__).parents[2] / "runcards" / "closure_level2.yml"
SEEDS = ("filterseed", "trvlseed", "nnseed", "mcseed")


def write_card(template: Path, run: int, epochs: int | None, fraction: float | None, target: Path) -> None:
    """Write the runcard of one run: other seeds and, if requested, another training fraction and fewer epochs.

    With fewer epochs the patience stays the same number of them.
    """
    text = template.read_text(encoding="utf-8")
    values: dict[str, float] = {name: derive_seed(run, f"closure test, {name}") for name in SEEDS}
    if epochs is not None:
        parameters = read_runcard(template).parameters
        patience = parameters.stopping_patience * parameters.epochs / epochs
        values |= {"epochs": epochs, "stopping_patience": round(min(1.0, patience), 4)}
    if fraction is not None:
        values["diagonal_frac"] = fraction
    for key, value in values.items():
        text, count = re.subn(rf"^(\s*{key}:\s*)[\d.]+", rf"\g<1>{value}", text, flags=re.MULTILINE)
        if count != 1:
            raise SystemExit(f"{template}: expected the key {key} once on a line of its own, found it {count} times")
    target.write_text(text, encoding="utf-8")


def fit(arguments: argparse.Namespace, run: int) -> None:
    """Fit one run unless it is there; what goes wrong is shown, and the next run follows."""
    folder = arguments.folder / f"run_{run}"
    if folder.exists():
        return
    card = arguments.folder / f"run_{run}.yml"
    write_card(arguments.runcard, run, arguments.epochs, arguments.fraction, card)
    words = [sys.executable, "-m", "n3fit", "fit", str(card), "-r", f"1-{arguments.replicas}", "-o", str(folder)]
    result = subprocess.run([*shlex.split(arguments.command), *words], check=False, capture_output=True, text=True)
    last = (result.stdout if result.returncode == 0 else result.stderr).strip().splitlines()
    print(f"run {run}: {last[-1] if last else result.returncode}", flush=True)


def finished(folder: Path) -> list[Path]:
    """Return the folders of the runs that are there, by number."""
    runs = [path for path in folder.glob("run_*") if (path / "manifest.json").is_file()]
    return sorted(runs, key=lambda path: int(path.name.removeprefix("run_")))


def main() -> None:
    """Fit what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", default="1-25", help="first and last run")
    parser.add_argument("--replicas", type=int, default=40)
    parser.add_argument("--folder", type=Path, default=Path("fits/closure"))
    parser.add_argument("--runcard", type=Path, default=RUNCARD)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--fraction", type=float, help="of the modes in training")
    parser.add_argument("--command", default="")
    arguments = parser.parse_args()
    first, last = map(int, arguments.runs.split("-"))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for run in range(first, last + 1):
        fit(arguments, run)
    try:
        print("\n".join(describe_closure(api.closure(finished(arguments.folder)))))
    except N3fitError as error:
        raise SystemExit(f"no table: {error}") from error


if __name__ == "__main__":
    main()
