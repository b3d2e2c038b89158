"""From settings and inputs to what the models need: architecture, pseudodata, split and penalties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.compression.compressor import TheoryCompressor, compression_record
from n3fit.compression.folding import FoldedObservable, fold_observable, merged_xgrid
from n3fit.data import CommonData, EigenbasisSplit, PseudodataGenerator, point_masks
from n3fit.data.covariance import point_slices
from n3fit.fit.inputs import FitInputs
from n3fit.fit.settings import FitSettings, PenaltySettings, SplitSettings
from n3fit.machine import usable_cores
from n3fit.model.architecture import Architecture, feature_knots
from n3fit.model.chi2_forms import DividedChi2, EigenbasisChi2, PointChi2, ReducedChi2
from n3fit.model.spec import Penalty, TrainingProblem
from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.runcard.pdf_model import make_model
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.observables import Observable
from n3fit.typing import Floats, Integers

if TYPE_CHECKING:
    from n3fit.runcard import Runcard


MOST_WORKERS = 4
"""Observables that are compressed at the same time: each takes a few hundred MB."""


def make_architecture(card: Runcard, inputs: FitInputs) -> Architecture:
    """Return the parametrisation that a runcard describes."""
    parameters = card.parameters
    model = make_model(card)
    scaling = None if model is not None else parameters.feature_scaling_points
    arguments = parameters.regularizer_args
    return Architecture(
        fitbasis=card.fitting.fitbasis,
        ranges=tuple(
            ExponentRange(entry.fl, entry.smallx, entry.largex if scaling is None else None, entry.trainable)
            for entry in card.fitting.basis
        ),
        nodes=parameters.nodes_per_layer if model is None else (),
        activations=parameters.activation_per_layer if model is None else (),
        initializer=parameters.initializer,
        layer_type=parameters.layer_type,
        dropout=parameters.dropout if model is None else 0.0,
        regularizer=parameters.regularizer if model is None else None,
        regularizer_args=tuple(arguments.model_dump().items()) if arguments is not None else (),
        sum_rules=card.fitting.sum_rules if model is None or model.sum_rules else (),
        seed=card.nnseed,
        feature_knots=None if scaling is None else feature_knots([table.xgrid for table in inputs.tables], scaling),
        model=model,
    )


def make_pseudodata(settings: FitSettings, inputs: FitInputs, replicas: Sequence[int]) -> Floats:
    """Return the data of each replica, (R, N): pseudodata, or the central data without a seed."""
    data, drawing = inputs.data, settings.pseudodata
    if drawing.seed is None:
        return np.tile(data.central, (len(replicas), 1))
    theory = data.theory if data.theory is not None and data.theory.in_sampling else None
    generator = PseudodataGenerator(
        data.datasets,
        data.sampling_covariance(from_t0=drawing.from_t0),
        separate_multiplicative=drawing.separate_multiplicative,
        positive=drawing.positive,
        directions=None if theory is None else theory.columns,
        weights=data.weights,
    )
    return generator.draw_all(seed=drawing.seed, replicas=replicas, max_tries=drawing.max_tries)


def make_problem(
    settings: FitSettings,
    inputs: FitInputs,
    replicas: Sequence[int],
    pseudodata: Floats,
    *,
    basis: tuple[str, ...] = EVOLUTION_BASIS,
    chi2: DividedChi2 | None = None,
    positivity: bool = True,
) -> TrainingProblem:
    """Fold the theory and split the data for some replicas.

    Data sets of weight zero are no part of the problem.

    Parameters
    ----------
    pseudodata : (R, N)
        From :func:`make_pseudodata`.
    basis : tuple of str
        That of the PDF model.
    chi2 : DividedChi2, optional
        For replicas that are fitted to different data sets; by default that of :func:`make_split`.
    positivity : bool
        Whether positivity sets are penalised.

    Raises
    ------
    DataError
        The covariance is singular.
    """
    xgrid = merged_xgrid(inputs.tables)
    fitted = {dataset.name for dataset in inputs.data.fitted}
    observables = [observable for observable in inputs.observables if observable.name in fitted]
    # matrices of a few hundred rows are slower in several threads; and the eigenbasis must not depend on their number
    with threadpool_limits(limits=1, user_api="blas"):
        folded, compression = _fold_all(settings, inputs, observables, xgrid, basis)
        split = make_split(settings.split, inputs, replicas) if chi2 is None else chi2
    return TrainingProblem(
        xgrid=xgrid,
        observables=tuple(folded[observable.name] for observable in observables),
        data=pseudodata[:, inputs.data.fitted_points],
        chi2=split,
        positivity=make_penalty(settings.positivity, [folded[entry.name] for entry in inputs.positivity if positivity]),
        integrability=make_penalty(settings.integrability, [folded[entry.name] for entry in inputs.integrability]),
        compression=compression,
    )


def make_split(
    settings: SplitSettings, inputs: FitInputs, replicas: Sequence[int], datasets: Sequence[CommonData] | None = None
) -> EigenbasisChi2 | PointChi2:
    """Divide the points of some of the fitted data sets, all by default, into training and validation.

    The covariance, and with it the eigenbasis, is that of these points; the split of a data set point by point does not
    depend on the others.
    """
    data = inputs.data
    covariance = data.loss_covariance
    if datasets is None or len(datasets) == len(data.fitted):
        datasets = data.fitted
    else:
        slices = point_slices(data.fitted)
        points = np.concatenate([np.arange(len(covariance))[slices[dataset.name]] for dataset in datasets])
        covariance = covariance[np.ix_(points, points)]
    if settings.eigenbasis:
        split = EigenbasisSplit(covariance, datasets)
        masks = split.training_masks(
            replicas, fraction=settings.fraction, seed=settings.seed, same_for_all=settings.same_for_all
        )
        return EigenbasisChi2(training=masks, whitening=split.whitening_above(settings.threshold))
    fractions = {dataset.name: value for dataset, value in zip(data.datasets, settings.fractions, strict=True)}
    masks = point_masks(datasets, fractions, replicas=replicas, seed=settings.seed, same_for_all=settings.same_for_all)
    return PointChi2(training=masks, covariance=covariance)


def record_split(problem: TrainingProblem, fitted_points: Integers, sigma: Floats) -> PointSplit | ModeSplit:
    """Return the split of the replicas of a problem, for the fit folder.

    Parameters
    ----------
    problem : TrainingProblem
    fitted_points : (M,) int
        Positions of its points among all points of the fit.
    sigma : (M,)
        Their uncertainties: square roots of the diagonal of the covariance.
    """
    chi2 = problem.chi2
    if isinstance(chi2, DividedChi2 | ReducedChi2):
        raise TypeError("the split of replicas that are fitted to different data sets is not saved")
    if isinstance(chi2, PointChi2):
        return PointSplit(chi2.training, fitted_points)
    # a sum for each replica without BLAS, so that its last digits do not depend on the other replicas
    values = np.zeros((len(problem.data), len(chi2.whitening)))
    for index, data in enumerate(problem.data):
        values[index] = np.einsum("mn,n->m", chi2.whitening, data)
    # the rows of W are eigenvectors of length one over sigma and the square root of the eigenvalue, or zero
    lengths = np.linalg.norm(chi2.whitening * sigma, axis=1)
    return ModeSplit(chi2.training, values, 1 / np.where(lengths > 0, lengths, np.inf))


def with_schedules(problem: TrainingProblem, settings: FitSettings) -> TrainingProblem:
    """Return a problem with the Lagrange multipliers of other settings."""
    return replace(
        problem,
        positivity=make_penalty(settings.positivity, problem.positivity.observables),
        integrability=make_penalty(settings.integrability, problem.integrability.observables),
    )


def make_penalty(settings: PenaltySettings, observables: Sequence[FoldedObservable]) -> Penalty:
    """Return penalties with their Lagrange multipliers."""
    return Penalty(observables=tuple(observables), initial=np.array(settings.initial), growth=np.array(settings.growth))


def _fold_all(
    settings: FitSettings, inputs: FitInputs, fitted: Sequence[Observable], xgrid: Floats, basis: tuple[str, ...]
) -> tuple[dict[str, FoldedObservable], dict[str, dict[str, float]]]:
    """Fold the observables of the loss, and return them with the certificates of compressed ones, by name."""
    # only observables with data have uncertainties
    sigma = np.sqrt(np.diagonal(inputs.data.experimental_covariance))
    uncertainties = {name: sigma[points] for name, points in inputs.data.slices.items()}
    observables = (*fitted, *inputs.positivity, *inputs.integrability)
    # the certificates are those of unpolarised PDFs
    if settings.compressed and not inputs.polarised:
        workers = min(MOST_WORKERS, settings.max_cores or MOST_WORKERS, usable_cores())
        known = [uncertainties.get(observable.name) for observable in observables]
        compressor = TheoryCompressor(xgrid, basis)
        folded = compressor.fold_all(observables, known, workers=workers)
        record = compression_record(compressor.certificates)
    else:
        folded = [fold_observable(observable, xgrid, basis) for observable in observables]
        record = {}
    return {observable.name: rows for observable, rows in zip(observables, folded, strict=True)}, record
