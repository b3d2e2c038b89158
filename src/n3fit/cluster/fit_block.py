"""The fit of a block of replicas on a worker."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.cluster.parts import turn_file
from n3fit.cluster.task import current_task
from n3fit.errors import DataError, ResourceError
from n3fit.fit.inputs import load_inputs
from n3fit.fit.run import run_fit
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import read_runcard
from n3fit.storage import sha256_of_bytes
from n3fit.storage.locks import wait_for_lock

if TYPE_CHECKING:
    from n3fit.fit.inputs import FitInputs

_PATIENCE = 20.0
"""Seconds until a new file is seen on another machine: network file systems keep lists of files for some time."""


def fit_block(
    source: str,
    numbers: Sequence[int],
    part: str,
    settings: Mapping[str, Any],
) -> None:
    """Fit a block of replicas into a folder of its own, from its checkpoint if there is one.

    Parameters
    ----------
    source : str
        The runcard.
    numbers : sequence of int
        The replicas.
    part : str
        The folder.
    settings : mapping
        ``theories``, ``pdf_sets`` and ``data``, folders or None; ``hashes``, the SHA-256 of the inputs at the client by
        their names; ``token``, a file beside the parts, with its own name as content, which every worker has to see;
        ``checkpoint``, the minutes between checkpoints or None.

    Raises
    ------
    ResourceError
        The worker does not see the folder of the fit.
    DataError
        The worker has other inputs than the client.
    """
    task = current_task()
    hashes = settings["hashes"]
    _check_shared(Path(settings["token"]))
    paths = SearchPaths.of(settings["theories"], settings["pdf_sets"], settings["data"])
    runcard = Path(source)
    inputs = _load(runcard, sha256_of_bytes(runcard.read_bytes()), paths)
    changed = sorted(name for name in {*inputs.hashes, *hashes} if inputs.hashes.get(name) != hashes.get(name))
    if changed:
        raise DataError(
            f"{worker_name()}: has other inputs than the client: {', '.join(changed[:5])}"
            f"{f' and {len(changed) - 5} more' if len(changed) > 5 else ''}",
            hint="use the same runcard, data and theory on all workers, such as on a shared file system",
        )
    target = Path(part)

    def report_holder(holder: str) -> None:
        task.progress.message(f"{target.name}: waits for {holder}")

    with wait_for_lock(
        turn_file(target), report_holder
    ):  # a worker that was lost to the scheduler may still write its checkpoint
        run_fit(
            runcard, numbers, target, paths=paths, progress=task.progress, resume=True, inputs=inputs,
            checkpoint=settings["checkpoint"], stop_requested=task.stop.is_set,
        )  # fmt: skip


def worker_name() -> str:
    """Return the name of this process for messages."""
    return f"worker {os.getpid()} on {socket.gethostname()}"


@lru_cache(maxsize=1)
def _load(runcard: Path, checksum: str, paths: SearchPaths) -> FitInputs:
    """Read the inputs once for all blocks of a worker; ``checksum`` is that of the runcard."""
    return load_inputs(read_runcard(runcard), paths, progress=NullReporter())


def _check_shared(token: Path) -> None:
    """Check that this process sees the folder of the client.

    Raises
    ------
    ResourceError
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.listdir(token.parent)  # noqa: PTH208 makes a network file system read its list again
            if token.read_text(encoding="utf-8") == token.name:
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise ResourceError(
                f"{worker_name()}: does not see {token.parent}, where the client writes the fit",
                hint="choose a folder with --output on a file system that all workers share",
            )
        time.sleep(0.5)
