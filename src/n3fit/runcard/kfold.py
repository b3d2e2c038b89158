"""Runcard keys under ``kfold``: the folds of a hyperparameter scan and the loss of a trial."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from n3fit.runcard.values import (
    Fraction,
    Kind,
    ListAsTuple,
    Name,
    PositiveNumber,
    RuncardSection,
    StrictBool,
    list_names,
    one_of,
    violation,
)

HYPER_LOSSES = ("chi2", "phi2", "logp", "chi2p")
"""Losses of a fold."""

STATISTICS = ("average", "average_best", "best_worst", "std")
"""Statistics over replicas and over folds; ``average_best`` is another name of ``average``."""

HYPER_PENALTIES = ("saturation", "patience", "integrability")
"""Penalties of a replica."""

Statistic = Annotated[str, one_of(*STATISTICS), Kind(list_names(STATISTICS))]


def _distinct(names: Any) -> Any:
    repeated = sorted({str(name) for name in names if list(names).count(name) > 1}) if _is_list(names) else []
    if repeated:
        raise violation(f"each name once, not {', '.join(repeated)} again")
    return names


def _empty_for_null(value: Any) -> Any:
    return () if value is None else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


class FoldPartition(RuncardSection):
    """One fold: the data sets that its replicas are judged by."""

    datasets: Annotated[ListAsTuple[Name], BeforeValidator(_distinct), BeforeValidator(_empty_for_null)] = Field(
        default=(), description="data sets that are left out of the fit; none: the fold is judged by all data"
    )
    overfit: StrictBool = Field(default=False, description="fit these data sets too")


class KFold(RuncardSection):
    """The folds of a hyperparameter scan, and the loss of a trial."""

    partitions: ListAsTuple[FoldPartition] = Field(min_length=1, description="the folds")
    loss_type: Annotated[str, one_of(*HYPER_LOSSES), Kind(list_names(HYPER_LOSSES))] = Field(
        default="chi2",
        description="loss of a fold: chi2 of validation and of the data left out, their phi, or the chi2 (chi2p) or "
        "log-likelihood (logp) of the mean prediction with the covariance of the PDF",
    )
    replica_statistic: Statistic = Field(
        default="average", description="statistic over the replicas of a fold, for the loss chi2"
    )
    fold_statistic: Statistic = Field(default="average", description="statistic over the folds")
    reduce_proportion: Annotated[Fraction, Field(gt=0)] = Field(
        default=0.85, description="fraction of the replicas, those with the smallest validation loss, that count"
    )
    threshold: PositiveNumber = Field(default=50.0, description="loss of a fold above which a trial stops and fails")
    penalties: Annotated[
        ListAsTuple[Annotated[str, one_of(*HYPER_PENALTIES), Kind("penalty")]],
        BeforeValidator(_distinct),
        BeforeValidator(_empty_for_null),
    ] = Field(default=(), description=f"penalties of a replica: {', '.join(HYPER_PENALTIES)}")
    penalties_in_loss: StrictBool = Field(default=False, description="add the penalties to the loss")
