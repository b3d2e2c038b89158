"""What is made of all fits of a campaign together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.campaign.alphas_scan import AlphasScan, alphas_of, scan_alphas
from n3fit.campaign.expansion import Run
from n3fit.campaign.schema import CampaignFile
from n3fit.errors import DataError, N3fitError
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.results import FitFolder
from n3fit.results.closure import closure_estimates
from n3fit.results.closure_statistics import ClosureStatistics, combine_estimates

_SHARED = ("theory ", "PDF set ")
"""Begin of the names of inputs that are the same in all runs that have them."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The statistics of closure tests, or a determination of alpha_s; ``problem`` is why there is none."""

    closure: ClosureStatistics | None = None
    alphas: AlphasScan | None = None
    problem: N3fitError | None = None


def analyse(
    campaign: CampaignFile,
    runs: Sequence[Run],
    fits: Mapping[str, FitFolder],
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
) -> Analysis:
    """Analyse the fits that are there.

    Parameters
    ----------
    campaign : CampaignFile
    runs : sequence of Run
    fits : mapping
        By the name of the run.
    paths : SearchPaths
    progress : ProgressReporter
    """
    try:
        check_same_inputs(fits)
        if campaign.analysis == "closure":
            return Analysis(closure=combine_estimates([closure_estimates(fit) for fit in fits.values()]))
        if campaign.analysis == "alphas":
            return Analysis(alphas=_scan(campaign, runs, fits, paths, progress))
    except N3fitError as error:
        return Analysis(problem=error)
    return Analysis()


def check_same_inputs(fits: Mapping[str, FitFolder]) -> None:
    """Check that tables and PDF sets did not change between the runs.

    Raises
    ------
    DataError
        One has another checksum in a later run.
    """
    known: dict[str, tuple[str, str]] = {}
    for run, fit in fits.items():
        for name, checksum in fit.manifest.inputs.items():
            if not name.startswith(_SHARED):
                continue
            first, expected = known.setdefault(name, (run, checksum))
            if checksum != expected:
                raise DataError(
                    f"run {run}: {name} is not what it was in run {first}",
                    hint="remove the folders of the runs that were made with the older one",
                )


def _scan(
    campaign: CampaignFile,
    runs: Sequence[Run],
    fits: Mapping[str, FitFolder],
    paths: SearchPaths,
    progress: ProgressReporter,
) -> AlphasScan:
    """Determine alpha_s, with the covariance of the run whose alpha_s is in the middle."""
    from n3fit.fit.inputs import load_inputs
    from n3fit.runcard import parse_runcard

    ordered = sorted((run for run in runs if run.name in fits), key=lambda run: alphas_of(fits[run.name]))
    if not ordered:
        raise DataError("alpha_s: expected fits, received none", hint="see why the runs failed")
    middle = ordered[len(ordered) // 2]
    card = parse_runcard(middle.card, name=str(Path(fits[middle.name].path, "filter.yml")))
    data = load_inputs(card, paths, progress=progress, fitted=False).data
    return scan_alphas(runs, fits, data, fewest_points=campaign.fewest_points)
