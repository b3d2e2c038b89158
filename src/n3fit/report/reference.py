"""What PDFs are compared with when the user names nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from n3fit.ensembles.ensemble import Ensemble
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.results.ensembles import open_ensemble
from n3fit.results.folder import FitFolder

logger = logging.getLogger(__name__)


def true_ensemble(fits: Sequence[FitFolder], paths: Sequence[Path] = ()) -> Ensemble | None:
    """Give the PDF that the data of closure tests follow from, if all fits are closure tests from the same one.

    When the set is not to be found there is a warning and no reference; ``paths`` are searched first.
    """
    names = {None if fit.description.closure is None else fit.description.closure.pdf_set for fit in fits}
    if len(names) != 1:
        return None
    (name,) = names
    if name is None:
        return None
    try:
        return open_ensemble(load_pdf_set(name, paths), members="central", label=f"{name}, the truth")
    except DataError as error:
        logger.warning("PDFs are not compared with the truth: %s", error)
        return None
