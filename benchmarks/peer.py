"""One fit by the peer, nnpdf, through the runner that lives beside this project."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cards import copy_with_epochs
from fits import NO_BYTECODE
from processes import run_process

MARK = "PEERSUMMARY"


class PeerError(RuntimeError):
    """The peer is not there, or a fit of it failed."""


@dataclass(frozen=True)
class Peer:
    """The peer's runner and its home.

    Parameters
    ----------
    folder : Path
        With ``run.sh``, ``setup.sh``, ``runcards/`` and ``lhapdf/``.
    home : Path
        Where its environment and its runs are.
    limit_mb : float
        Memory at which a fit of it is ended.
    """

    folder: Path
    home: Path
    limit_mb: float

    @classmethod
    def find(cls, folder: Path, limit_mb: float) -> Peer:
        """Return the peer, or explain what is missing.

        Raises
        ------
        PeerError
        """
        runner = folder / "run.sh"
        if not runner.is_file():
            raise PeerError(f"{runner} is not there: give the folder of the peer's runner with --peer FOLDER")
        home = Path(os.environ.get("PEER_HOME", Path.home() / ".cache" / "n3fit-peer"))
        if not (home / "done").is_file():
            raise PeerError(
                f"the peer is not installed in {home}: run {folder / 'setup.sh'} first (some minutes, 3 GB)"
            )
        return cls(folder.resolve(), home, limit_mb)

    def version(self) -> str:
        """Return the version of the peer's package."""
        found = sorted(self.home.glob("venv/lib/python*/site-packages/nnpdf-*.dist-info"))
        return found[0].name.removesuffix(".dist-info") if found else "nnpdf, version unknown"

    def is_set_up(self, runcard: Path) -> bool:
        """Return whether the peer has filtered the data of a card before; cards that differ in epochs share this."""
        return (self.home / "runs" / runcard.stem.rpartition("_")[0] / "filter").exists()

    def measure(
        self, runcard: Path, replicas: int, epochs: int, scratch: Path, *, fast_yaml: bool = False
    ) -> dict[str, float]:
        """Fit some replicas in parallel.

        Parameters
        ----------
        scratch : Path
            Folder for the card with the other number of epochs and for what the peer writes.
        fast_yaml : bool
            Let it read its data with a faster parser; its start is then not to be compared.

        Raises
        ------
        PeerError
            It ended badly, or was ended for its memory.
        """
        card = copy_with_epochs(runcard, scratch, epochs)
        command = [self.folder / "run.sh", card, str(replicas), "tensorflow", scratch / "peer.json"]
        environment = {"PEER_HOME": str(self.home), NO_BYTECODE: ""} | ({"FASTYAML": "1"} if fast_yaml else {})
        finished = run_process(command, environment=environment, limit_mb=self.limit_mb)
        summaries = [line for _, line in finished.lines if line.startswith(MARK)]
        if finished.code != 0 or not summaries:
            output = "".join(line for _, line in finished.lines) + finished.errors
            reason = finished.killed or _last_error(output)
            raise PeerError(f"the peer, {card.name}, {replicas} replicas: exit code {finished.code}: {reason}")
        (fit,) = json.loads(summaries[-1].removeprefix(MARK))["fits"]
        return {
            "epoch_ms": 1e3 * fit["median_s_per_epoch"],
            "first_epoch_s": fit["startup_to_first_epoch"],
            "peak_mb": finished.peak_mb,
            "seconds": finished.seconds,
        }


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if re.search(r"\w", line)]
    return lines[-1][:300] if lines else "it printed nothing"
