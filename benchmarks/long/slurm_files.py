"""The files and output of Slurm: its configuration, and what it says of the tasks of a job array."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ENDED = frozenset({"COMPLETED", "TIMEOUT", "FAILED", "CANCELLED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"})


@dataclass(frozen=True)
class Task:
    """One task of a job array, as Slurm describes it.

    Parameters
    ----------
    job : str
        Its own job number, which commands take.
    index : int
        In the array.
    state : str
        Such as ``RUNNING``, ``TIMEOUT``.
    exit_code : str
        ``code:signal``.
    seconds : int
        Time that it ran.
    restarts : int
        How often it was queued again.
    """

    job: str
    index: int
    state: str
    exit_code: str
    seconds: int
    restarts: int


def configuration(folder: Path, host: str, cpus: int, memory: int, ports: Sequence[int]) -> str:
    """Return the text of ``slurm.conf``.

    Parameters
    ----------
    folder : Path
        For state, spool, logs and the socket of munge.
    host : str
        Short name of this machine.
    cpus, memory : int
        Of this machine; memory in MB.
    ports : sequence of two int
        Of slurmctld and slurmd.
    """
    return f"""\
ClusterName=local
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=1,sched_interval=2
JobRequeue=1
KillWait=20
OverTimeLimit=0
MinJobAge=86400
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def read_tasks(text: str) -> dict[int, Task]:
    """Return the tasks of an array from the output of ``scontrol --oneliner show job``, by their index."""
    tasks = {}
    for line in text.splitlines():
        fields = dict(re.findall(r"(\w+)=(\S*)", line))
        if fields.get("ArrayTaskId", "").isdigit():
            index = int(fields["ArrayTaskId"])
            tasks[index] = Task(
                job=fields["JobId"],
                index=index,
                state=fields["JobState"],
                exit_code=fields["ExitCode"],
                seconds=seconds_of(fields["RunTime"]),
                restarts=int(fields["Restarts"]),
            )
    return tasks


def seconds_of(text: str) -> int:
    """Return the seconds of a time such as ``1-02:03:04``.

    >>> seconds_of("00:01:10"), seconds_of("1-00:00:01")
    (70, 86401)
    """
    days, _, clock = text.rpartition("-")
    hours, minutes, seconds = map(int, clock.split(":"))
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds
