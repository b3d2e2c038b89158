"""The PDF sets that a runcard names: those of t0 and of closure tests, which must have PDFs of the proton."""

from __future__ import annotations

from n3fit.defaults import DEFAULT_T0_SET
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_kind import check_proton
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.theory.bases import FITTING_BASES


def open_t0_set(card: Runcard, paths: SearchPaths) -> PDFSet:
    """Read the PDF set of the t0 covariance.

    Raises
    ------
    DataError
        It is missing, malformed, or has no PDFs of the proton.
    """
    pdf_set = load_pdf_set(card.datacuts.t0pdfset or DEFAULT_T0_SET, paths.pdf_folders)
    check_proton(pdf_set, key="datacuts.t0pdfset", polarised=is_polarised(card))
    return pdf_set


def open_true_set(card: Runcard, paths: SearchPaths) -> PDFSet | None:
    """Read the PDF set that is the truth of a closure test, if the fit is one.

    Raises
    ------
    DataError
        As for :func:`open_t0_set`.
    """
    if card.closuretest is None or card.closuretest.fakepdf is None or card.closure_level is None:
        return None
    try:
        pdf_set = load_pdf_set(card.closuretest.fakepdf, paths.pdf_folders)
    except DataError as error:
        raise DataError(f"closuretest.fakepdf: {error.message}", hint=error.hint) from error
    check_proton(pdf_set, key="closuretest.fakepdf", polarised=is_polarised(card))
    return pdf_set


def is_polarised(card: Runcard) -> bool:
    """Return whether the fitted distributions are polarised."""
    return FITTING_BASES[card.fitting.fitbasis].polarised
