"""What is made of a fit folder: LHAPDF sets and pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.evolution import Members


def evolve(
    folder: Path | str,
    *,
    name: str | None = None,
    output: Path | None = None,
    members: Members | Sequence[int] = "passing",
    q_max: float = 1e5,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the LHAPDF set of a fit folder and give the folder of the set; see :func:`n3fit.evolution.evolve_fit`.

    Raises
    ------
    N3fitError
        The folder is not a whole fit, its theory cannot be evolved, or the set exists and ``force`` is false.
    """
    from n3fit.evolution import evolve_fit

    return evolve_fit(
        Path(folder), name=name, output=output, members=members, q_max=q_max, force=force, progress=progress
    )


def report(folder: Path | str, *, output: Path | None = None, force: bool = False) -> Path:
    """Write the HTML page of a fit folder and give its path.

    Raises
    ------
    N3fitError
        The folder is not a whole fit, or the page exists and ``force`` is false.
    """
    from n3fit.report import make_report
    from n3fit.results import FitFolder

    return make_report(FitFolder.open(Path(folder)), output=output, force=force)
