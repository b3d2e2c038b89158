"""Training the replicas of a fit, in one group or one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.fit.interruptions import Interruptions
from n3fit.fit.phases import Stages

if TYPE_CHECKING:
    import numpy as np

    from n3fit.fit.inputs import FitInputs
    from n3fit.model.architecture import Architecture
    from n3fit.progress import ProgressReporter
    from n3fit.results import FitOutcome
    from n3fit.runcard import Runcard


@dataclass(frozen=True)
class TrainedGroups:
    """The replicas that finished.

    Parameters
    ----------
    outcome : FitOutcome
    interruption : KeyboardInterrupt or None
        What cut the others off.
    compression : mapping
        What is certified of each compressed observable, by its name.
    """

    outcome: FitOutcome
    interruption: KeyboardInterrupt | None
    compression: Mapping[str, Mapping[str, float]]


def train_groups(
    name: str,
    runcard: Runcard,
    inputs: FitInputs,
    replicas: Sequence[int],
    folder: Path,
    *,
    timing: Stages,
    interruptions: Interruptions,
) -> TrainedGroups:
    """Train the replicas and give those that finished.

    With ``parallel_models: false`` each replica is a group of its own, and with ``debug: true``, so that it is bit by
    bit the same whatever the others are. Trained replicas are not lost: while they are evaluated, and from the end of
    the last group on, an interruption waits in ``interruptions``.

    Raises
    ------
    ResourceError
        The fit needs more memory than there is.
    KeyboardInterrupt
        Nothing had finished.
    """
    timing.begin("preparing the fit")
    from n3fit.backends import set_compilation_cache, set_initial_state
    from n3fit.fit.outcome import join_outcomes, make_outcome, select_replicas
    from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.training.trainer import train_replicas

    set_initial_state(debug=runcard.debug, max_cores=runcard.maxcores, double_precision=runcard.double_precision)
    set_compilation_cache()
    architecture = make_architecture(runcard, inputs)
    together = runcard.parallel_models and not runcard.debug
    announce_resources(runcard, architecture, inputs, len(replicas), together, timing.reporter)
    load = _weights_to_load(runcard)
    tensorboard = folder.with_name(f"{folder.name}-tensorboard") if runcard.tensorboard is not None else None
    pseudodata = make_pseudodata(runcard, inputs, replicas)
    problem = make_problem(runcard, inputs, replicas, pseudodata)
    groups = [list(range(len(replicas)))] if together else [[row] for row in range(len(replicas))]
    outcomes: list[FitOutcome] = []
    interruption = None
    for rows in groups:
        numbers = [replicas[row] for row in rows]
        try:
            interruptions.let_through()
            timing.begin("training")
            trained = train_replicas(
                runcard, architecture, problem.select(rows), numbers,
                progress=timing.reporter, load=load, tensorboard=tensorboard, on_end=interruptions.hold,
            )  # fmt: skip
            timing.begin("evaluating the replicas")
            outcome = make_outcome(name, runcard, inputs, numbers, trained, pseudodata[rows])
            outcomes.append(select_replicas(outcome, trained.finished))
            timing.end()
        except KeyboardInterrupt as error:
            if not outcomes:
                raise
            interruption = error  # the groups before are whole
            break
        interruption = trained.interruption
        if interruption is None and len(outcomes) < len(groups):
            interruption = interruptions.pending
        if interruption is not None:
            break
    interruptions.hold()
    return TrainedGroups(join_outcomes(outcomes), interruption, problem.compression)


def announce_resources(
    runcard: Runcard,
    architecture: Architecture,
    inputs: FitInputs,
    replicas: int,
    together: bool,
    reporter: ProgressReporter,
) -> None:
    """Tell what the fit will need, and refuse one that is too large for this machine.

    Raises
    ------
    ResourceError
        It needs more memory than there is.
    """
    from n3fit.compression.folding import merged_xgrid
    from n3fit.fit.memory import check_memory
    from n3fit.fit.resources import estimate_resources

    at_once = replicas if together else 1
    estimate = estimate_resources(runcard, architecture, inputs, len(merged_xgrid(inputs.tables)), at_once)
    check_memory(estimate.memory_mb, at_once)
    minutes = estimate.seconds * (1 if together else replicas) / 60
    duration = f"{minutes:.0f} min" if minutes >= 1 else f"{60 * minutes:.0f} s"
    plural = "replica" if replicas == 1 else "replicas"
    reporter.message(
        f"{replicas} {plural}: about {estimate.memory_mb / 1e3:.1f} GB of memory, about {duration} at most"
    )


def _weights_to_load(runcard: Runcard) -> dict[str, list[np.ndarray[Any, Any]]] | None:
    """Read the weights that ``load`` names."""
    if runcard.load is None:
        return None
    from n3fit.storage.weights import read_weights

    return read_weights(Path(runcard.load))
