"""Predictions of varied theories, cached by the content of the files that they depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.theory.boundary import needs_boundary, put_in_boundary
from n3fit.theory.covariance.varied_theories import table_names
from n3fit.theory.kfactors import kfactor_path
from n3fit.theory.observables import Observable
from n3fit.theory.predictions import member_pdf, observable_of, predict
from n3fit.theory.theories import Theory
from n3fit.typing import Floats

STORE = ArrayStore("predictions", version=1)


def predict_dataset(
    theory: Theory, dataset: CommonData, cfac: Sequence[str], pdf_set: PDFSet, boundary: PDFSet | None = None
) -> tuple[Floats, str]:
    """Compute the predictions (n,) of the kept points of a data set for the central member of a PDF set.

    Parameters
    ----------
    theory, dataset, cfac, pdf_set : Theory, CommonData, sequence of str, PDFSet
    boundary : PDFSet, optional
        For a polarised ``pdf_set``: the unpolarised PDF of the tables that have one.

    Returns
    -------
    array (n,)
        Read-only.
    str
        Hash of everything that they depend on.

    Raises
    ------
    TheoryError
        A table is missing or broken.
    DataError
        A prediction is not finite, or there is no unpolarised PDF for a table.
    """
    members = [sha256_of_file(each.member_path(0)) for each in (pdf_set, boundary) if each is not None]
    files = [sha256_of_file(path) for path in _files(theory, dataset, cfac)]
    layout = repr((dataset.fk_names, dataset.operation, dataset.ndata_file, dataset.conversion_factor))
    factors = repr((sorted(dataset.fk_normalization.items()), sorted(dataset.fk_shifts.items()), list(cfac)))
    checksums = repr([theory.checksums.get(table) for table in table_names(dataset)])
    key = content_key(*members, theory.q0, layout, factors, checksums, dataset.indices, *files)

    def compute() -> dict[str, Floats]:
        observable = observable_of(theory, dataset, cfac)
        if boundary is not None or any(any(table.polarised) for table in observable.tables):
            observable = _put_in(observable, boundary, theory.q0)
        return {"values": predict(observable, pdf_set, theory.q0)[0]}

    return STORE.get_or_compute(key, compute)["values"], key


def _put_in(observable: Observable, boundary: PDFSet | None, q0: float) -> Observable:
    """Return a polarised observable that depends on polarised PDFs only."""
    if boundary is not None:
        return put_in_boundary(observable, member_pdf(boundary, q0))
    if needs_boundary([observable]):
        raise DataError(
            f"theorycovmatconfig.unpolarized_bc: expected the unpolarised PDF set beside theorycovmatconfig.pdf, "
            f"because {observable.name} has an unpolarised PDF, received nothing"
        )
    return observable


def _files(theory: Theory, dataset: CommonData, cfac: Sequence[str]) -> Iterator[Path]:
    for table in table_names(dataset):
        yield theory.table_path(table)
        for name in cfac:
            yield kfactor_path(theory.folder, name, table)
