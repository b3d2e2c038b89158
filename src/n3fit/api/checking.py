"""Checking a runcard without fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.defaults import REPLICAS
from n3fit.fit.phases import Stages, read_inputs
from n3fit.progress import NullReporter, ProgressReporter


@dataclass(frozen=True)
class DatasetCheck:
    """One data set of a checked runcard."""

    name: str
    variant: str | None
    points_file: int
    points_kept: int
    tables: int


@dataclass(frozen=True)
class CheckSummary:
    """What a runcard asks for and what its fit will need."""

    datasets: tuple[DatasetCheck, ...]
    points: int
    positivity: tuple[str, ...]
    integrability: tuple[str, ...]
    parameters: int
    memory_mb: float
    seconds_per_epoch: float
    minutes: float


def check(
    runcard_path: Path | str,
    *,
    replicas: Sequence[int] = REPLICAS,
    theory_path: Path | None = None,
    pdf_path: Path | None = None,
    progress: ProgressReporter | None = None,
) -> CheckSummary:
    """Validate a runcard with its data and theory, and estimate memory and time, without fitting.

    Raises
    ------
    N3fitError
        What a fit would stumble over.
    """
    from n3fit.runcard import read_runcard

    runcard = read_runcard(Path(runcard_path))
    inputs = read_inputs(runcard, theory_path, pdf_path, Stages(progress or NullReporter()))

    from n3fit.compression.folding import merged_xgrid
    from n3fit.fit.problem import make_architecture
    from n3fit.fit.resources import estimate_resources

    nx = len(merged_xgrid(inputs.tables))
    estimate = estimate_resources(runcard, make_architecture(runcard, inputs), inputs, nx, len(replicas))
    return CheckSummary(
        datasets=tuple(
            DatasetCheck(
                name=dataset.name,
                variant=dataset.variant,
                points_file=dataset.ndata_file,
                points_kept=len(dataset),
                tables=len(observable.tables),
            )
            for dataset, observable in zip(inputs.data.datasets, inputs.observables, strict=True)
        ),
        points=len(inputs.data),
        positivity=tuple(observable.name for observable in inputs.positivity),
        integrability=tuple(observable.name for observable in inputs.integrability),
        parameters=estimate.parameters,
        memory_mb=estimate.memory_mb,
        seconds_per_epoch=estimate.seconds_per_epoch,
        minutes=estimate.seconds / 60,
    )
