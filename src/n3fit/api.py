"""The commands of n3fit as functions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.progress import ProgressReporter, Silence

if TYPE_CHECKING:
    import numpy as np

    from n3fit.evolution import Members
    from n3fit.results import FitFolder, FitOutcome
    from n3fit.runcard import Runcard
    from n3fit.theory.check import CheckReport
    from n3fit.training.inputs import FitInputs


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


@dataclass(frozen=True)
class TheorySummary:
    """One theory that a runcard can name; ``order`` is that of the evolution, such as NNLO."""

    identifier: str
    folder: Path
    description: str
    order: str
    q0: float
    tables: int


def fit(
    runcard_path: Path | str,
    *,
    replicas: tuple[int, int] = (1, 20),
    output: Path | str | None = None,
    theory_path: Path | None = None,
    pdf_path: Path | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> FitFolder:
    """Fit replicas and write the fit folder.

    Parameters
    ----------
    runcard_path : path
    replicas : tuple of int
        First and last replica.
    output : path, optional
        The fit folder; by default named like the runcard, in the working directory.
    theory_path, pdf_path : Path, optional
        Folders with theories and with PDF sets, besides those that are always searched.
    force : bool
        Replace a fit that is there.
    progress : ProgressReporter, optional
        Who is told how the fit goes.

    Returns
    -------
    FitFolder

    Raises
    ------
    N3fitError
        Anything that the user can mend; see ``n3fit.errors``.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder.
    """
    from n3fit.results import fit_name, lock_folder, prepare_folder, write_fit_folder
    from n3fit.runcard import read_runcard

    reporter = progress if progress is not None else Silence()
    source = Path(runcard_path)
    reporter.stage("reading the runcard")
    runcard = read_runcard(source)
    folder = Path(output) if output is not None else Path(source.stem)
    name = fit_name(folder)
    numbers = list(range(replicas[0], replicas[1] + 1))
    with lock_folder(folder):
        prepare_folder(folder, force=force)
        timing = _Stages(reporter)
        inputs = _load_inputs(runcard, theory_path, pdf_path, timing)
        outcome, interruption = _train(name, runcard, inputs, numbers, folder, timing)
        if interruption is not None and len(outcome.replicas) == 0:
            raise interruption
        timing.begin("writing the fit folder")
        written = write_fit_folder(
            timing.stamp(outcome),
            folder,
            runcard_text=runcard.source_text,
            source=source,
            parameters=[entry.model_dump() for entry in runcard.fitting.basis],
            theory={"id": inputs.theory.identifier, "card": dict(inputs.theory.card)},
            status="complete" if interruption is None else "interrupted",
            environment=_environment(runcard),
            force=force,
        )
        if interruption is not None:
            reporter.message(f"{len(outcome.replicas)} of {len(numbers)} replicas had finished: see {written.path}")
            raise interruption
    return written


def check(
    runcard_path: Path | str,
    *,
    replicas: tuple[int, int] = (1, 20),
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
    inputs = _load_inputs(runcard, theory_path, pdf_path, _Stages(progress or Silence()))

    from n3fit.model.folding import merged_xgrid
    from n3fit.training.problem import make_architecture
    from n3fit.training.resources import estimate_resources

    nx = len(merged_xgrid(inputs.tables))
    estimate = estimate_resources(
        runcard, make_architecture(runcard, inputs), inputs, nx, replicas[1] - replicas[0] + 1
    )
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


def evolve(
    folder: Path | str,
    *,
    name: str | None = None,
    output: Path | None = None,
    members: Members | Sequence[int] = "passing",
    q_max: float = 1e5,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the LHAPDF set of a fit folder and give the folder of the set; see :func:`n3fit.evolution.evolve_fit`.

    Raises
    ------
    N3fitError
        The folder is not a whole fit, its theory cannot be evolved, or the set exists and ``force`` is false.
    """
    from n3fit.evolution import evolve_fit

    return evolve_fit(
        Path(folder), name=name, output=output, members=members, q_max=q_max, force=force, progress=progress
    )


def report(folder: Path | str, *, output: Path | None = None, force: bool = False) -> Path:
    """Write the HTML page of a fit folder and give its path.

    Raises
    ------
    N3fitError
        The folder is not a whole fit, or the page exists and ``force`` is false.
    """
    from n3fit.report import make_report
    from n3fit.results import FitFolder

    return make_report(FitFolder.open(Path(folder)), output=output, force=force)


