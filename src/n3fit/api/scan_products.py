"""What is made of hyperparameter scans: a page, and runcards of single trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from n3fit.api.notebooks import shows_progress
from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike, as_path
from n3fit.progress import ProgressReporter


@dataclass(frozen=True)
class TrialCard:
    """The runcard of one trial of a scan.

    Parameters
    ----------
    trial : int
        Its number.
    loss : float
    text : str
        The runcard.
    output : Path or None
        The file to which it was written.
    """

    trial: int
    loss: float
    text: str
    output: Path | None


@shows_progress
def scan_report(
    study: PathLike,
    *,
    output: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the HTML page of a hyperparameter scan, with its figures beside it, and return its path.

    Parameters
    ----------
    study : path or str
        The folder of a scan of n3fit or nnpdf, or its name in the folder of scans of nnpdf.
    output : path, optional
        The page, a file ``*.html``, or the folder for it; by default the folder of the scan.
    force : bool
        Replace a page that is there.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    N3fitError
        There is no such scan, none of its trials has ended, or the page exists and ``force`` is false.
    """
    from n3fit.report.scan_page import make_scan_report
    from n3fit.results.scan_folder import read_scan

    return make_scan_report(read_scan(study), output=as_path(output), force=force, progress=progress)


def best_card(
    study: PathLike, *, trial: int | None = None, output: PathLike | None = None, force: bool = False
) -> TrialCard:
    """Return the runcard of the best trial of a scan, or of another one, and write it to a file if there is one.

    It is the runcard of the scan with the parameters of the trial, without ``hyperscan_config``, ``kfold`` and
    ``trial_specs``; its comments are kept.

    Parameters
    ----------
    study : path or str
        As in :func:`scan_report`.
    trial : int, optional
        Number of the trial; by default that with the smallest loss that did not fail.
    output : path, optional
        The file.
    force : bool
        Replace an existing file.

    Raises
    ------
    N3fitError
        There is no such scan or trial, its card is not one of a fit, or the file exists.
    """
    from n3fit.results.scan_folder import read_scan
    from n3fit.results.trial_card import choose_trial, trial_card
    from n3fit.storage.files import write_atomically

    scan = read_scan(study)
    chosen = choose_trial(scan, trial)
    text = trial_card(scan, chosen)
    path = as_path(output)
    if path is not None:
        if path.exists() and not force:
            raise OutputExistsError(
                f"{path}: exists already", hint="choose another name, or --force to replace it", ways=[["--force"]]
            )
        write_atomically(path, text)
    return TrialCard(chosen.tid, chosen.loss, text, path)
