"""Predictions of a theory for data sets: their observables, and the values for a PDF set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.data import CommonData
from n3fit.errors import DataError, TheoryError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.observables import Observable, load_observable
from n3fit.theory.theories import Theory
from n3fit.typing import Floats


def observable_of(theory: Theory, dataset: CommonData, cfac: Sequence[str] = ()) -> Observable:
    """Read the theory of the kept points of a data set.

    Raises
    ------
    TheoryError
        The data set has no theory, or its tables are missing or broken.
    """
    if not dataset.fk_names:
        raise TheoryError(f"{dataset.name}: the data library names no FK tables for this data set")
    return load_observable(
        theory,
        dataset.name,
        dataset.fk_names,
        dataset.operation,
        dataset.indices,
        dataset.ndata_file,
        conversion_factor=dataset.conversion_factor,
        normalization=dataset.fk_normalization,
        shifts=dataset.fk_shifts,
        cfac=cfac,
    )


def predict_with_set(observable: Observable, pdf_set: PDFSet, q0: float, member: int = 0) -> Floats:
    """Compute the predictions (ndata,) of an observable for a member of a PDF set, taken at the initial scale."""

    def pdf(x: Floats) -> Floats:
        return pdf_set.xfx(EXPORT_PIDS, x, q0, member).T @ FLAVOUR_TO_FK.T

    predictions = observable.predict(pdf)
    if not np.all(np.isfinite(predictions)):
        raise DataError(f"{observable.name}: the PDF set {pdf_set.name} gives predictions that are not finite")
    return predictions


def predict_all(observables: Sequence[Observable], pdf_set: PDFSet, q0: float) -> dict[str, Floats]:
    """Compute the predictions (ndata,) of each observable for member 0 of a PDF set, by name."""
    return {observable.name: predict_with_set(observable, pdf_set, q0) for observable in observables}
