"""Training of the replicas of a fit, in one group or one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import describe_device, set_compilation_cache, set_initial_state, start_devices
from n3fit.fit.checkpoints import FitCheckpoints
from n3fit.fit.group_division import GroupDivision
from n3fit.fit.group_monitor import GroupMonitor
from n3fit.fit.inputs import FitInputs
from n3fit.fit.interruptions import Interruptions
from n3fit.fit.outcome import evaluate_replicas
from n3fit.fit.phases import Phases
from n3fit.fit.problem import make_problem, make_pseudodata, record_split, with_schedules
from n3fit.fit.resources import check_memory
from n3fit.fit.settings import FitSettings
from n3fit.fit.training_plans import TrainingPlan, estimate_plans
from n3fit.model.parametrisation import check_parametrisation
from n3fit.progress import ProgressReporter
from n3fit.results.replica_results import ReplicaResults, join_results
from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.training.trainer import train_replicas
from n3fit.typing import Weights


@dataclass(frozen=True)
class ReplicaGroup:
    """Replicas that were trained together; R of them finished.

    Parameters
    ----------
    slots : (R,)
        Their places among all replicas of the fit.
    results : ReplicaResults
    weights : tuple of R mappings
        By layer the arrays of each replica.
    interruption : KeyboardInterrupt or None
        The interruption that ended the training of the others.
    size : int
        Number of replicas trained, with those that did not finish.
    """

    slots: NDArray[np.intp]
    results: ReplicaResults
    weights: tuple[Weights, ...]
    interruption: KeyboardInterrupt | None
    size: int


@dataclass(frozen=True)
class TrainedReplicas:
    """All replicas that finished, with what they were fitted to.

    Parameters
    ----------
    group : ReplicaGroup
        The groups joined.
    pseudodata : (R, N)
    split : PointSplit, ModeSplit or None
        The split of the same replicas, if it is to be saved.
    compression : mapping
        Certificate of each compressed observable, by its name.
    together : int
        The largest number of replicas that were trained at the same time.
    """

    group: ReplicaGroup
    pseudodata: NDArray[np.float64]
    split: PointSplit | ModeSplit | None
    compression: Mapping[str, Mapping[str, float]]
    together: int


def train_groups(
    plans: Sequence[TrainingPlan],
    inputs: FitInputs,
    replicas: Sequence[int],
    *,
    phases: Phases,
    interruptions: Interruptions,
    initial_weights: Sequence[Weights] | None = None,
    checkpoints: FitCheckpoints | None = None,
) -> TrainedReplicas:
    """Train the replicas and return those that finished.

    The replicas of a plan are a group, or each of them one of its own when they are not trained together; groups are
    trained one after the other. A group for which the memory does not suffice is divided. Trained replicas
    are not lost: from the first epoch on, an interruption is kept pending in ``interruptions``; it ends the training at
    the end of a chunk of epochs, with a checkpoint if there are ``checkpoints``.

    Parameters
    ----------
    plans : sequence of TrainingPlan
        Each replica is in one of them; they share everything that the networks and their training do not need alone.
    inputs : FitInputs
    replicas : sequence of int
        Their numbers.
    phases : Phases
    interruptions : Interruptions
    initial_weights : sequence of mappings, optional
        By layer the arrays from which each replica starts.
    checkpoints : FitCheckpoints, optional

    Returns
    -------
    TrainedReplicas
        In the order of ``replicas``.

    Raises
    ------
    ResourceError
        The fit needs more memory than available.
    KeyboardInterrupt
        No replica had finished.
    """
    phases.begin("preparing the fit")
    settings, architecture = plans[0].settings, plans[0].architecture
    start_backend(settings, phases.reporter)
    check_parametrisation(architecture)
    announce_resources(plans, inputs, len(replicas), phases.reporter)
    pseudodata = make_pseudodata(settings, inputs, replicas)
    problem = make_problem(
        settings, inputs, replicas, pseudodata, basis=architecture.evolution_basis, positivity=architecture.positivity
    )
    plan_of = {int(slot): plan for plan in plans for slot in plan.slots}

    def train(slots: NDArray[np.intp]) -> ReplicaGroup:
        numbers = [replicas[slot] for slot in slots]
        plan = plan_of[int(slots[0])]
        interruptions.hold()
        phases.begin("training")
        trained = train_replicas(
            plan.settings.training, plan.architecture, with_schedules(problem.select(slots), plan.settings), numbers,
            progress=phases.reporter,
            initial_weights=None if initial_weights is None else [initial_weights[slot] for slot in slots],
            monitor=GroupMonitor(checkpoints, numbers, interruptions, several=len(slots) < len(replicas)),
        )  # fmt: skip
        if trained.interruption is not None and not trained.finished.any():
            raise trained.interruption
        phases.begin("evaluating the replicas")
        results = evaluate_replicas(plan.settings, plan.architecture, inputs, numbers, trained)
        finished = np.flatnonzero(trained.finished)
        weights = tuple(trained.pdf_model.get_weights_of_replicas(finished.tolist()))
        phases.end()
        return ReplicaGroup(slots[finished], results.take(finished), weights, trained.interruption, len(slots))

    slots = [group for plan in plans for group in plan.groups]
    groups = _train_one_after_the_other(GroupDivision(slots, train, phases.reporter), interruptions)
    group = _join(groups)
    split = None
    if settings.pseudodata.saved:
        sigma = np.sqrt(np.diagonal(inputs.data.loss_covariance))
        split = record_split(problem.select(group.slots), inputs.data.fitted_points, sigma)
    together = max(one.size for one in groups)
    return TrainedReplicas(group, pseudodata[group.slots], split, problem.compression, together)


def start_backend(settings: FitSettings, reporter: ProgressReporter) -> None:
    """Set seeds, precision, threads and the cache of programs, and report the devices."""
    set_initial_state(
        debug=settings.deterministic, max_cores=settings.max_cores, double_precision=settings.double_precision
    )
    set_compilation_cache()
    start_devices()
    device = describe_device()
    reporter.message(f"computing on {device['device']} with {device['backend']} {device['backend_version']}")


def _train_one_after_the_other(groups: GroupDivision[ReplicaGroup], interruptions: Interruptions) -> list[ReplicaGroup]:
    """Train groups of replicas until the last one or an interruption, which the last group returned has."""
    trained: list[ReplicaGroup] = []
    while groups.remaining:
        try:
            group = groups.train_next()
            if group is None and interruptions.pending is not None:
                raise interruptions.pending
        except KeyboardInterrupt as error:
            if not trained:
                raise
            trained[-1] = replace(trained[-1], interruption=error)  # the groups before are complete
            break
        if group is None:
            continue
        if group.interruption is None and groups.remaining:
            group = replace(group, interruption=interruptions.pending)
        trained.append(group)
        if group.interruption is not None:
            break
    interruptions.hold()
    return trained


def _join(groups: Sequence[ReplicaGroup]) -> ReplicaGroup:
    """Return the replicas of all groups in the order of the fit."""
    slots = np.concatenate([group.slots for group in groups])
    weights = [weights for group in groups for weights in group.weights]
    order = np.argsort(slots, kind="stable")
    return ReplicaGroup(
        slots=slots[order],
        results=join_results([group.results for group in groups]).take(order),
        weights=tuple(weights[place] for place in order),
        interruption=groups[-1].interruption,
        size=sum(group.size for group in groups),
    )


def announce_resources(
    plans: Sequence[TrainingPlan], inputs: FitInputs, replicas: int, reporter: ProgressReporter
) -> None:
    """Report the memory and time that a fit needs, and check that the memory suffices.

    Raises
    ------
    ResourceError
        The fit needs more memory than available.
    """
    estimate = estimate_plans(plans, inputs)
    check_memory(estimate.memory_mb, max(plan.at_once for plan in plans))
    minutes = estimate.seconds / 60
    duration = f"{minutes:.0f} min" if minutes >= 1 else f"{60 * minutes:.0f} s"
    plural = "replica" if replicas == 1 else "replicas"
    reporter.message(
        f"{replicas} {plural}: about {estimate.memory_mb / 1e3:.1f} GB of memory, about {duration} at most"
    )
