"""The inputs of a fit that do not depend on the replicas: data, theory, t0 predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.data import ClosureTruth, CommonData, FitData, PointSelection, assemble, closure_datasets
from n3fit.data.own_data import describe_own, own_hashes
from n3fit.fit.boundary import open_boundary, put_in
from n3fit.fit.completeness import Request
from n3fit.fit.current_names import with_current_names
from n3fit.fit.data_treatment import groups_of, weights_of, wrong_uncertainties
from n3fit.fit.named_inputs import find_inputs
from n3fit.fit.other_theories import TheoryOfData, with_other_theory
from n3fit.fit.theory_checks import check_unpolarised
from n3fit.fit.theory_covariance import describe_covariance, load_theory_covariance
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard
from n3fit.runcard.pdf_model import known_model
from n3fit.storage import sha256_of_bytes, sha256_of_file
from n3fit.theory.covariance.build import BuiltCovariance
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.observables import Observable
from n3fit.theory.predictions import central_predictions, observable_of
from n3fit.theory.theories import Theory


@dataclass(frozen=True)
class FitInputs:
    """The inputs that all replicas of a fit share.

    Parameters
    ----------
    data : FitData
        Data sets after cuts, with their covariance.
    theory : Theory
    observables : tuple of Observable
        One per data set.
    positivity, integrability : tuple of Observable
        One per set, after the runcard's rules.
    t0_set : str
        Name of the PDF set of the t0 covariance.
    hashes : dict
        SHA-256 by the name of each input.
    closure : ClosureTruth, optional
        The truth behind the data, in a closure test.
    selections : tuple of PointSelection
        One per data set: the points that the cuts keep, and what removes the others.
    theory_covariance : BuiltCovariance, optional
        The theory covariance of the data and its origin.
    polarised : bool
        Whether the fitted PDFs are polarised; the observables then contain the unpolarised PDFs as numbers.
    """

    data: FitData
    theory: Theory
    observables: tuple[Observable, ...]
    positivity: tuple[Observable, ...]
    integrability: tuple[Observable, ...]
    t0_set: str
    hashes: dict[str, str]
    closure: ClosureTruth | None = None
    selections: tuple[PointSelection, ...] = ()
    theory_covariance: BuiltCovariance | None = None
    polarised: bool = False

    @property
    def tables(self) -> tuple[FKTable, ...]:
        """Every table of the fit."""
        everything = (*self.observables, *self.positivity, *self.integrability)
        return tuple(table for observable in everything for table in observable.tables)


def load_inputs(card: Runcard, paths: SearchPaths, *, progress: ProgressReporter, fitted: bool = True) -> FitInputs:
    """Read the data, theory and PDF sets that a runcard names.

    Parameters
    ----------
    card : Runcard
    paths : SearchPaths
    progress : ProgressReporter
    fitted : bool
        Whether a fit follows, whose basis the theory must allow and which needs positivity and integrability sets.

    Raises
    ------
    DataError, TheoryError
        Something is missing, broken or does not fit together.
    """
    # products this small are slower in several threads; and the inputs must not depend on their number
    with threadpool_limits(limits=1, user_api="blas"):
        return _load(with_current_names(card, paths.data), paths, progress=progress, fitted=fitted)


def _load(card: Runcard, paths: SearchPaths, *, progress: ProgressReporter, fitted: bool) -> FitInputs:
    named = find_inputs(card, paths, progress=progress, fitted=fitted)
    theory, datasets = named.theory, [dataset for dataset, _ in named.requests]
    for line in describe_own([dataset for dataset, _ in (*named.requests, *named.penalties)], paths.data):
        progress.message(line)
    observables = _load_observables(theory, named.requests, progress)
    penalties = tuple(observable_of(theory, dataset) for dataset, _ in named.penalties)
    boundary = open_boundary(card, paths, theory.q0)
    if boundary is None:
        check_unpolarised([*observables, *penalties], card.fitting.fitbasis)
    own = TheoryOfData(theory, observables)
    closure, fake = None, None
    if named.true_set is not None:
        fake_theory = card.closuretest.faketheoryid if card.closuretest else None
        fake = with_other_theory(card, fake_theory, datasets, paths) or own
        datasets, closure = _closure_data(card, named.true_set, datasets, fake.beside_t0(boundary), fake.theory.q0)
        progress.message(f"closure test of level {closure.level}: the data follow from {closure.pdf_set}")
    built = load_theory_covariance(card, theory, datasets, paths=paths, progress=progress)
    t0 = with_other_theory(card, card.theory.t0theoryid, datasets, paths) or own
    data = assemble(
        datasets,
        central_predictions(t0.beside_t0(boundary), named.t0_set, t0.theory.q0),
        weights=weights_of(card, datasets),
        groups=groups_of(card, datasets, paths.data),
        norm_threshold=card.norm_threshold,
        theory=None if built is None else built.covariance,
    )
    if built is not None:
        progress.message(describe_covariance(data))
    if closure is not None:
        closure = replace(closure, covariance=data.with_theory(closure.covariance))
    positivity = len(named.points.positivity)
    inputs = FitInputs(
        data=data,
        theory=theory,
        observables=put_in(boundary, observables),
        positivity=put_in(boundary, penalties[:positivity]),
        integrability=put_in(boundary, penalties[positivity:]),
        t0_set=named.t0_set.name,
        hashes={},
        closure=closure,
        selections=named.points.datasets,
        theory_covariance=built,
        polarised=boundary is not None,
    )
    hashes = _hashes(card, inputs, [pdf_set for pdf_set in (named.t0_set, named.true_set) if pdf_set is not None])
    hashes |= own_hashes([dataset for dataset, _ in (*named.requests, *named.penalties)], paths.data)
    others = [entry.hashes() for entry in (t0, fake, boundary) if entry is not None]
    return replace(inputs, hashes=reduce(or_, others, hashes))


def _load_observables(
    theory: Theory, requests: Sequence[Request], progress: ProgressReporter
) -> tuple[Observable, ...]:
    """Read the theory of the data sets."""
    observables = []
    for number, (dataset, cfac) in enumerate(requests, start=1):
        observables.append(observable_of(theory, dataset, cfac))
        progress.step("tables", number, len(requests))
    return tuple(observables)


def _closure_data(
    card: Runcard,
    true_set: PDFSet,
    datasets: Sequence[CommonData],
    observables: Sequence[Observable],
    q0: float,
) -> tuple[list[CommonData], ClosureTruth]:
    """Replace the data by those of a closure test, which the runcard requests."""
    level = card.closure_level or 0
    filterseed = card.closuretest.filterseed if card.closuretest is not None and level > 0 else None
    predictions = central_predictions(observables, true_set, q0)
    replaced, covariance = closure_datasets(
        datasets,
        predictions,
        filterseed=filterseed,
        positive=card.resample_negative_pseudodata,
        wrong=wrong_uncertainties(card),
    )
    truth = ClosureTruth(
        level=level,
        pdf_set=true_set.name,
        sha256=_member_hash(true_set),
        filterseed=filterseed,
        predictions=np.concatenate([predictions[dataset.name] for dataset in datasets]),
        covariance=covariance,
    )
    return replaced, truth


def _hashes(card: Runcard, inputs: FitInputs, pdf_sets: Sequence[PDFSet]) -> dict[str, str]:
    hashes = {"runcard": sha256_of_bytes(card.source_text.encode())} | _model_hashes(card)
    for table in inputs.tables:
        hashes[f"theory {inputs.theory.identifier}: {table.name}"] = table.sha256
    for pdf_set in pdf_sets:
        hashes[f"PDF set {pdf_set.name}: member 0"] = _member_hash(pdf_set)
    for dataset in inputs.data.datasets:
        content = dataset.central.tobytes() + dataset.statistical.tobytes() + dataset.systematics.tobytes()
        hashes[f"data {dataset.name}"] = sha256_of_bytes(content)
    return hashes | dict(inputs.theory_covariance.hashes if inputs.theory_covariance is not None else {})


def _model_hashes(card: Runcard) -> dict[str, str]:
    """Return the SHA-256 of the file of a PDF model of another package, by the model with the package."""
    model = known_model(card)
    if model is None or model.source is None:
        return {}
    return {f"PDF model {model.name}: {model.package} {model.version}": sha256_of_file(model.source)}


def _member_hash(pdf_set: PDFSet) -> str:
    """Return the SHA-256 of the central member of a PDF set."""
    return sha256_of_file(pdf_set.member_path(0))
