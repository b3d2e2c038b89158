"""Checking a runcard without fitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.api.data_cuts import RemovedPoints, describe_cuts
from n3fit.api.fitting import check_replicas
from n3fit.api.notebooks import shows_progress
from n3fit.defaults import REPLICAS
from n3fit.durations import format_seconds
from n3fit.html_tables import rows_to_html
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.fit.inputs import FitInputs
    from n3fit.fit.replica_cards import ReplicaCards


@dataclass(frozen=True)
class DatasetCheck:
    """One data set of a checked runcard."""

    name: str
    variant: str | None
    points_file: int
    points_kept: int
    tables: int
    removed: tuple[RemovedPoints, ...] = ()


@dataclass(frozen=True)
class TrialCheck:
    """A trial of a scan, and the replicas that have its network and its training."""

    trial: int
    loss: float
    replicas: tuple[int, ...]
    hyperparameters: Mapping[str, Any]


@dataclass(frozen=True)
class CheckSummary:
    """The data of a runcard, and the resources that its fit needs; ``trials`` are those of ``trial_specs``."""

    datasets: tuple[DatasetCheck, ...]
    points: int
    positivity: tuple[str, ...]
    integrability: tuple[str, ...]
    parameters: int
    memory_mb: float
    seconds_per_epoch: float
    minutes: float
    trials: tuple[TrialCheck, ...] = ()

    def _repr_html_(self) -> str:
        """Return the data sets as a table, with the resources below, for notebooks."""
        rows = [(entry.name, entry.variant or "", str(entry.points_file), str(entry.points_kept))
                for entry in self.datasets]  # fmt: skip
        total = ("total", "", str(sum(entry.points_file for entry in self.datasets)), str(self.points))
        caption = (
            f"{self.parameters} parameters of a replica; the fit requires about {self.memory_mb / 1024:.1f} GB and "
            f"at most {format_seconds(60 * self.minutes)}"
        )
        return rows_to_html(("data set", "variant", "points", "kept"), [*rows, total], "<<>>", caption=caption)


@dataclass(frozen=True)
class OtherCardSummary:
    """A card that is not one of a fit: it has actions for validphys."""

    actions: tuple[str, ...]
    pdf_sets: tuple[str, ...]


@shows_progress
def check(
    runcard: PathLike,
    *,
    replicas: Sequence[int] = REPLICAS,
    theory_path: PathLike | None = None,
    pdf_path: PathLike | None = None,
    data_path: PathLike | None = None,
    progress: ProgressReporter | None = None,
) -> CheckSummary | OtherCardSummary:
    """Validate a runcard with its data and theory, and estimate memory and time, without fitting.

    Of a card for validphys, which has no fit, only the PDF sets are looked for.

    Parameters
    ----------
    runcard, replicas, theory_path, pdf_path, data_path, progress
        As in :func:`n3fit.api.fit`.

    Raises
    ------
    N3fitError
        Any error that the fit would raise before training.
    """
    from n3fit.fit.initial_weights import read_initial_weights
    from n3fit.fit.inputs import load_inputs
    from n3fit.fit.replica_cards import read_replica_cards
    from n3fit.lhapdf.pdf_sets import load_pdf_set
    from n3fit.runcard import NotAFitError, read_runcard

    numbers = check_replicas(replicas)
    paths = SearchPaths.of(theory_path, pdf_path, data_path)
    try:
        card = read_runcard(Path(runcard))
    except NotAFitError as other:
        for name in other.pdf_sets:
            load_pdf_set(name, paths.pdf_folders)
        return OtherCardSummary(other.actions, other.pdf_sets)
    cards = read_replica_cards(card, source=Path(runcard))
    read_initial_weights(card, numbers, source=Path(runcard), cards=cards)
    reporter = progress or NullReporter()
    reporter.phase("reading data and theory")
    inputs = load_inputs(card, paths, progress=reporter)

    from n3fit.fit.training_plans import estimate_plans, make_plans  # imports Keras

    estimate = estimate_plans(make_plans(cards, inputs, numbers), inputs)
    return CheckSummary(
        datasets=_check_datasets(inputs),
        points=len(inputs.data),
        positivity=tuple(observable.name for observable in inputs.positivity),
        integrability=tuple(observable.name for observable in inputs.integrability),
        parameters=estimate.parameters,
        memory_mb=estimate.memory_mb,
        seconds_per_epoch=estimate.seconds_per_epoch,
        minutes=estimate.seconds / 60,
        trials=_check_trials(cards, numbers),
    )


def _check_datasets(inputs: FitInputs) -> tuple[DatasetCheck, ...]:
    return tuple(
        DatasetCheck(
            name=dataset.name,
            variant=dataset.variant,
            points_file=dataset.ndata_file,
            points_kept=len(dataset),
            tables=len(observable.tables),
            removed=cuts.removed,
        )
        for dataset, observable, cuts in zip(
            inputs.data.datasets, inputs.observables, describe_cuts(inputs.selections), strict=True
        )
    )


def _check_trials(cards: ReplicaCards, numbers: Sequence[int]) -> tuple[TrialCheck, ...]:
    """Return the trials of ``trial_specs`` with those of the replicas ``numbers`` that have their settings."""
    return tuple(
        TrialCheck(
            trial=trial.tid,
            loss=trial.loss,
            replicas=tuple(number for number in numbers if number % len(cards.trials) == place),
            hyperparameters=trial.hyperparameters,
        )
        for place, trial in enumerate(cards.trials)
    )
