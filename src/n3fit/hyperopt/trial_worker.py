"""The evaluation of trials in a process of a pool: functions of plain data, which any process can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from n3fit.cluster.task import current_progress
from n3fit.errors import DataError, RuncardError
from n3fit.hyperopt.pruning import FoldObserver
from n3fit.hyperopt.scan_card import parse_scan_card
from n3fit.hyperopt.space import runcard_parameters
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.paths import SearchPaths

if TYPE_CHECKING:
    from n3fit.hyperopt.evaluation import TrialEvaluator


@dataclass(frozen=True)
class ScanWork:
    """What all trials of a scan share, as plain data.

    Parameters
    ----------
    card_text, card_name : str
        The card, and its file in messages.
    replicas : tuple of int
    theory_path, pdf_path, data_path : str or None
        Folders of theories, PDF sets and own data sets.
    """

    card_text: str
    card_name: str
    replicas: tuple[int, ...]
    theory_path: str | None = None
    pdf_path: str | None = None
    data_path: str | None = None

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> ScanWork:
        """Return the work that :meth:`to_plain` described."""
        return cls(**{**content, "replicas": tuple(content["replicas"])})

    def to_plain(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def input_hashes(work: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each input of a scan by its name; the inputs are read, and kept for the trials."""
    return dict(_evaluator(ScanWork.from_plain(work)).hashes)


def evaluate_trial(
    work: Mapping[str, Any],
    parameters: Mapping[str, Any],
    hashes: Mapping[str, str],
    limits: Sequence[float] | None,
) -> TrialResult:
    """Return the result of one trial.

    Parameters
    ----------
    work : mapping
        Of :meth:`ScanWork.to_plain`.
    parameters : mapping
        The keys ``parameters``, in the form of ``tries.json``.
    hashes : mapping
        Of :func:`input_hashes`, where the scan began.
    limits : sequence of float, optional
        See :class:`FoldObserver`; without, the trial is not stopped between folds.

    Raises
    ------
    DataError
        The inputs of this process are others.
    N3fitError
        Any user error but one in the parameters, for which the trial fails.
    """
    evaluator = _checked_evaluator(work, hashes)
    observer = None if limits is None else FoldObserver(limits, evaluator.loss_type)
    try:
        return evaluator.evaluate(runcard_parameters(parameters), on_fold=observer)
    except RuncardError as error:
        return TrialResult("fail", reason=" ".join(str(error).split()))


def evaluate_trials(
    work: Mapping[str, Any],
    trials: Sequence[Mapping[str, Any]],
    hashes: Mapping[str, str],
    limits: Sequence[float] | None,
) -> list[TrialResult]:
    """Return the results of several trials, which train together; see :func:`evaluate_trial`."""
    evaluator = _checked_evaluator(work, hashes)
    observers = [None if limits is None else FoldObserver(limits, evaluator.loss_type) for _ in trials]
    return evaluator.evaluate_together([runcard_parameters(trial) for trial in trials], on_fold=observers)


def _checked_evaluator(work: Mapping[str, Any], hashes: Mapping[str, str]) -> TrialEvaluator:
    """Return the evaluator of a scan.

    Raises
    ------
    DataError
        The inputs of this process are others.
    """
    evaluator = _evaluator(ScanWork.from_plain(work))
    own = evaluator.hashes
    if own != dict(hashes):
        differing = sorted(name for name in {*own, *hashes} if own.get(name) != hashes.get(name))
        raise DataError(
            f"inputs of the scan: this process has other ones: {', '.join(differing[:5])}",
            hint="give every worker the same theories, PDF sets and data",
        )
    return evaluator


class TaskProgress:
    """The receiver of the progress of the task that runs at the moment: an evaluator is kept for many tasks."""

    def phase(self, name: str) -> None:
        """Do nothing: a trial has no phases that are reported."""

    def epoch(self, epoch: int, total: int, losses: Mapping[str, float], active: int, replicas: int) -> None:
        """Report epochs."""
        current_progress().epoch(epoch, total, losses, active, replicas)

    def step(self, name: str, done: int, total: int) -> None:
        """Report steps."""
        current_progress().step(name, done, total)

    def message(self, text: str) -> None:
        """Report a message."""
        current_progress().message(text)


@lru_cache(maxsize=1)
def _evaluator(work: ScanWork) -> TrialEvaluator:
    """Return the evaluator of a scan, whose inputs are read once in a process."""
    from n3fit.hyperopt.evaluation import TrialEvaluator

    card = parse_scan_card(work.card_text, work.card_name, warn=False)
    assert card.kfold is not None
    paths = SearchPaths.of(work.theory_path, work.pdf_path, work.data_path)
    return TrialEvaluator(card, card.kfold, paths, work.replicas, progress=TaskProgress())
