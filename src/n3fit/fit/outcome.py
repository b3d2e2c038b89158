"""Evaluation of trained replicas, and the record of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from n3fit.backends import PREPROCESSING_LAYER_ALL_REPLICAS
from n3fit.ensembles.arc_length import arc_length_nodes, arc_lengths
from n3fit.ensembles.integrability import INTEGRABILITY_NODES, integrability, unnormalised_replicas
from n3fit.fit.evaluated_pdf import EvaluatedPDF, evaluate_on
from n3fit.fit.inputs import FitInputs
from n3fit.fit.settings import FitSettings
from n3fit.fit.theory_covariance import covariance_record
from n3fit.model.pdf_model import evolution_to_flavours
from n3fit.results.fit_record import FitRecord
from n3fit.results.point_table import PointTable
from n3fit.results.records import ClosureRecord, DatasetRecord, FitDescription
from n3fit.results.replica_results import ReplicaResults
from n3fit.theory.flavours import EVOLUTION_BASIS, evolution_to_fk
from n3fit.theory.integration import integration_nodes
from n3fit.theory.observables import Observable, prediction_nodes
from n3fit.theory.positivity import positivity_loss
from n3fit.theory.sum_rules import normalisations
from n3fit.theory.xgrids import export_xgrid
from n3fit.training.trainer import TrainedModel
from n3fit.typing import Floats

if TYPE_CHECKING:
    from n3fit.data import FitData
    from n3fit.fit.replica_cards import ReplicaCards
    from n3fit.model.architecture import Architecture

PDF = Callable[[Floats], Floats]

REPLICAS_AT_ONCE = 100
"""Replicas whose arc lengths are computed at the same time: each takes 0.2 MB for each flavour."""


def evaluate_replicas(
    settings: FitSettings,
    architecture: Architecture,
    inputs: FitInputs,
    replicas: Sequence[int],
    trained: TrainedModel,
) -> ReplicaResults:
    """Compute PDFs, predictions, losses of penalties, arc lengths and integrability of trained replicas."""
    basis = architecture.evolution_basis
    xgrid = export_xgrid()
    tables = [prediction_nodes(table) for table in inputs.tables]
    own = [xgrid, arc_length_nodes(), np.array(INTEGRABILITY_NODES), integration_nodes()[0]]
    pdf = evaluate_on(trained.pdf_model, [*own, *tables])

    def predict(observable: Observable) -> Floats:
        return predict_replicas(observable, pdf, basis)

    alpha, beta = _preprocessing_exponents(architecture, trained.pdf_model, len(replicas))
    positivity = [positivity_loss(predict(observable)) for observable in inputs.positivity]
    integrability_losses = [np.sum(predict(observable) ** 2, axis=-1) for observable in inputs.integrability]
    worst = np.max([*positivity, np.zeros(len(replicas))], axis=0)
    return ReplicaResults(
        replicas=np.array(replicas, dtype=np.int64),
        alpha=alpha,
        beta=beta,
        training=trained.record,
        positivity_passed=worst <= settings.training.stopping.positivity_threshold,
        guarded=unnormalised_replicas(
            pdf,
            normalisations(architecture.sum_rules, basis),
            basis,
            polarised=architecture.polarised,
            charges=architecture.axial_charges(replicas),
        ),
        positivity_losses=_columns(positivity, len(replicas)),
        integrability_losses=_columns(integrability_losses, len(replicas)),
        arc_lengths=np.concatenate([arc_lengths(part) for part in _parts(pdf, len(replicas))]),
        integrability=integrability(pdf),
        predictions=np.concatenate([predict(observable) for observable in inputs.observables], axis=-1),
        pdf=evolution_to_flavours(pdf(xgrid), basis),
        xgrid=xgrid,
    )


def predict_replicas(observable: Observable, pdf: PDF, basis: tuple[str, ...] = EVOLUTION_BASIS) -> Floats:
    """Compute the predictions (R, ndata) of every replica, in double precision from the tables themselves.

    ``pdf`` has its flavours in ``basis``.
    """
    to_fk = evolution_to_fk(basis)
    return observable.predict(lambda x: pdf(x) @ to_fk.T)


def make_record(
    name: str,
    cards: ReplicaCards,
    settings: FitSettings,
    architecture: Architecture,
    inputs: FitInputs,
    results: ReplicaResults,
) -> FitRecord:
    """Return the record of a fit.

    Parameters
    ----------
    name : str
        Name of the fit.
    cards : ReplicaCards
    settings, architecture : FitSettings, Architecture
        Of any replica.
    results : ReplicaResults
        Of all its replicas.
    """
    data, closure, built = inputs.data, inputs.closure, inputs.theory_covariance
    description = FitDescription(
        name=name,
        title=cards.first.description.strip(),
        fitbasis=architecture.fitbasis,
        flavours=architecture.flavours,
        q0=inputs.theory.q0,
        epochs=cards.epochs,
        datasets=tuple(
            DatasetRecord(
                name=dataset.name,
                variant=dataset.variant,
                experiment=dataset.experiment,
                process_type=dataset.process_type,
                start=data.slices[dataset.name].start,
                stop=data.slices[dataset.name].stop,
            )
            for dataset in data.datasets
        ),
        positivity_sets=tuple(observable.name for observable in inputs.positivity),
        integrability_sets=tuple(observable.name for observable in inputs.integrability),
        positivity_threshold=settings.training.stopping.positivity_threshold,
        preprocessing=architecture.ranges,
        theory={"id": inputs.theory.identifier, "card": dict(inputs.theory.card)},
        weights_file=settings.weights_file,
        closure=None if closure is None else ClosureRecord.model_validate(closure, from_attributes=True),
        theory_covariance=None if built is None else covariance_record(built),
        trials=cards.trials,
    )
    return FitRecord(description, _point_table(data), results)


def _point_table(data: FitData) -> PointTable:
    return PointTable(
        x=np.concatenate([dataset.x for dataset in data.datasets]),
        q2=np.concatenate([dataset.q2 for dataset in data.datasets]),
        y=np.concatenate([dataset.y for dataset in data.datasets]),
        central=data.central,
        experimental_error=np.sqrt(np.diag(data.experimental_covariance)),
        t0_error=np.sqrt(np.diag(data.t0_covariance)),
    )


def _parts(pdf: EvaluatedPDF, replicas: int) -> list[EvaluatedPDF]:
    """Return the PDFs of some replicas at a time, for what takes much memory for each."""
    return [pdf.take(slice(start, start + REPLICAS_AT_ONCE)) for start in range(0, replicas, REPLICAS_AT_ONCE)]


def _preprocessing_exponents(architecture: Architecture, pdf_model: Any, replicas: int) -> tuple[Floats, Floats]:
    """Return the exponents alpha and beta, (R, F) each; NaN where a PDF model has a preprocessing of its own."""
    if not architecture.preprocessing:
        absent = np.full((replicas, len(architecture.ranges)), np.nan)
        return absent, absent
    layer = pdf_model.get_layer(PREPROCESSING_LAYER_ALL_REPLICAS)
    return _exponents(layer.alphas), _exponents(layer.betas)


def _exponents(weights: Sequence[Any]) -> Floats:
    """Return the exponents (R, F) from the weights (R, 1) of each flavour."""
    return np.concatenate([np.asarray(weight.numpy(), dtype=np.float64) for weight in weights], axis=1)


def _columns(losses: Sequence[Floats], replicas: int) -> Floats:
    return np.stack(losses, axis=1) if losses else np.zeros((replicas, 0))