def build_theory(
    output: Path | str, *, jobs: int = 2, resume: bool = True, progress: ProgressReporter | None = None
) -> Path:
    """Build the theory of the embedded data sets; see ``n3fit.theory.build``."""
    from n3fit.theory.build import build_theory as build

    return build(Path(output), jobs=jobs, resume=resume, progress=(progress or Silence()).step)


def list_theories(theory_path: Path | None = None) -> list[TheorySummary]:
    """Give every theory that a runcard can name; a broken card or manifest is an error that names the file."""
    from n3fit.theory.theories import available_theories, open_theory

    summaries = []
    for identifier in available_theories(theory_path):
        theory = open_theory(identifier, path=theory_path)
        summaries.append(
            TheorySummary(
                identifier=theory.identifier,
                folder=theory.folder,
                description=str(theory.card.get("Comments", "")),
                order="N" * int(theory.card.get("PTO", 0)) + "LO",
                q0=theory.q0,
                tables=len(theory.table_names()),
            )
        )
    return summaries


def check_theory(
    theoryid: int | str, theory_path: Path | None = None, progress: ProgressReporter | None = None
) -> CheckReport:
    """Compare the tables of a theory with an independent calculation; see ``n3fit.theory.check``."""
    from n3fit.theory.check import check_theory as compare
    from n3fit.theory.theories import open_theory

    return compare(open_theory(theoryid, path=theory_path), progress=(progress or Silence()).step)


class _Stages:
    """Tells the stages to the reporter and measures them."""

    def __init__(self, reporter: ProgressReporter) -> None:
        self.reporter = reporter
        self.seconds: dict[str, float] = {}
        self._current: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        self.end()
        self._current = (name, time.perf_counter())
        self.reporter.stage(name)

    def end(self) -> None:
        if self._current is not None:
            name, started = self._current
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
            self._current = None

    def stamp(self, outcome: FitOutcome) -> FitOutcome:
        from dataclasses import replace

        return replace(outcome, timing=dict(self.seconds))


def _load_inputs(runcard: Runcard, theory_path: Path | None, pdf_path: Path | None, timing: _Stages) -> FitInputs:
    from n3fit.training.inputs import load_inputs

    timing.begin("reading data and theory")
    inputs = load_inputs(runcard, theory_path=theory_path, pdf_path=pdf_path, progress=timing.reporter)
    timing.end()
    return inputs


def _train(
    name: str, runcard: Runcard, inputs: FitInputs, replicas: Sequence[int], folder: Path, timing: _Stages
) -> tuple[FitOutcome, KeyboardInterrupt | None]:
    """Train the replicas, together or one after the other; give those that finished."""
    timing.begin("preparing the fit")
    from n3fit.backends import set_compilation_cache, set_initial_state
    from n3fit.training.outcome import join_outcomes, make_outcome, select_replicas
    from n3fit.training.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.training.trainer import train_replicas

    set_initial_state(debug=runcard.debug, max_cores=runcard.maxcores, double_precision=runcard.double_precision)
    set_compilation_cache()
    architecture = make_architecture(runcard, inputs)
    load = _weights_to_load(runcard)
    tensorboard = folder.with_name(f"{folder.name}-tensorboard") if runcard.tensorboard is not None else None
    groups = [list(replicas)] if runcard.parallel_models else [[replica] for replica in replicas]
    outcomes = []
    interruption = None
    for group in groups:
        try:
            pseudodata = make_pseudodata(runcard, inputs, group)
            problem = make_problem(runcard, inputs, group, pseudodata)
            timing.begin("training")
            trained = train_replicas(
                runcard, architecture, problem, group, progress=timing.reporter, load=load, tensorboard=tensorboard
            )
            timing.begin("evaluating the replicas")
            outcome = make_outcome(name, runcard, inputs, group, trained, pseudodata)
            outcomes.append(select_replicas(outcome, trained.finished))
            interruption = trained.interruption
        except KeyboardInterrupt as error:
            if not outcomes:
                raise
            interruption = error  # outside a training; the groups before are whole
        if interruption is not None:
            break
        timing.end()
    return join_outcomes(outcomes), interruption


def _weights_to_load(runcard: Runcard) -> dict[str, list[np.ndarray[Any, Any]]] | None:
    """Read the weights that ``load`` names."""
    if runcard.load is None:
        return None
    from n3fit.results.weights import read_weights

    return read_weights(Path(runcard.load))


def _environment(runcard: Runcard) -> dict[str, Any]:
    from n3fit.backends import describe_device

    return {
        "precision": "float64" if runcard.double_precision else "float32",
        "debug": runcard.debug,
        **describe_device(),
    }
