"""From a runcard and its inputs to what the models need: architecture, pseudodata, split and penalties."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from n3fit.compression.compressor import TheoryCompressor, compression_record
from n3fit.compression.folding import FoldedObservable, fold_observable, merged_xgrid
from n3fit.data import EigenbasisSplit, PseudodataGenerator, point_masks
from n3fit.fit.inputs import FitInputs
from n3fit.layers.features import feature_knots
from n3fit.layers.preprocessing import ExponentRange
from n3fit.model.architecture import Architecture
from n3fit.model.spec import EigenbasisChi2, Penalty, PointChi2, TrainingProblem
from n3fit.runcard import Runcard

Floats = NDArray[np.float64]

MOST_WORKERS = 4
"""Observables that are compressed at the same time: each takes a few hundred MB while it is."""


def make_architecture(runcard: Runcard, inputs: FitInputs) -> Architecture:
    """Give the parametrisation that a runcard describes."""
    parameters = runcard.parameters
    scaling = parameters.feature_scaling_points
    arguments = parameters.regularizer_args
    return Architecture(
        fitbasis=runcard.fitting.fitbasis,
        ranges=tuple(
            ExponentRange(
                flavour=entry.fl,
                smallx=entry.smallx,
                largex=entry.largex,
                trainable=entry.trainable,
            )
            for entry in runcard.fitting.basis
        ),
        nodes=parameters.nodes_per_layer,
        activations=parameters.activation_per_layer,
        initializer=parameters.initializer,
        layer_type=parameters.layer_type,
        dropout=parameters.dropout,
        regularizer=parameters.regularizer,
        regularizer_args=tuple(arguments.model_dump().items()) if arguments is not None else (),
        sum_rules=runcard.fitting.sum_rules,
        seed=runcard.nnseed,
        feature_knots=None if scaling is None else feature_knots([table.xgrid for table in inputs.tables], scaling),
    )


def make_pseudodata(runcard: Runcard, inputs: FitInputs, replicas: Sequence[int]) -> Floats:
    """Give what each replica is fitted to, (R, N): pseudodata, or the central data without ``genrep``."""
    data = inputs.data
    if not runcard.genrep or runcard.mcseed is None:
        return np.tile(data.central, (len(replicas), 1))
    covariance = data.t0_covariance if runcard.use_t0_sampling else data.experimental_covariance
    fluctuations = PseudodataGenerator(
        data.datasets, covariance, separate_multiplicative=runcard.separate_multiplicative
    )
    return fluctuations.draw_all(seed=runcard.mcseed, replicas=replicas)


def make_problem(runcard: Runcard, inputs: FitInputs, replicas: Sequence[int], pseudodata: Floats) -> TrainingProblem:
    """Fold the theory and split the data for some replicas.

    Parameters
    ----------
    pseudodata : (R, N)
        From :func:`make_pseudodata`.

    Raises
    ------
    DataError
        The covariance is singular.
    """
    xgrid = merged_xgrid(inputs.tables)
    folded, compression = _fold_all(runcard, inputs, xgrid)
    return TrainingProblem(
        xgrid=xgrid,
        observables=tuple(folded[observable.name] for observable in inputs.observables),
        data=pseudodata,
        chi2=_split(runcard, inputs, replicas),
        positivity=_penalty(
            [folded[observable.name] for observable in inputs.positivity],
            [
                runcard.parameters.positivity.schedule(entry.maxlambda, runcard.parameters.epochs)
                for entry in runcard.positivity.posdatasets
            ],
        ),
        integrability=_penalty(
            [folded[observable.name] for observable in inputs.integrability],
            [
                runcard.parameters.integrability.schedule(entry.maxlambda, runcard.parameters.epochs)
                for entry in runcard.integrability.integdatasets
            ],
        ),
        compression=compression,
    )


def _split(runcard: Runcard, inputs: FitInputs, replicas: Sequence[int]) -> EigenbasisChi2 | PointChi2:
    data = inputs.data
    if runcard.diagonal_basis:
        split = EigenbasisSplit(data.loss_covariance, data.datasets)
        masks = split.training_masks(
            replicas,
            fraction=runcard.diagonal_frac,
            seed=runcard.trvlseed,
            same_for_all=runcard.same_trvl_per_replica,
        )
        return EigenbasisChi2(whitening=split.whitening, training=masks)
    fractions = {dataset.name: entry.frac for dataset, entry in zip(data.datasets, runcard.dataset_inputs, strict=True)}
    masks = point_masks(
        data.datasets,
        fractions,
        replicas=replicas,
        seed=runcard.trvlseed,
        same_for_all=runcard.same_trvl_per_replica,
    )
    return PointChi2(covariance=data.loss_covariance, training=masks)


def _penalty(observables: Sequence[FoldedObservable], schedules: Sequence[tuple[float, float]]) -> Penalty:
    return Penalty(
        observables=tuple(observables),
        initial=np.array([initial for initial, _ in schedules]),
        growth=np.array([growth for _, growth in schedules]),
    )


def _fold_all(
    runcard: Runcard, inputs: FitInputs, xgrid: Floats
) -> tuple[dict[str, FoldedObservable], dict[str, dict[str, float]]]:
    """Fold every observable as the runcard wants it, with what is certified of compressed ones, by name."""
    # those with data know their uncertainties
    sigma = np.sqrt(np.diagonal(inputs.data.experimental_covariance))
    uncertainties = {name: sigma[rows] for name, rows in inputs.data.slices.items()}
    observables = (*inputs.observables, *inputs.positivity, *inputs.integrability)
    if runcard.theory_compression == "certified":
        workers = min(MOST_WORKERS, runcard.maxcores or MOST_WORKERS, os.cpu_count() or 1)
        known = [uncertainties.get(observable.name) for observable in observables]
        compressor = TheoryCompressor(xgrid)
        folded = compressor.fold_all(observables, known, workers=workers)
        record = compression_record(compressor.certificates)
    else:
        folded = [fold_observable(observable, xgrid) for observable in observables]
        record = {}
    return {observable.name: rows for observable, rows in zip(observables, folded, strict=True)}, record
