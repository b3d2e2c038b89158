"""Which replicas train with which settings and which network: one plan for all, or one for each trial of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.fit.inputs import FitInputs
from n3fit.fit.problem import make_architecture
from n3fit.fit.replica_cards import ReplicaCards
from n3fit.fit.resources import ResourceEstimate, estimate_resources
from n3fit.fit.settings import FitSettings, fit_settings
from n3fit.model.architecture import Architecture


@dataclass(frozen=True, eq=False)
class TrainingPlan:
    """Replicas with the same settings and architecture.

    Parameters
    ----------
    settings : FitSettings
    architecture : Architecture
    slots : (R,) int
        Their places among all replicas of the fit.
    """

    settings: FitSettings
    architecture: Architecture
    slots: NDArray[np.intp]

    @property
    def groups(self) -> list[NDArray[np.intp]]:
        """The slots that are trained together: all, or one at a time."""
        return [self.slots] if self.settings.together else list(self.slots[:, np.newaxis])

    @property
    def at_once(self) -> int:
        """Number of replicas that are trained at the same time."""
        return len(self.slots) if self.settings.together else 1


def make_plans(
    cards: ReplicaCards,
    inputs: FitInputs,
    replicas: Sequence[int],
    *,
    tensorboard_folder: Path = Path("tensorboard"),
) -> list[TrainingPlan]:
    """Return the plans of replicas, in the order of their first replicas.

    Parameters
    ----------
    cards : ReplicaCards
    inputs : FitInputs
    replicas : sequence of int
        Their numbers.
    tensorboard_folder : Path
        Where TensorBoard logs go; those of several plans to folders in it.
    """
    groups = cards.groups(replicas)
    plans = []
    for card, slots in groups:
        logs = tensorboard_folder if len(groups) == 1 else tensorboard_folder / f"replica_{replicas[slots[0]]}"
        settings = fit_settings(card, tensorboard_folder=logs)
        plans.append(TrainingPlan(settings, make_architecture(card, inputs), slots))
    return plans


def estimate_plans(plans: Sequence[TrainingPlan], inputs: FitInputs) -> ResourceEstimate:
    """Estimate the resources for plans that are carried out one after the other.

    Returns
    -------
    ResourceEstimate
        The largest number of parameters, memory and time per epoch, and the time of all together.
    """
    parts = []
    for plan in plans:
        one = estimate_resources(plan.settings, plan.architecture, inputs, plan.at_once)
        parts.append(replace(one, seconds=one.seconds * len(plan.groups)))
    return ResourceEstimate(
        parameters=max(part.parameters for part in parts),
        memory_mb=max(part.memory_mb for part in parts),
        seconds_per_epoch=max(part.seconds_per_epoch for part in parts),
        seconds=sum(part.seconds for part in parts),
    )
