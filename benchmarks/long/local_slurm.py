"""A Slurm cluster of one node on this machine, which listens to the loopback interface alone.

Its daemons (munged, slurmctld, slurmd) come from Debian's packages, run as root in the foreground below one folder,
share nothing with a Slurm that the machine may have, and end with the context.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from slurm_files import ENDED, Task, configuration, read_tasks

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")
START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.5


class SlurmError(RuntimeError):
    """Slurm is not installed, did not start, or refused a command."""


class LocalSlurm:
    """Context in which the cluster runs.

    Parameters
    ----------
    folder : Path
        Empty folder below which only its owner can write, for everything that the daemons need.
    cpus : int
        Cores of the node: the number of jobs that run at the same time.

    Raises
    ------
    SlurmError
        A program is missing, or the node is not idle in time.
    """

    def __init__(self, folder: Path, cpus: int) -> None:
        self.folder = folder.resolve()
        self.cpus = cpus
        self.environment = {"SLURM_CONF": str(self.folder / "slurm.conf")}
        self._daemons: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> LocalSlurm:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise SlurmError(
                f"not installed: {', '.join(missing)}; --install installs {' '.join(PACKAGES)} with apt-get"
            )
        if os.geteuid() != 0:
            raise SlurmError("slurmd and munged need root here, to start jobs and to read their key")
        self._prepare()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def command(self, *words: str | Path) -> str:
        """Run a command of Slurm and return its output."""
        result = subprocess.run(
            [str(word) for word in words],
            check=False, capture_output=True, text=True, env=os.environ | self.environment,
        )  # fmt: skip
        if result.returncode != 0:
            raise SlurmError(f"{' '.join(map(str, words))}: {(result.stderr or result.stdout).strip()}")
        return result.stdout

    def submit(self, script: Path, *options: str) -> str:
        """Submit a job script and return the number of the job."""
        return self.command("sbatch", "--parsable", *options, script).strip().partition(";")[0]

    def tasks(self, job: str) -> dict[int, Task]:
        """Return the tasks of an array that have a state of their own."""
        return read_tasks(self.command("scontrol", "--oneliner", "show", "job", job))

    def wait(self, jobs: Sequence[str], count: int, seconds: float, report: Callable[[Task], None]) -> dict[int, Task]:
        """Wait until the ``count`` tasks of some arrays have ended; ``report`` each whose state changes.

        Raises
        ------
        SlurmError
            They have not after so many seconds.
        """
        deadline = time.monotonic() + seconds
        last: dict[int, tuple[str, int]] = {}
        while True:
            tasks = {index: task for job in jobs for index, task in self.tasks(job).items()}
            for index, task in sorted(tasks.items()):
                if last.get(index) != (task.state, task.restarts):
                    last[index] = (task.state, task.restarts)
                    report(task)
            if len(tasks) == count and all(task.state in ENDED for task in tasks.values()):
                return tasks
            if time.monotonic() > deadline:
                raise SlurmError(f"after {seconds:.0f} s: {last}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End the jobs, then the daemons, the last one first."""
        if self._daemons:
            subprocess.run(
                ["scancel", "--user=root", "--full", "--signal=KILL"],
                check=False, capture_output=True, timeout=STOP_SECONDS, env=os.environ | self.environment,
            )  # fmt: skip
        while self._daemons:
            daemon = self._daemons.pop()
            daemon.terminate()
            try:
                daemon.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def _prepare(self) -> None:
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        host = socket.gethostname().partition(".")[0]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        text = configuration(self.folder, host, self.cpus, memory, free_ports(2))
        (self.folder / "slurm.conf").write_text(text, encoding="utf-8")

    def _start(self) -> None:
        suffixes = {"key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed", "socket": "socket"}
        options = [f"--{option}={self.folder}/munge.{suffix}" for option, suffix in suffixes.items()]
        self._daemon("munged", "--force", "--foreground", *options)
        self._wait_for("the socket of munge", (self.folder / "munge.socket").is_socket)
        self._daemon("slurmctld", "-D")
        self._daemon("slurmd", "-D")
        self._wait_for("an idle node", lambda: self.command("sinfo", "--noheader", "--format=%T").strip() == "idle")

    def _daemon(self, *words: str) -> None:
        with (self.folder / f"{words[0]}.out").open("wb") as output:
            self._daemons.append(
                subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=os.environ | self.environment,
                    start_new_session=True,  # Ctrl-C of the terminal is for the script, which then stops them
                )
            )

    def _wait_for(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            for daemon in self._daemons:
                if daemon.poll() is not None:
                    log = (self.folder / f"{daemon.args[0]}.out").read_text(errors="replace")[-800:]
                    raise SlurmError(f"{daemon.args[0]} ended with the exit code {daemon.returncode}:\n{log}")
            try:
                if condition():
                    return
            except SlurmError:
                pass  # slurmctld does not answer yet
            if time.monotonic() > deadline:
                raise SlurmError(f"no {what} after {START_SECONDS:.0f} s: see the logs in {self.folder}")
            time.sleep(POLL_SECONDS)


def free_ports(count: int) -> list[int]:
    """Return so many ports of the loopback interface on which nothing listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [entry.getsockname()[1] for entry in sockets]
    for entry in sockets:
        entry.close()
    return ports


def install() -> None:
    """Install the packages of Slurm with apt-get; their services are not started."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=True, env=environment
    )
