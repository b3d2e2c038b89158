"""Evolution operators of a fit, computed by a second process while the fit is running.

They depend on the theory and the nodes alone. The process stores them in the cache of operators, from where the
evolution of the fit reads them. Nothing depends on it: what it has not stored is computed by the evolution, which also
reports the errors.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from n3fit.defaults import HIGH_SCALE
from n3fit.ensembles.replica_ensemble import scale_segments
from n3fit.errors import N3fitError
from n3fit.evolution.grids import QSegment, lhapdf_qgrid
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.fit.named_sets import is_polarised
from n3fit.progress import NullReporter
from n3fit.runcard import read_runcard
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.xgrids import export_xgrid

_PRIORITY = 10  # lower than that of the fit
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class EvolutionAhead:
    """The process that computes operators; see :func:`evolution_ahead`."""

    def __init__(self, process: subprocess.Popen[bytes] | None) -> None:
        self.process = process

    def wait(self) -> None:
        """Wait until no more operators are computed."""
        if self.process is not None:
            self.process.wait()


@contextmanager
def evolution_ahead(runcard: Path, *, theory_path: Path | None = None) -> Iterator[EvolutionAhead]:
    """Compute the operators that evolution and report of a fit need, in a process that ends with the block.

    Where no process can be started none is.

    Parameters
    ----------
    runcard : Path
    theory_path : Path, optional
        A folder with theories.
    """
    arguments = [str(runcard), *([] if theory_path is None else [str(theory_path)])]
    process = None
    with suppress(OSError):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | dict.fromkeys(_ONE_THREAD, "1"),
        )
    try:
        yield EvolutionAhead(process)
    finally:
        if process is not None:
            process.terminate()
            process.communicate()


def compute_ahead(runcard: Path, theory_path: Path | None) -> None:
    """Compute the operators of a fit into the cache.

    Raises
    ------
    N3fitError
        The runcard or the theory cannot be read, or the theory cannot be evolved.
    """
    card = read_runcard(runcard)
    theory = TheoryCard.from_mapping(open_theory(card.theory.theoryid, path=theory_path).card)
    cache = OperatorCache(theory, export_xgrid(), polarised=is_polarised(card))
    cache.load(needed_segments(theory), progress=NullReporter())


def needed_segments(theory: TheoryCard) -> tuple[QSegment, ...]:
    """Return the nodes in Q of the PDF set of a theory, and the scale of its report."""
    return (*lhapdf_qgrid(theory), *scale_segments(theory, [HIGH_SCALE]))


def _end_with_parent() -> None:
    """End this process when the other end of its input is closed, however the fit has ended."""
    os.read(0, 1)  # not through sys.stdin, whose lock would be held when this process ends by itself
    os._exit(1)


def main() -> None:
    """Compute the operators for ``RUNCARD [THEORY_PATH]``, the arguments of the process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_PRIORITY)
    runcard, *paths = map(Path, sys.argv[1:])
    with suppress(N3fitError):  # the fit reports it
        compute_ahead(runcard, paths[0] if paths else None)


if __name__ == "__main__":
    main()
