"""Where the replicas of a fit are written, and which of them are still to be fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import CommandLineError, OutputExistsError
from n3fit.fit.checkpoints import checkpoint_folder, has_checkpoints
from n3fit.results import FitFolder, prepare_folder
from n3fit.results.adding import addition_folder, open_fit_of_card, open_to_add
from n3fit.results.closure_arrays import check_joinable
from n3fit.results.layout import is_fit_folder
from n3fit.storage.files import resolve_folder


@dataclass(frozen=True)
class OutputPlan:
    """The output of a run.

    Parameters
    ----------
    replicas : tuple of int
        Those to be fitted; none if all are there.
    folder : Path
        Where the fit is written: that of the fit, or one beside it for replicas to be added.
    existing : FitFolder or None
        The fit to which the replicas are added.
    replace : bool
        Whether a fit in ``folder`` is replaced.
    """

    replicas: tuple[int, ...]
    folder: Path
    existing: FitFolder | None
    replace: bool


def plan_output(
    folder: Path, runcard_text: str, replicas: Sequence[int], *, force: bool, add: bool, resume: bool
) -> OutputPlan:
    """Return the plan for a run; the caller holds the lock of ``folder``.

    Raises
    ------
    N3fitError
        The options do not go together, or what is there does not allow the fit.
    """
    if resume and force:
        raise CommandLineError(
            "--resume continues a fit and --force replaces it: expected one of them",
            hint="remove one of the options",
            ways=[["--resume"], ["--force"]],
        )
    if resume:
        plan = _plan_to_resume(folder, runcard_text, replicas)
    else:
        existing = open_to_add(folder, runcard_text, replicas) if add else None
        target = folder if existing is None else addition_folder(folder, replicas)
        plan = OutputPlan(tuple(replicas), target, existing, force)
    if plan.replicas:
        prepare_folder(plan.folder, force=plan.replace)
        if not resume and not force:
            _check_no_checkpoint(plan.folder)
    return plan


def _plan_to_resume(folder: Path, runcard_text: str, replicas: Sequence[int]) -> OutputPlan:
    if not is_fit_folder(resolve_folder(folder)):
        return OutputPlan(tuple(replicas), folder, None, replace=False)
    fit = open_fit_of_card(folder, runcard_text)
    if fit.manifest.status == "interrupted" and has_checkpoints(checkpoint_folder(resolve_folder(folder))):
        return OutputPlan(tuple(replicas), folder, None, replace=True)  # the checkpoints have all its replicas
    present = set(fit.replicas.tolist())
    missing = tuple(number for number in replicas if number not in present)
    if missing:
        check_joinable(fit)
    return OutputPlan(missing, addition_folder(folder, missing) if missing else folder, fit, replace=bool(missing))


def _check_no_checkpoint(folder: Path) -> None:
    """Check that no checkpoint would be lost by a new fit.

    Raises
    ------
    OutputExistsError
    """
    checkpoints = checkpoint_folder(resolve_folder(folder))
    if has_checkpoints(checkpoints):
        raise OutputExistsError(
            f"{checkpoints}: has the checkpoints of a fit that was interrupted",
            hint="continue it with --resume, or start anew with --force",
            ways=[["--resume"], ["--force"]],
        )
