"""Closure tests: the estimators of one fit, and the statistics of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.paths import PathLike

if TYPE_CHECKING:
    from n3fit.results.closure import ClosureEstimates
    from n3fit.results.closure_statistics import ClosureStatistics


@dataclass(frozen=True)
class ClosureSummary:
    """The closure test of each fit, and for two or more fits their statistics."""

    fits: tuple[ClosureEstimates, ...]
    statistics: ClosureStatistics | None


def closure(folders: Sequence[PathLike]) -> ClosureSummary:
    """Compute the estimators of closure tests.

    See ``n3fit.results.closure`` and ``n3fit.results.closure_statistics``.

    Parameters
    ----------
    folders : sequence of path
        Fit folders. Several must be closure tests of level 2 that differ in their seeds alone.

    Raises
    ------
    N3fitError
        A folder holds no closure test, or they do not belong together.
    """
    from n3fit.results import read_fit_folder
    from n3fit.results.closure import closure_estimates
    from n3fit.results.closure_statistics import combine_estimates

    fits = tuple(closure_estimates(read_fit_folder(Path(folder))) for folder in folders)
    return ClosureSummary(fits, combine_estimates(fits) if len(fits) > 1 else None)
