"""A job array on a real Slurm whose jobs reach their time limit, against a single process.

``python benchmarks/long/slurm.py [--install] [--replicas 40] [--jobs 4] [--epochs 30000] [--folder FOLDER]``, as root.
The cluster is one node on this machine, in the loopback interface alone (see :mod:`local_slurm`; ``--install`` installs
Debian's packages). Every second job may take one minute, the least that Slurm has: it is ended by its time limit,
queued again as a user would, and goes on from its checkpoint. The merged folder must be the one of a single process,
which runs beside the jobs: the fits are deterministic, and their files have the same bytes. Everything is stopped at
the end, after Ctrl-C too; the exit code is 1 when the folders differ or no job reached its limit.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from folders import differences, fault_of, real_differences
from jobs import CACHE_VARIABLE, n3fit, write_card
from local_slurm import LocalSlurm, SlurmError, install
from records import format_table
from slurm_files import Task

SHORT, LONG = 1, 60
"""Time limits in minutes."""

HOUR = 3600.0


def replica_ranges(replicas: int, jobs: int) -> list[str]:
    """Return the ranges of the replicas of each job, as even as possible.

    >>> replica_ranges(10, 3)
    ['1-4', '5-7', '8-10']
    """
    sizes = [replicas // jobs + (job < replicas % jobs) for job in range(jobs)]
    ends = [sum(sizes[: job + 1]) for job in range(jobs)]
    return [f"{end - size + 1}-{end}" for size, end in zip(sizes, ends, strict=True)]


def job_script(card: Path, parts: Path, ranges: list[str]) -> str:
    """Return the text of the script of a job array, which fits its replicas or goes on with them."""
    command = shlex.join(n3fit("fit", card))
    return f"""\
#!/bin/bash
#SBATCH --job-name=fit --ntasks=1 --cpus-per-task=1 --output={parts}/job_%a.log --open-mode=append
ranges=({" ".join(ranges)})
exec {command} --replicas ${{ranges[SLURM_ARRAY_TASK_ID - 1]}} --output {parts}/part_$SLURM_ARRAY_TASK_ID --resume
"""


def run_array(slurm: LocalSlurm, script: Path, jobs: int, report: Callable[[str], None]) -> Iterator[Task]:
    """Submit the array and queue again what its time limit ended; yield every end of every task.

    Raises
    ------
    SlurmError
        A job failed.
    """
    job = slurm.submit(script, f"--array=1-{jobs}", f"--time={LONG}", f"--chdir={script.parent}", "--hold")
    for index in range(1, jobs + 1, 2):
        slurm.command("scontrol", "update", f"JobId={job}_{index}", f"TimeLimit={SHORT}")
    slurm.command("scontrol", "release", job)
    waiting = set(range(1, jobs + 1))
    while waiting:
        tasks = slurm.wait(job, jobs, HOUR, lambda task: report(f"job {task.index}: {task.state.lower()}"))
        ended = [tasks[index] for index in sorted(waiting)]
        yield from ended
        failed = [f"job {task.index}: {task.state}" for task in ended if task.state not in ("TIMEOUT", "COMPLETED")]
        if failed:
            raise SlurmError("; ".join(failed))
        waiting = {task.index for task in ended if task.state == "TIMEOUT"}
        for index in sorted(waiting):
            slurm.command("scontrol", "requeue", tasks[index].job)
            slurm.command("scontrol", "update", f"JobId={tasks[index].job}", f"TimeLimit={LONG}")


def run(arguments: argparse.Namespace, folder: Path, report: Callable[[str], None]) -> int:
    """Fit in both ways, print the table and return the exit code."""
    for name in ("single", "parts", "array", "slurm"):
        (folder / name).mkdir(mode=0o755)
    os.environ.setdefault(CACHE_VARIABLE, str(folder / "cache"))
    card = write_card(folder, "card", epochs=arguments.epochs, deterministic=True)
    single, merged = folder / "single" / "fit", folder / "array" / "fit"
    ranges = replica_ranges(arguments.replicas, arguments.jobs)
    script = folder / "job.sh"
    script.write_text(job_script(card, folder / "parts", ranges), encoding="utf-8")
    command = n3fit("fit", card, "-r", f"1-{arguments.replicas}", "-o", single)
    with (folder / "single.log").open("wb") as log:
        alone = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with LocalSlurm(folder / "slurm", os.cpu_count() or 1) as slurm:
            report("Slurm is up")
            ends = list(run_array(slurm, script, arguments.jobs, report))
        report("all jobs are done; waiting for the single process")
        if alone.wait() != 0:
            raise SlurmError(f"the single process failed: {(folder / 'single.log').read_text()[-500:]}")
    finally:
        alone.kill()
    parts = [folder / "parts" / f"part_{number}" for number in range(1, arguments.jobs + 1)]
    subprocess.run(n3fit("merge", *parts, "-o", merged), check=True, stdout=subprocess.DEVNULL)
    return judge(ends, ranges, single, merged, arguments.replicas)


def judge(ends: list[Task], ranges: list[str], single: Path, merged: Path, replicas: int) -> int:
    """Print what became of the jobs and whether the folders are equal; return the exit code."""
    rows = [
        [str(task.index), ranges[task.index - 1], str(task.restarts + 1), task.state, task.exit_code, str(task.seconds)]
        for task in ends
    ]
    print(format_table(("job", "replicas", "run", "state", "exit code", "time [s]"), rows))
    limited = sum(task.state == "TIMEOUT" for task in ends)
    faults = [
        f"{folder}: {fault}" for folder in (single, merged) if (fault := fault_of(folder, [*range(1, replicas + 1)]))
    ]
    found = differences(single, merged)
    wrong = real_differences(found)
    equal = len(list(single.rglob("*.*"))) - len(found)
    print(f"{limited} ends by the time limit; {equal} files equal; {len(found) - len(wrong)} equal up to rounding")
    print("\n".join([*faults, *(f"{name}: {text}" for name, text in found.items())]))
    if limited == 0:
        print("no job reached its time limit: give more epochs")
    return int(bool(faults or wrong) or limited == 0)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install Slurm and munge with apt-get first")
    parser.add_argument("--replicas", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=30000)
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
