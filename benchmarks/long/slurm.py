"""A job array on a real Slurm whose jobs reach their time limits, against a single process.

``python benchmarks/long/slurm.py [--install] [--replicas 40] [--jobs 4] [--epochs 60000] [--folder FOLDER]``, as root.
The cluster is one node on this machine, in the loopback interface alone (see :mod:`local_slurm`; ``--install`` installs
Debian's packages). The script is that of ``n3fit fit --array``, as it is. Jobs with an odd number have two minutes:
after the first one Slurm sends the signal that the script requests, the fit writes its checkpoint, and the job is
submitted again. Jobs with an even number have one minute and no such signal: the time limit ends them. The folder must
be that of a single process, which runs beside the jobs: the fits are deterministic, and their files have the same
bytes. Everything is stopped at the end, after Ctrl-C too; the exit code is 1 when the folders differ or when no job
reached its limit.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from folders import differences, fault_of, files_in, real_differences
from jobs import CACHE_VARIABLE, n3fit, write_card
from local_slurm import LocalSlurm, SlurmError, install
from records import format_table
from slurm_files import Task

ONE_CORE = ("--cpus-per-task=1", "--mem=1G")
WARNED = ("--time=2",)
NOT_WARNED = ("--time=1", "--signal=CONT@1")
"""Options of sbatch, which precede those of the script."""

HOUR = 3600.0
GOOD = ("COMPLETED", "TIMEOUT")

Report = Callable[[str], None]
History = dict[int, list[Task]]


def run_array(slurm: LocalSlurm, script: Path, jobs: int, report: Report) -> History:
    """Submit the array, queue again what its time limit ended, and return the states that every task went through.

    Raises
    ------
    SlurmError
        A job failed.
    """
    history: History = {index: [] for index in range(1, jobs + 1)}

    def note(task: Task) -> None:
        history[task.index].append(task)
        report(f"job {task.index}, run {task.restarts + 1}: {task.state.lower()}")

    submitted = [
        slurm.submit(script, f"--array=2-{jobs}:2", f"--chdir={script.parent}", *ONE_CORE, *NOT_WARNED),
        slurm.submit(script, f"--array=1-{jobs}:2", f"--chdir={script.parent}", *ONE_CORE, *WARNED),
    ]
    while True:
        tasks = slurm.wait(submitted, jobs, HOUR, note)
        failed = [f"job {task.index}: {task.state}" for task in tasks.values() if task.state not in GOOD]
        if failed:
            raise SlurmError("; ".join(failed))
        limited = [task for task in tasks.values() if task.state == "TIMEOUT"]
        if not limited:
            return history
        for task in limited:
            slurm.command("scontrol", "requeue", task.job)


def run(arguments: argparse.Namespace, folder: Path, report: Report) -> int:
    """Fit in both ways, print the table and return the exit code."""
    for name in ("single", "array", "slurm"):
        (folder / name).mkdir(mode=0o755)
    os.environ.setdefault(CACHE_VARIABLE, str(folder / "cache"))
    card = write_card(folder, "card", epochs=arguments.epochs, deterministic=True)
    fits = folder / "single" / "fit", folder / "array" / "fit"
    single, array = (n3fit("fit", card, "-r", f"1-{arguments.replicas}", "-o", fit) for fit in fits)
    script = folder / "array" / "job.sh"
    output = subprocess.run([*array, "--array", str(arguments.jobs)], check=True, stdout=subprocess.PIPE, text=True)
    script.write_text(output.stdout, encoding="utf-8")
    with (folder / "single.log").open("wb") as log:
        alone = subprocess.Popen(single, stdout=log, stderr=log)
    try:
        with LocalSlurm(folder / "slurm", os.cpu_count() or 1) as slurm:
            report("Slurm is up")
            history = run_array(slurm, script, arguments.jobs, report)
        report("all jobs are done; waiting for the single process")
        if alone.wait() != 0:
            raise SlurmError(f"the single process failed: {(folder / 'single.log').read_text()[-500:]}")
    finally:
        alone.kill()
    return judge(history, *fits, arguments.replicas)


def judge(history: History, single: Path, array: Path, replicas: int) -> int:
    """Print what became of the jobs and whether the folders are equal; return the exit code."""
    limits = ("1 min", "2 min, signal before")
    ends = {index: tasks[-1] for index, tasks in sorted(history.items())}
    again = sum(task.restarts for task in ends.values())
    rows = [[str(index), limits[index % 2], str(t.restarts + 1), t.state, t.exit_code] for index, t in ends.items()]
    print(format_table(("job", "limit", "runs", "state", "exit code"), rows))
    numbers = [*range(1, replicas + 1)]
    faults = [f"{folder}: {fault}" for folder in (single, array) if (fault := fault_of(folder, numbers))]
    left = sorted(path.name for path in array.parent.iterdir() if path.is_dir() and path != array)
    faults += [f"left beside the folder: {name}" for name in left]
    found = differences(single, array)
    wrong = real_differences(found)
    print(f"{again} times submitted again; {len(files_in(single)) - len(found)} files equal, {len(found)} not")
    lines = [*faults, *(f"{name}: {text}" for name, text in found.items())]
    lines += ["no job reached its time limit: give more epochs"] if again == 0 else []
    print("\n".join(lines or ["the folders are equal"]))
    return int(bool(faults or wrong) or again == 0)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install Slurm and munge with apt-get first")
    parser.add_argument("--replicas", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=60000)
    parser.add_argument("--folder", type=Path, help="empty folder to keep; by default a temporary one")
    arguments = parser.parse_args()
    if arguments.install:
        install()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="slurm-") as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return run(
                arguments,
                folder.resolve(),
                lambda text: print(f"{time.monotonic() - started:5.0f} s  {text}", flush=True),
            )
        except SlurmError as error:
            print(f"slurm: {error}", file=sys.stderr)
            return 4
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
