"""Selection of the replicas of a fit for its PDF set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote

from n3fit.errors import CommandLineError, FitError
from n3fit.lhapdf.set_folder import replicas_of_set
from n3fit.results.folder import FitFolder
from n3fit.results.layout import SETS_FOLDER, format_replicas, identity_file
from n3fit.results.manifest import missing_folder
from n3fit.results.member_files import assemble_set, can_assemble
from n3fit.results.postfit import DamagedReplica, Postfit, VetoRecord, write_postfit
from n3fit.results.reader import read_fit_folder
from n3fit.results.validphys_files import write_validphys_files
from n3fit.results.vetoes import Thresholds, Vetoes, apply_vetoes, replicas_to_add
from n3fit.storage import sha256_of_file
from n3fit.storage.json_files import finite_or_none
from n3fit.storage.locks import lock_folder


class TooFewReplicasError(FitError):
    """Fewer replicas pass than were requested; ``selection`` has those that do, and the vetoes of the others."""

    def __init__(self, message: str, *, hint: str, selection: Postfit) -> None:
        super().__init__(message, hint=hint)
        self.selection = selection


def choose_and_record(
    folder: Path,
    *,
    count: int | None = None,
    at_least: bool = False,
    thresholds: Thresholds | None = None,
    skip_damaged: bool = False,
) -> tuple[FitFolder, Postfit]:
    """Choose the replicas of the fit in ``folder``, and write the choice there; see :func:`select_replicas`.

    When all of them are evolved, their PDF set is put together in ``postfit/``; it replaces that of another choice.

    Returns
    -------
    FitFolder, Postfit
        The fit with the choice, and the choice.

    Raises
    ------
    CommandLineError, TooFewReplicasError
        As :func:`select_replicas`.
    DataError
        A file of the fit is damaged.
    ResourceError
        There is no complete fit, it is being written, or the folder cannot be written to.
    """
    if not folder.absolute().parent.is_dir():
        raise missing_folder(folder)
    with lock_folder(folder):
        fit = read_fit_folder(folder, skip_damaged=skip_damaged, checksums=True, use_postfit=False)
        selection = select_replicas(fit, count=count, at_least=at_least, thresholds=thresholds)
        fit = replace(fit, postfit=selection)
        write_postfit(folder, selection)
        write_validphys_files(fit, selection.chosen)
        update_set(fit, selection.chosen)
    return fit, selection


def update_set(fit: FitFolder, chosen: Sequence[int]) -> None:
    """Assemble the PDF set of the chosen replicas from their evolved files, unless it is there or some lack one."""
    if not can_assemble(fit.path, fit.name, chosen):
        return
    home = fit.path / SETS_FOLDER / fit.name
    if not home.is_dir() or replicas_of_set(home) != tuple(chosen):
        assemble_set(fit.path, fit.name, chosen)


def select_replicas(
    fit: FitFolder, *, count: int | None = None, at_least: bool = False, thresholds: Thresholds | None = None
) -> Postfit:
    """Choose the replicas of a fit: the first ``count`` that pass, by number, or all that do.

    With ``at_least`` all that pass are chosen, and ``count`` is the fewest that must.

    Raises
    ------
    CommandLineError
        ``count`` is not positive.
    TooFewReplicasError
        Fewer pass; the message counts the vetoes, the hint says how many more to fit.
    """
    if count is not None and count < 1:
        raise CommandLineError(f"expected at least one replica to choose, received {count}")
    used = thresholds or Thresholds()
    selection = _record(fit, apply_vetoes(fit.results, fit.total_chi2, used), None if at_least else count, used)
    if len(selection.passing) < (count or 1):
        raise _too_few(fit, selection, count or 1)
    return selection


def _record(fit: FitFolder, vetoes: Vetoes, count: int | None, thresholds: Thresholds) -> Postfit:
    passing = vetoes.passing_numbers
    return Postfit(
        manifest=sha256_of_file(identity_file(fit.path)),
        count=count,
        chi2=finite_or_none(thresholds.chi2),
        arc_length=finite_or_none(thresholds.arc_length),
        integrability=finite_or_none(thresholds.integrability),
        total=len({*fit.manifest.replicas, *fit.damaged}),
        chi2_limit=finite_or_none(vetoes.chi2_limit),
        arc_length_limits=tuple(finite_or_none(limit) for limit in vetoes.arc_length_limits.tolist()),
        chosen=passing if count is None else passing[:count],
        passing=passing,
        vetoes=tuple(
            VetoRecord(
                replica=veto.replica,
                veto=veto.veto,
                quantity=veto.quantity,
                value=finite_or_none(veto.value),
                limit=finite_or_none(veto.limit),
            )
            for veto in vetoes.vetoes
        ),
        damaged=tuple(DamagedReplica(replica=number, reason=reason) for number, reason in fit.damaged.items()),
    )


def _too_few(fit: FitFolder, selection: Postfit, wanted: int) -> TooFewReplicasError:
    passing, total = len(selection.passing), selection.total
    counts = ", ".join(
        f"{veto} {len(numbers)} ({format_replicas(numbers)})" for veto, numbers in selection.vetoed_by().items()
    )
    reasons = f"; vetoed by {counts}" if counts else ""
    message = f"{fit.path}: {passing} of {total} replicas pass, expected {wanted}{reasons}"
    return TooFewReplicasError(message, hint=_next_step(fit, passing, total, wanted), selection=selection)


def _next_step(fit: FitFolder, passing: int, total: int, wanted: int) -> str:
    """Return how many more replicas are needed, and the command that fits them."""
    more = replicas_to_add(passing, total, wanted)
    if more is None:
        return "look at the training and the chi2 in the page of `n3fit report` before fitting more"
    if fit.absent:
        return f"about {more} more replicas are needed: fit them with {fit.program.partition(' ')[0]}"
    last = max(fit.manifest.replicas)
    card = quote(fit.manifest.runcard)
    return (
        f"about {more} more replicas are needed: `n3fit fit {card} -r {last + 1}-{last + more} "
        f"-o {quote(str(fit.path))} --add`, then postfit again"
    )
