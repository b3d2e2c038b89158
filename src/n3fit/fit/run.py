"""One fit, from the runcard to the fit folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.fit.initial_weights import InitialWeights, read_initial_weights
from n3fit.fit.inputs import load_inputs
from n3fit.fit.interruptions import Interruptions
from n3fit.fit.phases import Phases
from n3fit.fit.preloading import import_in_background
from n3fit.fit.settings import FitSettings, fit_settings
from n3fit.fit.theory_covariance import stored_covariance
from n3fit.results import FitFolder, fit_name, prepare_folder, write_fit_folder
from n3fit.results.adding import add_replicas, addition_folder, check_inputs, open_to_add
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
) -> FitFolder:
    """Fit replicas and write the fit folder; see :func:`n3fit.api.fit`.

    Parameters
    ----------
    source : Path
        The runcard.
    replicas : sequence of int
        Their numbers.
    folder, paths, progress : Path, SearchPaths, ProgressReporter
    force, add : bool
        Replace an existing fit; add the replicas to an existing fit.

    Raises
    ------
    N3fitError
        Any user error.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder.
    """
    progress.phase("reading the runcard")
    card = read_runcard(source)
    name = fit_name(folder)
    settings = fit_settings(card, tensorboard_folder=folder.with_name(f"{folder.name}-tensorboard"))
    with lock_folder(folder), Interruptions() as interruptions:
        existing = open_to_add(folder, card.source_text, replicas) if add else None
        target = folder if existing is None else addition_folder(folder, replicas)
        prepare_folder(target, force=force)
        start = read_initial_weights(card, replicas, source=source, output=folder)
        libraries = import_in_background()
        phases = Phases(progress)
        phases.begin("reading data and theory")
        inputs = load_inputs(card, paths, progress=progress)
        phases.end()
        libraries.join()
        hashes = inputs.hashes | dict(start.hashes if start else {})
        if existing is not None:
            check_inputs(existing, hashes)
        record, trained = _train(name, card, settings, inputs, replicas, phases, interruptions, start)
        interruption = trained.group.interruption
        if interruption is not None and len(record.results.replicas) == 0:
            raise interruption
        phases.begin("writing the fit folder")
        written = _write(record, trained, card, settings, inputs, hashes, source.name, target, phases, force=force)
        if existing is not None:
            written = add_replicas(existing, written)
        interruption = interruption or interruptions.pending
        if interruption is not None:
            finished = len(record.results.replicas)
            progress.message(f"{finished} of {len(replicas)} replicas had finished: see {written.path}")
            raise interruption
    return written


def _train(
    name: str,
    card: Runcard,
    settings: FitSettings,
    inputs: FitInputs,
    replicas: Sequence[int],
    phases: Phases,
    interruptions: Interruptions,
    start: InitialWeights | None,
) -> tuple[FitRecord, TrainedReplicas]:
    from n3fit.fit.groups import train_groups  # imports Keras, see n3fit.fit.preloading
    from n3fit.fit.outcome import make_record
    from n3fit.fit.problem import make_architecture

    architecture = make_architecture(card, inputs)
    trained = train_groups(
        settings,
        architecture,
        inputs,
        replicas,
        phases=phases,
        interruptions=interruptions,
        initial_weights=None if start is None else start.replicas,
    )
    return make_record(name, card.description, settings, architecture, inputs, trained.group.results), trained


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
