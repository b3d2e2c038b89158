"""A scan of hyperparameters by the peer, nnpdf: ``n3fit CARD 1 -r R --hyperopt T``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fits import NO_BYTECODE
from peer import MARK, Peer, PeerError
from processes import Finished, run_process


@dataclass(frozen=True)
class ScanTimes:
    """Times of a scan, in seconds.

    Parameters
    ----------
    trials : int
    start : float
        From the start of the process to the training of the first fold.
    rest : float
        From there to the end of the process.
    processor : float
        Processor time of the whole process, start included.
    """

    trials: int
    start: float
    rest: float
    processor: float = 0.0

    @property
    def trial(self) -> float:
        """Seconds per trial, without the start."""
        return self.rest / self.trials

    @property
    def per_hour(self) -> float:
        """Trials per hour of a long scan."""
        return 3600.0 / self.trial


class PeerScan:
    """The peer's program for one runcard.

    Parameters
    ----------
    peer : Peer
    card : Path
    work : Path
        Folder in which the peer works; its set-up of the data there is used again.
    """

    def __init__(self, peer: Peer, card: Path, work: Path) -> None:
        self.peer = peer
        self.work = work
        self.name = card.stem
        work.mkdir(parents=True, exist_ok=True)
        if card.resolve().parent != work.resolve():
            shutil.copy(card, work)

    def set_up(self) -> float:
        """Filter the data as the peer demands before a fit; return the seconds, 0 where it was done before.

        Raises
        ------
        PeerError
            The package hyperopt is missing, or the set-up failed.
        """
        if not list(self.peer.home.glob("venv/lib/python*/site-packages/hyperopt")):
            raise PeerError(f"hyperopt is not installed: `{self._program('pip')} install hyperopt`")
        if (self.work / self.name / "filter").exists():
            return 0.0
        finished = self._run([self._program("vp-setupfit"), f"{self.name}.yml", "-o", self.name])
        self._check(finished, "vp-setupfit")
        return finished.seconds

    def scan(self, replicas: int, trials: int) -> ScanTimes:
        """Do some trials from the beginning.

        Raises
        ------
        PeerError
        """
        shutil.rmtree(self.work / self.name / "nnfit", ignore_errors=True)
        program = [self._program("python"), self.peer.folder / "peer_run.py", f"{self.name}.yml", "1"]
        options = ["-r", str(replicas), "-o", self.name, "--skip-md5-check", "--hyperopt", str(trials)]
        finished = self._run([*program, *options])
        self._check(finished, "the scan")
        (line,) = (line for _, line in finished.lines if line.startswith(MARK))
        return scan_times(json.loads(line.removeprefix(MARK)), trials, finished.processor_s)

    def _program(self, name: str) -> Path:
        return self.peer.home / "venv" / "bin" / name

    def _run(self, command: Sequence[str | Path]) -> Finished:
        environment = {
            "NNPDF_PROFILE_PATH": str(self.peer.home / "nnprofile.yaml"),
            "PYTHONPATH": str(self.peer.folder / "pylib"),
            "LHAPDF_DATA_PATH": str(self.peer.folder / "lhapdf"),
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "FASTYAML": "1",
            NO_BYTECODE: "",
        }
        return run_process(
            command, environment=environment, folder=self.work, limit_mb=self.peer.limit_mb, timeout=7200.0
        )

    def _check(self, finished: Finished, what: str) -> None:
        if finished.code != 0:
            raise PeerError(f"{what} failed: {finished.killed or finished.errors.strip()[-500:]}")


def scan_times(summary: dict[str, Any], trials: int, processor: float) -> ScanTimes:
    """Return the times from the summary of the peer's runner."""
    start = float(summary["fits"][0]["setup"])
    return ScanTimes(trials, start, float(summary["total_wall"]) - start, processor)
