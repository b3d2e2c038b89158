"""Campaigns: many fits with one table and one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.campaign.result import CampaignResult


@shows_progress
def campaign(
    file: PathLike,
    *,
    output: PathLike | None = None,
    workers: int | None = None,
    cluster: PathLike | None = None,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    progress: ProgressReporter | None = None,
) -> CampaignResult:
    """Run the fits of a campaign file that are not done yet, and write one table and one page of all.

    Parameters
    ----------
    file : path
        The campaign file, see docs/campaigns.md.
    output : path, optional
        The folder of the campaign; by default named like the file, in the working directory. What is there and
        belongs to the same runcards is not done again.
    workers : int, optional
        Number of processes of this machine that take runs; by default the runs follow each other in this process.
    cluster : path, optional
        Scheduler or description of a cluster that takes the runs.
    theory_path, pdf_path, data_path : path, optional
        Folders with theories, with PDF sets and with own data sets, besides those that are always searched.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Returns
    -------
    CampaignResult
        Its ``error`` is None unless runs failed or there is no analysis.

    Raises
    ------
    N3fitError
        The campaign file or a runcard is not valid, the folder cannot be written to, or there are no workers. What
        goes wrong in a run does not stop the others.
    KeyboardInterrupt
        The campaign was interrupted; the same call goes on.
    """
    from n3fit.campaign.run import run_campaign

    source = Path(file)
    return run_campaign(
        source,
        Path(output) if output is not None else Path(source.stem),
        paths=SearchPaths.of(theory_path, pdf_path, data_path),
        progress=progress if progress is not None else NullReporter(),
        workers=workers,
        cluster=None if cluster is None else str(cluster),
    )
