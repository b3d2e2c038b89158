"""A campaign from its file to its table and page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from n3fit.campaign.analysis import analyse
from n3fit.campaign.expansion import Run, expand_campaign
from n3fit.campaign.layout import CAMPAIGN, RESULT, TABLE, card_path, record_path, run_folder
from n3fit.campaign.node import is_done, node_arguments, run_node
from n3fit.campaign.reading import read_campaign
from n3fit.campaign.result import CampaignResult, result_to_json
from n3fit.campaign.table import make_rows, rows_to_csv
from n3fit.cluster.pool import open_pool
from n3fit.errors import N3fitError
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.report.output import PAGE
from n3fit.results import FitFolder, read_fit_folder
from n3fit.results.layout import is_fit_folder
from n3fit.storage import write_atomically
from n3fit.storage.locks import lock_folder


@dataclass(frozen=True)
class _Node:
    """A run and the argument of its task."""

    run: Run
    arguments: Mapping[str, Any]


def run_campaign(
    file: Path,
    folder: Path,
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
    workers: int | None = None,
    cluster: str | Path | None = None,
) -> CampaignResult:
    """Run what is missing of a campaign, and write its table and page; see :func:`n3fit.api.campaign`.

    Raises
    ------
    N3fitError
        The campaign file or a runcard is not valid, the folder cannot be written to, or there are no workers. What
        goes wrong in a run is in the result, and the other runs go on.
    KeyboardInterrupt
        The campaign was interrupted; the same command goes on.
    """
    progress.phase("reading the campaign file")
    campaign, text = read_campaign(file)
    runs = expand_campaign(campaign, file.parent)
    with lock_folder(folder, kind="campaign") as target:
        write_atomically(target / CAMPAIGN, text)
        nodes = [_prepare(run, target, campaign.steps.model_dump(), paths) for run in runs]
        try:
            failures = _run_missing(nodes, workers, cluster, progress)
        except KeyboardInterrupt:
            progress.message(f"{folder}: the campaign is not finished; the same command goes on")
            raise
        progress.phase("reading the fits")
        fits = _read_fits(nodes, failures)
        analysis = analyse(campaign, runs, fits, paths=paths, progress=progress)
        result = CampaignResult(
            folder=folder,
            title=campaign.description.strip() or file.stem,
            kind=campaign.analysis,
            rows=tuple(make_rows(runs, fits, failures, target)),
            analysis=analysis,
            failures=failures,
        )
        _write_products(result, target, progress)
    return result


def _prepare(run: Run, folder: Path, steps: Mapping[str, Any], paths: SearchPaths) -> _Node:
    """Write the runcard of a run and return its node."""
    card = card_path(folder, run.name)
    write_atomically(card, run.card)
    arguments = node_arguments(
        card,
        run_folder(folder, run.name),
        record_path(folder, run.name),
        replicas=run.replicas,
        steps=steps,
        paths=paths,
    )
    return _Node(run, arguments)


def _run_missing(
    nodes: Sequence[_Node], workers: int | None, cluster: str | Path | None, progress: ProgressReporter
) -> dict[str, N3fitError]:
    """Run the nodes that are not done, and return the errors by name, in the order of the nodes."""
    missing = [node for node in nodes if not is_done(node.arguments)]
    done = len(nodes) - len(missing)
    if done:
        progress.message(f"{done} of {len(nodes)} runs are done")
    failures: dict[str, N3fitError] = {}
    if missing:
        with open_pool(workers, cluster, progress=progress) as pool:
            for node in missing:
                pool.submit(node.run.name, run_node, node.arguments)
            for number in range(done + 1, len(nodes) + 1):
                finished = pool.next_finished()
                if finished.error is not None:
                    failures[finished.name] = finished.error
                outcome = "done" if finished.error is None else f"failed: {finished.error}"
                progress.message(f"run {finished.name} ({number} of {len(nodes)}) {outcome}")
    return {node.run.name: failures[node.run.name] for node in nodes if node.run.name in failures}


def _read_fits(nodes: Sequence[_Node], failures: dict[str, N3fitError]) -> dict[str, FitFolder]:
    """Return the fits of the runs that did not fail; one that cannot be read is a failure too."""
    fits: dict[str, FitFolder] = {}
    for node in nodes:
        name, folder = node.run.name, Path(node.arguments["folder"])
        if name in failures or not is_fit_folder(folder):
            continue
        try:
            fits[name] = read_fit_folder(folder)
        except N3fitError as error:
            failures[name] = error
    return fits


def _write_products(result: CampaignResult, folder: Path, progress: ProgressReporter) -> None:
    from n3fit.campaign.page import write_page  # imports matplotlib

    write_atomically(folder / TABLE, rows_to_csv(result.rows))
    write_atomically(folder / RESULT, result_to_json(result))
    progress.phase("writing the page")
    write_page(result, folder / PAGE, progress=progress)
