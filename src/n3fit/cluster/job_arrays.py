"""Job scripts that divide a fit over the jobs of an array, without dask."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError

SYSTEMS = ("slurm", "htcondor")

STOPPED = 143
"""Exit code of a fit that has written its checkpoint after SIGTERM."""


@dataclass(frozen=True)
class ArrayFit:
    """A fit that an array of jobs does.

    Parameters
    ----------
    runcard, folder : Path
        Absolute.
    replicas : sequence of int
        Consecutive.
    jobs : int
        Number of jobs, at most one per replica.
    options : sequence of str
        Further options of ``n3fit fit``.
    """

    runcard: Path
    folder: Path
    replicas: Sequence[int]
    jobs: int
    options: Sequence[str] = ()

    def command(self, part: str) -> list[str]:
        """Return the arguments of Python of the job ``part``."""
        return [
            *("-m", "n3fit", "fit", str(self.runcard), "-o", str(self.folder)),
            *("-r", f"{self.replicas[0]}-{self.replicas[-1]}", "--part", f"{part}/{self.jobs}", *self.options),
        ]


def array_script(fit: ArrayFit, system: str) -> str:
    """Return the job script of an array for ``slurm`` (sbatch) or ``htcondor`` (condor_submit).

    Raises
    ------
    CommandLineError
        The number of jobs is not between 1 and the number of replicas.
    """
    if not 1 <= fit.jobs <= len(fit.replicas):
        raise CommandLineError(
            f"--array: expected 1 to {len(fit.replicas)} jobs, one replica each at least, received {fit.jobs}"
        )
    return _slurm(fit) if system == "slurm" else _htcondor(fit)


def _slurm(fit: ArrayFit) -> str:
    name = fit.folder.name
    command = " ".join(map(shlex.quote, [sys.executable, *fit.command("PART")]))
    command = command.replace(f"PART/{fit.jobs}", f'"$SLURM_ARRAY_TASK_ID"/{fit.jobs}')
    return f"""#!/bin/bash
# Submit with: sbatch THIS_FILE
# The job that finishes last merges all parts into {fit.folder}
#SBATCH --job-name={name}
#SBATCH --array=1-{fit.jobs}
#SBATCH --ntasks=1
# Adapt the next lines to the fit and to the machine:
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=04:00:00
##SBATCH --partition=NAME
##SBATCH --account=NAME
#SBATCH --output={name}-%A_%a.log
#SBATCH --open-mode=append
# A minute before the time limit the fit writes a checkpoint, and the job is submitted again:
#SBATCH --signal=B:TERM@60
#SBATCH --requeue

cd {shlex.quote(str(Path.cwd()))} || exit 1
export N3FIT_CORES="${{SLURM_CPUS_PER_TASK:-1}}"
fit=
stopped=
trap 'stopped=1; [ "$fit" ] && kill -TERM "$fit"' TERM
{command} &
fit=$!
if [ "$stopped" ]; then  # before the fit was there
    kill -TERM "$fit"
fi
wait "$fit"
code=$?
if [ "$stopped" ] && kill -0 "$fit" 2> /dev/null; then  # the signal has ended the wait, not the fit
    wait "$fit"
    code=$?
fi
if [ "$code" -eq {STOPPED} ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
"""


def _htcondor(fit: ArrayFit) -> str:
    name = fit.folder.name
    parts = ", ".join(str(number) for number in range(1, fit.jobs + 1))
    return f"""# Submit with: condor_submit THIS_FILE
# The job that finishes last merges all parts into {fit.folder}
batch_name = {name}
universe = vanilla
executable = {sys.executable}
arguments = "{quote_arguments(fit.command("$(Part)"))}"
initialdir = {Path.cwd()}
getenv = True
# All jobs need the folder of the fit on a file system that they share:
should_transfer_files = NO
# Adapt the next lines to the fit and to the machine:
request_cpus = 2
request_memory = 4GB
request_disk = 1GB
output = {name}-$(ClusterId).$(Process).out
error = {name}-$(ClusterId).$(Process).err
log = {name}-$(ClusterId).log
# Before it is evicted a job has a minute to write its checkpoint; it goes on from there when it runs again:
kill_sig = SIGTERM
job_max_vacate_time = 60
max_retries = 10
queue Part in ({parts})
"""


def quote_arguments(arguments: Sequence[str]) -> str:
    """Return arguments in the syntax of submit descriptions, to be put between double quotes.

    Quotes are doubled; what has spaces or single quotes is put between single quotes (manual of condor_submit).

    >>> quote_arguments(["-o", "my fit"])
    "-o 'my fit'"
    """
    quoted = []
    for argument in arguments:
        text = argument.replace('"', '""')
        if not text or any(character.isspace() or character == "'" for character in text):
            text = "'" + text.replace("'", "''") + "'"
        quoted.append(text)
    return " ".join(quoted)
