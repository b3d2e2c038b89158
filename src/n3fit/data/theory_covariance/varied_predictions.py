"""Predictions of varied theories, cached by the content of the files that they depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from n3fit.data.commondata import CommonData
from n3fit.data.theory_covariance.varied_theories import table_names
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.theory.kfactors import kfactor_path
from n3fit.theory.predictions import observable_of, predict
from n3fit.theory.theories import Theory
from n3fit.typing import Floats

STORE = ArrayStore("predictions", version=1)


def predict_dataset(theory: Theory, dataset: CommonData, cfac: Sequence[str], pdf_set: PDFSet) -> tuple[Floats, str]:
    """Compute the predictions (n,) of the kept points of a data set for the central member of a PDF set.

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
        A prediction is not finite.
    """
    member = sha256_of_file(pdf_set.folder / f"{pdf_set.name}_0000.dat")
    files = [sha256_of_file(path) for path in _files(theory, dataset, cfac)]
    layout = repr((dataset.fk_names, dataset.operation, dataset.ndata_file, dataset.conversion_factor))
    factors = repr((sorted(dataset.fk_normalization.items()), sorted(dataset.fk_shifts.items()), list(cfac)))
    checksums = repr([theory.checksums.get(table) for table in table_names(dataset)])
    key = content_key(member, theory.q0, layout, factors, checksums, dataset.indices, *files)
    stored = STORE.get_or_compute(
        key, lambda: {"values": predict(observable_of(theory, dataset, cfac), pdf_set, theory.q0)[0]}
    )
    return stored["values"], key


def _files(theory: Theory, dataset: CommonData, cfac: Sequence[str]) -> Iterator[Path]:
    for table in table_names(dataset):
        yield theory.table_path(table)
        for name in cfac:
            yield kfactor_path(theory.folder, name, table)
