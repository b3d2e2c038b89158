"""Predictions of data sets by the members of a PDF set, taken at the initial scale of a theory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError, TheoryError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.observables import Observable, PDFOnGrid, load_observable
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


def member_pdf(pdf_set: PDFSet, q0: float, member: int = 0) -> PDFOnGrid:
    """Return a member of a PDF set at a scale: nodes (nx,) to x f in the FK basis, (nx, 14)."""

    def pdf(x: Floats) -> Floats:
        return pdf_set.xfx(EXPORT_PIDS, x, q0, member).T @ FLAVOUR_TO_FK.T

    return pdf


def predict(
    observables: Observable | Sequence[Observable], pdf_set: PDFSet, q0: float, members: Sequence[int] = (0,)
) -> Floats:
    """Compute the predictions of one or several observables for members of a PDF set.

    Parameters
    ----------
    observables : Observable or sequence of Observable
        The points of several follow each other; N in all.
    pdf_set : PDFSet
    q0 : float
        Initial scale of their theory, in GeV.
    members : sequence of int
        M numbers of members; 0, the central one, by default.

    Returns
    -------
    array (M, N)

    Raises
    ------
    DataError
        The set lacks a member, or gives predictions that are not finite.
    """

    def pdf(x: Floats) -> Floats:
        values = np.stack([pdf_set.xfx(EXPORT_PIDS, x, q0, member) for member in members])
        return np.swapaxes(values, -1, -2) @ FLAVOUR_TO_FK.T

    every = [observables] if isinstance(observables, Observable) else observables
    blocks = [np.zeros((len(members), 0))]
    for observable in every:
        block = observable.predict(pdf)
        if not np.all(np.isfinite(block)):
            raise DataError(f"{observable.name}: the PDF set {pdf_set.name} gives predictions that are not finite")
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


def central_predictions(observables: Sequence[Observable], pdf_set: PDFSet, q0: float) -> dict[str, Floats]:
    """Compute the predictions (ndata,) of each observable for member 0 of a PDF set, by name."""
    return {observable.name: predict(observable, pdf_set, q0)[0] for observable in observables}
