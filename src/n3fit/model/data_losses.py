"""Training and validation chi2 of all replicas, which are fitted to the same or to different data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.backends import Lambda
from n3fit.backends import operations as op
from n3fit.compression.thin_products import ThinProduct
from n3fit.layers.chi2 import ReducedSquares
from n3fit.layers.observables import LinearMap
from n3fit.model.chi2_forms import DividedChi2, EigenbasisChi2, PointChi2, ReducedChi2
from n3fit.model.predictions import FormCollection, ObservablePlan, join_rows, plan_observable
from n3fit.model.residual_plan import ResidualPlan, plan_residuals, split_chi2
from n3fit.model.spec import TrainingProblem
from n3fit.typing import Indices


@dataclass(frozen=True)
class PartLosses:
    """Chi2 of the replicas that are fitted to the same data sets.

    Parameters
    ----------
    name : str
        First part of the names of the layers.
    replicas : (r,) or None
        Their positions among all; None for all.
    plan : ResidualPlan
    forms : FormCollection or None
        The linear rows of these replicas; None if they are among those of all replicas.
    nonlinear : tuple of int
        Which data sets that are not linear in the PDF they are fitted to.
    chi2 : EigenbasisChi2 or PointChi2
    """

    name: str
    replicas: Indices | None
    plan: ResidualPlan
    forms: FormCollection | None
    nonlinear: tuple[int, ...]
    chi2: EigenbasisChi2 | PointChi2

    def evaluate(self, pdf: Any, predictions: Sequence[Any], nonlinear: Mapping[int, Any], prefix: str) -> Any:
        """Build the training and the validation chi2 ``(1, r)``, from what is built for all replicas."""
        name = f"{prefix}{self.name}"
        if self.forms is not None:
            predictions = self.forms.evaluate(take_replicas(pdf, self.replicas, f"{name}pdf"))
        others = join_rows([nonlinear[index] for index in self.nonlinear]) if self.nonlinear else None
        if others is not None:
            others = take_replicas(others, self.replicas, f"{name}nonlinear")
        residuals = self.plan.evaluate(predictions, others, name)
        return split_chi2(residuals, self.plan.rows, self.chi2, name)


@dataclass(frozen=True)
class ReducedLosses:
    """Chi2 of all replicas in reduced form, and the data sets that are not linear in the PDF."""

    chi2: ReducedChi2
    nonlinear: tuple[ObservablePlan, ...]

    def evaluate(self, pdf: Any, predictions: Sequence[Any], prefix: str) -> tuple[Any, Any]:
        """Build the training and the validation chi2, ``(1, R)`` each; see :meth:`DataLosses.evaluate`."""
        variables = [plan.evaluate(pdf, predictions, prefix) for plan in self.nonlinear]
        if self.chi2.basis.size:
            product = ThinProduct(0, (self.chi2.basis,))
            variables.insert(0, LinearMap(product, name=f"{prefix}combinations")(pdf))
        joined = join_rows(variables)
        training, validation = (
            ReducedSquares(form.roots, form.targets, form.constants, name=f"{prefix}{name}_squares")(joined)
            for name, form in (("training", self.chi2.training), ("validation", self.chi2.validation))
        )
        return training, validation


@dataclass(frozen=True)
class DataLosses:
    """Chi2 of all replicas: its parts, and the data sets that are not linear in the PDF by their positions.

    ``order`` says where the replicas are found behind the parts; None where they are in their order.
    """

    parts: tuple[PartLosses, ...]
    nonlinear: Mapping[int, ObservablePlan]
    order: Indices | None

    def evaluate(self, pdf: Any, predictions: Sequence[Any], prefix: str) -> tuple[Any, Any]:
        """Build the training and the validation chi2, ``(1, R)`` each.

        Parameters
        ----------
        pdf : tensor
        predictions : sequence of tensors
            From :meth:`FormCollection.evaluate`.
        prefix : str
            First part of the names of the layers.
        """
        others = {index: plan.evaluate(pdf, predictions, prefix) for index, plan in self.nonlinear.items()}
        losses = [part.evaluate(pdf, predictions, others, prefix) for part in self.parts]
        training, validation = (join_rows([loss[which] for loss in losses]) for which in (0, 1))
        return (
            take_replicas(training, self.order, f"{prefix}training_in_order"),
            take_replicas(validation, self.order, f"{prefix}validation_in_order"),
        )


def plan_data_losses(problem: TrainingProblem, forms: FormCollection) -> DataLosses | ReducedLosses:
    """Return the plan of the chi2, and add to ``forms`` what is computed for all replicas.

    The rows linear in the PDF of each part of a divided problem, which the whitening of its covariance mixes, are
    computed for its replicas alone; all other predictions once, whatever the parts that need them.
    """
    nonlinear = {
        index: plan_observable(observable, forms)
        for index, observable in enumerate(problem.observables)
        if observable.linear_matrix() is None
    }
    if isinstance(problem.chi2, ReducedChi2):
        return ReducedLosses(problem.chi2, tuple(nonlinear[index] for index in problem.chi2.nonlinear))
    if not isinstance(problem.chi2, DividedChi2):
        plan = plan_residuals(problem, forms)
        return DataLosses((PartLosses("", None, plan, None, tuple(nonlinear), problem.chi2),), nonlinear, None)
    parts = []
    for number, part in enumerate(problem.chi2.parts):
        name = f"part_{number}_"
        own = FormCollection(prefix=f"{forms.prefix}{name}")
        plan = plan_residuals(problem.part(part), own)
        chosen = tuple(index for index in part.datasets if index in nonlinear)
        parts.append(PartLosses(name, part.replicas, plan, own, chosen, part.chi2))
    order = problem.chi2.order
    return DataLosses(tuple(parts), nonlinear, None if _is_range(order) else order)


def take_replicas(tensor: Any, replicas: Indices | None, name: str) -> Any:
    """Return the replicas at some positions along the second axis of a tensor; all of them for None."""
    if replicas is None:
        return tensor
    first = int(replicas[0])
    if _is_range(replicas):
        last = first + len(replicas)
        return Lambda(lambda values: values[:, first:last], name=name)(tensor)
    return op.gather(tensor, replicas, axis=1)


def _is_range(positions: Indices) -> bool:
    """Return whether positions follow each other."""
    return bool((np.diff(positions) == 1).all())
