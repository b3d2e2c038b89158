"""Compression of observables with a cache: done once for a table, a grid and its uncertainties."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from threadpoolctl import threadpool_limits

from n3fit.compression import accuracy, expansion, random_pdfs
from n3fit.compression.accuracy import Certificate
from n3fit.compression.folding import FoldedObservable, fold_observable
from n3fit.compression.forms import Forms, LinearForms, SumsOfSquares
from n3fit.compression.random_pdfs import PDFSamples, draw_samples
from n3fit.compression.squares import compress_observable
from n3fit.storage.cache import ArrayStore, Entry, content_key
from n3fit.theory.flavours import EVOLUTION_BASIS, evolution_to_fk
from n3fit.theory.observables import Observable
from n3fit.typing import Array, Floats

logger = logging.getLogger(__name__)


STORE = ArrayStore("compressed", version=1)

_FIELDS = {"squares": ("functionals", "signs", "counts"), "linear": ("matrix",)}


class TheoryCompressor:
    """Folding of observables onto a grid, those with hadronic tables as sums of squares.

    Parameters
    ----------
    xgrid : (nx,)
        The merged grid.
    basis : tuple of str
        That of the PDF model.

    Attributes
    ----------
    certificates : dict of str to Certificate
        Certificate of each compressed observable, by its name.
    """

    def __init__(self, xgrid: Floats, basis: tuple[str, ...] = EVOLUTION_BASIS) -> None:
        self.xgrid = xgrid
        self.basis = basis
        self.certificates: dict[str, Certificate] = {}
        self._samples: PDFSamples | None = None
        self._drawing = threading.Lock()

    def fold_all(
        self, observables: Sequence[Observable], uncertainties: Sequence[Floats | None], *, workers: int = 1
    ) -> list[FoldedObservable]:
        """Return observables folded by :meth:`fold`, several at a time; results do not depend on the number of workers.

        Raises
        ------
        ArithmeticError
            As in :meth:`fold`.
        """
        # the limit of one thread is set here for all workers: those of single workers would end too early
        with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(max(1, workers)) as pool:
            return list(pool.map(self.fold, observables, uncertainties))

    def fold(self, observable: Observable, uncertainty: Floats | None = None) -> FoldedObservable:
        """Return a folded observable; ``uncertainty`` (ndata,) is that of its data, if it has any.

        Raises
        ------
        ArithmeticError
            The observable cannot be compressed to the tolerance.
        """
        if not any(table.hadronic for table in observable.tables):
            return fold_observable(observable, self.xgrid, self.basis)
        key = self._key(observable, uncertainty)
        entry = STORE.load(key) or self._compress(key, observable, uncertainty)
        stored = entry.arrays
        certificate = Certificate(stored["functionals"], stored["relative"], stored["uncertainty"])
        self.certificates[observable.name] = certificate
        logger.info(
            "%s: %.0f functionals per point, errors of at most %.1e relative and %.1e of the uncertainty",
            observable.name,
            certificate.functionals.mean(),
            certificate.relative.max(),
            certificate.uncertainty.max(),
        )
        return _unpack(observable, entry)

    def _compress(self, key: str, observable: Observable, uncertainty: Floats | None) -> Entry:
        # for matrices of a few hundred rows several threads are slower than one
        with threadpool_limits(limits=1, user_api="blas"):
            with self._drawing:
                if self._samples is None:
                    self._samples = draw_samples(self.xgrid, self.basis)
            exact = fold_observable(observable, self.xgrid, self.basis)
            folded, certificate = compress_observable(exact, self._samples, uncertainty)
        certified = {
            "functionals": certificate.functionals,
            "relative": certificate.relative,
            "uncertainty": certificate.uncertainty,
        }
        arrays, layout = _pack(folded)
        return STORE.save(key, arrays | certified, layout)

    def _key(self, observable: Observable, uncertainty: Floats | None) -> str:
        settings = (
            random_pdfs.VERSION,
            accuracy.SIGMA_TOLERANCE,
            accuracy.RELATIVE_TOLERANCE,
            accuracy.SMALL,
            accuracy.WILD,
            expansion.NOISE,
            random_pdfs.CHOOSING,
            random_pdfs.CERTIFYING,
        )
        tables = [
            part
            for operand in observable.operands
            for table in operand
            for part in (table.values, table.channels, table.xgrid)
        ]
        blocks = str([len(operand) for operand in observable.operands])
        to_fk = evolution_to_fk(self.basis)
        return content_key(*settings, observable.operation, blocks, uncertainty, self.xgrid, to_fk, *tables)


def compression_record(certificates: Mapping[str, Certificate]) -> dict[str, dict[str, float]]:
    """Return the record of compressed observables for the fit folder, by name, as plain numbers.

    ``squares`` is the mean number of squares of a point; ``relative`` and ``uncertainty`` are the largest errors of its
    predictions over the certifying PDFs, relative and in units of the experimental uncertainty.
    """
    return {
        name: {
            "squares": float(certificate.functionals.mean()),
            "relative": float(certificate.relative.max()),
            "uncertainty": float(certificate.uncertainty.max()),
        }
        for name, certificate in sorted(certificates.items())
    }


def _pack(folded: FoldedObservable) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays of a compressed observable, and the header that describes them."""
    arrays: dict[str, Array] = {}
    kinds = []
    for number, operand in enumerate(folded.operands):
        kinds.append(["squares" if isinstance(forms, SumsOfSquares) else "linear" for forms in operand])
        for position, (forms, kind) in enumerate(zip(operand, kinds[-1], strict=True)):
            for name in _FIELDS[kind]:
                arrays[f"{number}_{position}_{name}"] = getattr(forms, name)
    return arrays, {"operation": folded.operation, "operands": kinds}


def _unpack(observable: Observable, entry: Entry) -> FoldedObservable:
    """Return the compressed observable from the arrays and the header of :func:`_pack`."""

    def forms(kind: str, prefix: str) -> Forms:
        values = [entry.arrays[f"{prefix}_{name}"] for name in _FIELDS[kind]]
        return SumsOfSquares(*values) if kind == "squares" else LinearForms(*values)

    operands = tuple(
        tuple(forms(kind, f"{number}_{position}") for position, kind in enumerate(kinds))
        for number, kinds in enumerate(entry.header["operands"])
    )
    return FoldedObservable(observable.name, entry.header["operation"], operands, observable.ndata)
