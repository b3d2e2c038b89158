"""One run of a campaign: the fit and the steps after it, in any process; what is done is not done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from n3fit.cluster.task import current_progress
from n3fit.errors import N3fitError, OutputExistsError
from n3fit.paths import SearchPaths
from n3fit.report.output import PAGE
from n3fit.results import FitFolder, read_fit_folder
from n3fit.results.layout import MANIFEST, RUNCARD, SETS_FOLDER, is_fit_folder
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.json_files import read_json, read_text, to_json


def node_arguments(
    card: Path,
    folder: Path,
    record: Path,
    *,
    replicas: tuple[int, int],
    steps: Mapping[str, Any],
    paths: SearchPaths,
) -> dict[str, Any]:
    """Return the argument of :func:`run_node`, plain data.

    Parameters
    ----------
    card, folder, record : Path
        The runcard, the fit folder, and the file that says that the run is done.
    replicas : tuple of int
        First and last.
    steps : mapping
        ``postfit`` (number of replicas or None), ``evolve`` and ``report``.
    paths : SearchPaths
    """
    return {
        "card": str(card.resolve()),
        "folder": str(folder.resolve()),
        "record": str(record.resolve()),
        "replicas": list(replicas),
        "steps": dict(steps),
        "theory_path": None if paths.theories is None else str(paths.theories.resolve()),
        "pdf_path": None if paths.pdf_sets is None else str(paths.pdf_sets.resolve()),
        "data_path": None if paths.data is None else str(paths.data.resolve()),
    }


def is_done(arguments: Mapping[str, Any]) -> bool:
    """Return whether a run is done: its record is that of this runcard, these replicas and steps, and of this fit."""
    folder = Path(arguments["folder"])
    if not is_fit_folder(folder):
        return False
    try:
        record = read_json(Path(arguments["record"]))
    except N3fitError:
        return False
    return record == _record(arguments)


def run_node(arguments: Mapping[str, Any]) -> str:
    """Fit, choose replicas, evolve and write the page of a run, and return its fit folder.

    A fit that was interrupted goes on from its checkpoint.

    Parameters
    ----------
    arguments : mapping
        Of :func:`node_arguments`.

    Raises
    ------
    N3fitError
        Any user error.
    """
    folder, steps = Path(arguments["folder"]), arguments["steps"]
    first, last = arguments["replicas"]
    paths = SearchPaths.of(arguments["theory_path"], arguments["pdf_path"], arguments["data_path"])
    _fit(Path(arguments["card"]), range(first, last + 1), folder, paths)
    if steps["postfit"] is not None:
        from n3fit.results import choose_and_record

        current_progress().phase("choosing replicas")
        choose_and_record(folder, count=steps["postfit"])
    if steps["evolve"]:
        _evolve(read_fit_folder(folder), paths)
    if steps["report"]:
        _write_page(read_fit_folder(folder), paths)
    write_atomically(Path(arguments["record"]), to_json(_record(arguments)))
    return str(folder)


def _record(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run is known by: its runcard, replicas and steps, and the manifest of its fit."""
    return {
        "runcard": sha256_of_file(Path(arguments["card"])),
        "replicas": list(arguments["replicas"]),
        "steps": dict(arguments["steps"]),
        "manifest": sha256_of_file(Path(arguments["folder"]) / MANIFEST),
    }


def _fit(card: Path, replicas: Sequence[int], folder: Path, paths: SearchPaths) -> None:
    from n3fit.fit.run import run_fit

    if is_fit_folder(folder) and read_text(folder / RUNCARD) != read_text(card):
        raise OutputExistsError(
            f"{folder}: is the fit of another runcard than the campaign file gives now, see {card}",
            hint="remove that folder, or choose another one for the campaign with --output",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    run_fit(card, list(replicas), folder, paths=paths, progress=current_progress(), resume=True)


def _evolve(fit: FitFolder, paths: SearchPaths) -> None:
    """Write the PDF set of a fit unless it is there with the chosen replicas."""
    from n3fit.lhapdf.set_folder import replicas_of_set
    from n3fit.results.evolve import evolve_fit

    own = fit.path / SETS_FOLDER / fit.name
    if own in fit.pdf_sets and replicas_of_set(own) == tuple(fit.replicas[fit.chosen].tolist()):
        return
    evolve_fit(fit, theory_path=paths.theories, progress=current_progress(), force=True)


def _write_page(fit: FitFolder, paths: SearchPaths) -> None:
    from n3fit.report.page import make_report
    from n3fit.report.pdf_contents import true_ensemble

    reference = true_ensemble([fit], paths.pdf_folders)
    make_report(fit, reference=reference, output=fit.path / PAGE, force=True, progress=current_progress())
