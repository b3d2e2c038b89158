"""Names that a shell completes, found without reading theories or PDF sets."""

from __future__ import annotations

from n3fit.paths import PathLike, SearchPaths


def theory_names(*, theory_path: PathLike | None = None) -> tuple[str, ...]:
    """Return the identifiers of the theories on the search path, sorted; whether they can be used is not checked."""
    from n3fit.theory.theory_folders import available_theories

    return tuple(sorted(available_theories(SearchPaths.of(theory_path).theories)))


def pdf_set_names(*, pdf_path: PathLike | None = None) -> tuple[str, ...]:
    """Return the names of the PDF sets on the search path, sorted; whether they can be used is not checked."""
    from n3fit.lhapdf.pdf_sets import available_sets

    return tuple(available_sets(SearchPaths.of(pdf_path=pdf_path).pdf_folders))


def data_choices() -> tuple[str, ...]:
    """Return the names of the choices of data sets for :func:`n3fit.api.init`."""
    from n3fit.runcard.data_presets import PRESETS

    return tuple(PRESETS)
