"""One fit, from the runcard to the fit folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.errors import ResourceError
from n3fit.fit.checkpoints import FitCheckpoints, discard_checkpoints, open_checkpoints
from n3fit.fit.initial_weights import InitialWeights, read_initial_weights
from n3fit.fit.inputs import load_inputs
from n3fit.fit.interruptions import Interruptions
from n3fit.fit.output_plan import OutputPlan, plan_output
from n3fit.fit.phases import Phases
from n3fit.fit.preloading import import_in_background
from n3fit.fit.replica_cards import ReplicaCards, read_replica_cards
from n3fit.fit.settings import FitSettings, fit_settings
from n3fit.fit.theory_covariance import stored_covariance
from n3fit.results import FitFolder, fit_name, write_fit_folder
from n3fit.results.adding import add_replicas, check_inputs
from n3fit.results.closure_arrays import collect_closure
from n3fit.results.manifest import Provenance
from n3fit.results.residual_table import make_residuals
from n3fit.runcard import read_runcard
from n3fit.storage.locks import lock_folder

if TYPE_CHECKING:
    from n3fit.fit.groups import TrainedReplicas
    from n3fit.fit.inputs import FitInputs
    from n3fit.paths import SearchPaths
    from n3fit.progress import ProgressReporter
    from n3fit.results.fit_record import FitRecord
    from n3fit.runcard import Runcard


def run_fit(
    source: Path,
    replicas: Sequence[int],
    folder: Path,
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
    force: bool = False,
    add: bool = False,
    resume: bool = False,
    checkpoint: float | None = None,
    inputs: FitInputs | None = None,
    stop_requested: Callable[[], bool] | None = None,
) -> FitFolder:
    """Fit replicas and write the fit folder; see :func:`n3fit.api.fit`.

    Parameters
    ----------
    source : Path
        The runcard.
    replicas : sequence of int
        Their numbers.
    folder, paths, progress : Path, SearchPaths, ProgressReporter
    force, add, resume : bool
        Replace an existing fit; add the replicas to an existing fit; continue a fit that was interrupted.
    checkpoint : float, optional
        Minutes between checkpoints.
    inputs : FitInputs, optional
        Those of the runcard, if they are in memory already.
    stop_requested : callable, optional
        Returns whether the training is to stop as after a signal, with a checkpoint.

    Raises
    ------
    N3fitError
        Any user error.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder.
    """
    progress.phase("reading the runcard")
    card = read_runcard(source)
    cards = read_replica_cards(card, source=source)
    fit_name(folder)
    with lock_folder(folder), Interruptions(stop_requested) as interruptions:
        plan = plan_output(folder, card.source_text, replicas, force=force, add=add, resume=resume)
        start = None
        if plan.replicas:
            start = read_initial_weights(card, plan.replicas, source=source, output=folder, cards=cards)
        libraries = import_in_background()
        phases = Phases(progress)
        phases.begin("reading data and theory")
        if inputs is None:
            inputs = load_inputs(card, paths, progress=progress)
        phases.end()
        libraries.join()
        hashes = {**inputs.hashes, **cards.hashes, **(start.hashes if start else {})}
        if plan.existing is not None:
            check_inputs(plan.existing, hashes)
            if not plan.replicas:
                progress.message(f"{folder}: has all of these replicas already, nothing to do")
                discard_checkpoints(folder)
                return plan.existing
        checkpoints = open_checkpoints(plan.folder, hashes, plan.replicas, minutes=checkpoint, resume=resume)
        run = _Run(cards, inputs, hashes, source.name, plan, phases, interruptions, checkpoints)
        try:
            return run.fit(folder, start)
        except ResourceError as error:
            if checkpoints.written:
                error.hint = f"{error.hint}; the same command with --resume continues from {checkpoints.folder}"
                error.ways = [["--resume"]]
            raise
        except KeyboardInterrupt:
            if checkpoints.written:
                progress.message(
                    f"checkpoint in {checkpoints.folder}: the same command with --resume continues"
                    " (in Python the same call with resume=True)"
                )
            raise


@dataclass(frozen=True)
class _Run:
    """The inputs of a run, and what its steps share."""

    cards: ReplicaCards
    inputs: FitInputs
    hashes: Mapping[str, str]
    runcard_name: str
    plan: OutputPlan
    phases: Phases
    interruptions: Interruptions
    checkpoints: FitCheckpoints

    def fit(self, folder: Path, start: InitialWeights | None) -> FitFolder:
        """Train the replicas of the plan, write them, and return the fit in ``folder``."""
        plan, progress = self.plan, self.phases.reporter
        record, trained = self._train(folder, start)
        interruption = trained.group.interruption
        if interruption is not None and plan.existing is not None and self.checkpoints.written:
            raise interruption  # the checkpoint has the replicas that had finished; they are added with the others
        self.phases.begin("writing the fit folder")
        card = self.cards.first
        written = _write(
            record, trained, card, fit_settings(card), self.inputs, self.hashes, self.runcard_name, plan.folder,
            self.phases, force=plan.replace,
        )  # fmt: skip
        if plan.existing is not None:
            written = add_replicas(plan.existing, written)
        if interruption is None:
            self.checkpoints.remove()
        interruption = interruption or self.interruptions.pending
        if interruption is not None:
            finished = len(record.results.replicas)
            progress.message(f"{finished} of {len(plan.replicas)} replicas had finished: see {written.path}")
            raise interruption
        return written

    def _train(self, folder: Path, start: InitialWeights | None) -> tuple[FitRecord, TrainedReplicas]:
        from n3fit.fit.groups import train_groups  # imports Keras, see n3fit.fit.preloading
        from n3fit.fit.outcome import make_record
        from n3fit.fit.training_plans import make_plans

        inputs, replicas = self.inputs, self.plan.replicas
        logs = folder.with_name(f"{folder.name}-tensorboard")
        plans = make_plans(self.cards, inputs, replicas, tensorboard_folder=logs)
        trained = train_groups(
            plans,
            inputs,
            replicas,
            phases=self.phases,
            interruptions=self.interruptions,
            initial_weights=None if start is None else start.replicas,
            checkpoints=self.checkpoints,
        )
        results, common = trained.group.results, plans[0]
        record = make_record(fit_name(folder), self.cards, common.settings, common.architecture, inputs, results)
        return record, trained


def _write(
    record: FitRecord,
    trained: TrainedReplicas,
    card: Runcard,
    settings: FitSettings,
    inputs: FitInputs,
    hashes: Mapping[str, str],
    runcard_name: str,
    folder: Path,
    phases: Phases,
    *,
    force: bool,
) -> FitFolder:
    data, closure = inputs.data, inputs.closure
    predictions, datasets = record.results.predictions, record.description.datasets
    residuals = make_residuals(
        datasets,
        central=data.central,
        predictions=predictions,
        experimental_covariance=data.with_theory(data.experimental_covariance),
        t0_covariance=data.with_theory(data.t0_covariance),
    )
    return write_fit_folder(
        record,
        folder,
        residuals=residuals,
        weights=trained.group.weights,
        provenance=Provenance(
            runcard_text=card.source_text,
            runcard_name=runcard_name,
            seeds=_seeds(card, inputs),
            inputs=dict(hashes),
            timing=dict(phases.seconds),
            environment=_environment(settings)
            | {"theory_compression": dict(trained.compression), "replicas_together": trained.together},
            status="complete" if trained.group.interruption is None else "interrupted",
        ),
        closure=None
        if closure is None
        else collect_closure(closure, datasets, predictions=predictions, central=data.central),
        theory_covariance=stored_covariance(inputs.theory_covariance, data.datasets),
        datasets=data.datasets,
        pseudodata=trained.pseudodata if settings.pseudodata.saved else None,
        split=trained.split,
        force=force,
    )


def _seeds(card: Runcard, inputs: FitInputs) -> dict[str, int]:
    seeds = {"trvlseed": card.trvlseed, "nnseed": card.nnseed, "mcseed": card.mcseed}
    if inputs.closure is not None:
        seeds["filterseed"] = inputs.closure.filterseed
    return {name: seed for name, seed in seeds.items() if seed is not None}


def _environment(settings: FitSettings) -> dict[str, Any]:
    from n3fit.backends import describe_device

    return {
        "precision": "float64" if settings.double_precision else "float32",
        "debug": settings.deterministic,
        **describe_device(),
    }
