"""Compression of hadronic observables to short sums of squares, with errors measured on random PDFs."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from n3fit.compression.accuracy import RELATIVE_TOLERANCE, SIGMA_TOLERANCE, Certificate, largest_errors
from n3fit.compression.expansion import Expansion, UnchangedForms
from n3fit.compression.folding import FoldedObservable
from n3fit.compression.forms import BilinearForms, Forms
from n3fit.compression.random_pdfs import PDFSamples
from n3fit.typing import Floats, Integers

_SUMS = MappingProxyType({"ADD": ("NULL", 1), "SMT": ("NULL", 1), "SMN": ("RATIO", 2), "COM": ("RATIO", 2)})
"""Operations that only add operands, with the operation and the number of operands after the addition."""

_MARGIN = 0.3
"""Fraction of the tolerances that the random PDFs may use up: other PDFs may have larger errors."""

_FIRST_SHARE = 0.8
"""Fraction of that which the choosing PDFs use up in the first round."""

_ROUNDS = 30


def compress_observable(
    observable: FoldedObservable, samples: PDFSamples, uncertainty: Floats | None
) -> tuple[FoldedObservable, Certificate]:
    """Return an observable with its bilinear forms replaced by sums of squares, and the certificate of its errors.

    Parameters
    ----------
    observable : FoldedObservable
    samples : PDFSamples
        Random PDFs on the same grid.
    uncertainty : (ndata,), optional
        Experimental uncertainties; None for observables without data.

    Raises
    ------
    ArithmeticError
        The tolerance cannot be reached in double precision.
    """
    observable = sum_operands(observable)
    operands = [_Operand(operand, samples) for operand in observable.operands]
    for _ in range(_ROUNDS):
        relative, absolute = largest_errors(observable.operation, [operand.predictions() for operand in operands])
        in_sigma = np.zeros_like(relative) if uncertainty is None else absolute / uncertainty
        excess = np.maximum(relative / RELATIVE_TOLERANCE, in_sigma / SIGMA_TOLERANCE) / _MARGIN
        if (excess <= 1).all():
            break
        for operand in operands:
            operand.tighten(excess)
    else:
        raise ArithmeticError(f"{observable.name}: cannot be compressed with errors below {RELATIVE_TOLERANCE:g}")
    nx = samples.choosing.shape[1]
    forms = tuple(tuple(block.compressed(nx) for block in operand.blocks) for operand in operands)
    counts = np.sum([operand.counts(observable.ndata) for operand in operands], axis=0)
    compressed = FoldedObservable(observable.name, observable.operation, forms, observable.ndata)
    return compressed, Certificate(functionals=counts, relative=relative, uncertainty=in_sigma)


def sum_operands(observable: FoldedObservable) -> FoldedObservable:
    """Return an observable with those operands added up that its operation only adds.

    One sum of squares is then enough for all of them. Observables with linear operands, or with several tables in one
    operand, are returned unchanged.
    """
    blocks = [operand[0] for operand in observable.operands]
    bilinear = [forms for forms in blocks if isinstance(forms, BilinearForms)]
    count = len(blocks)
    plain = len(bilinear) == count and all(len(operand) == 1 for operand in observable.operands)
    if observable.operation not in _SUMS or not plain or len({forms.ndata for forms in bilinear}) > 1:
        return observable
    operation, parts = _SUMS[observable.operation]
    size = count // parts
    sums = tuple((_add_forms(bilinear[start : start + size]),) for start in range(0, count, size))
    return FoldedObservable(observable.name, operation, sums, observable.ndata)


def _add_forms(blocks: Sequence[BilinearForms]) -> BilinearForms:
    nodes = np.unique(np.concatenate([block.nodes for block in blocks]))
    flavours = blocks[0].forms.shape[1] // len(blocks[0].nodes)
    total = np.zeros((blocks[0].ndata, len(nodes), flavours, len(nodes), flavours))
    for block in blocks:
        places = np.searchsorted(nodes, block.nodes)
        shape = (block.ndata, len(places), flavours, len(places), flavours)
        total[:, places[:, np.newaxis], :, places, :] += block.forms.reshape(shape).transpose(1, 3, 0, 2, 4)
    size = len(nodes) * flavours
    return BilinearForms(total.reshape(-1, size, size), nodes)


class _Operand:
    """The forms of one operand, with the bilinear ones expanded."""

    def __init__(self, operand: Sequence[Forms], samples: PDFSamples) -> None:
        self.blocks = tuple(
            Expansion(forms, samples, share=_FIRST_SHARE * _MARGIN)
            if isinstance(forms, BilinearForms)
            else UnchangedForms(forms, samples)
            for forms in operand
        )

    def predictions(self) -> tuple[Floats, Floats]:
        """Return the exact and the approximate predictions for the certifying PDFs, (count, n) each."""
        exact = np.concatenate([block.exact for block in self.blocks], axis=1)
        return exact, np.concatenate([block.predictions() for block in self.blocks], axis=1)

    def tighten(self, excess: Floats) -> None:
        """Tighten the forms of the points whose error exceeds the tolerance ``excess`` (ndata,) times."""
        size = sum(len(block.ranks) for block in self.blocks)
        shared = excess if size == len(excess) else np.full(size, excess.max())
        start = 0
        for block in self.blocks:
            block.tighten(shared[start : start + len(block.ranks)])
            start += len(block.ranks)

    def counts(self, ndata: int) -> Integers:
        """Return the number of functionals of each point."""
        counts = np.concatenate([block.ranks for block in self.blocks])
        return np.asarray(np.broadcast_to(counts, ndata))
