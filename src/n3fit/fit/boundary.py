"""The unpolarised PDF of a polarised fit: as boundary of the observables, and beside the t0 set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from n3fit.ensembles.bands import band_of
from n3fit.ensembles.set_ensemble import error_members
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_kind import check_proton
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.storage import sha256_of_bytes, sha256_of_file
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.boundary import needs_boundary, put_in_boundary
from n3fit.theory.observables import Observable, PDFOnGrid
from n3fit.theory.predictions import member_pdf
from n3fit.typing import Floats

BOUND_SUFFIX = "-POLARIZED"
"""End of the names of the positivity sets that bound polarised PDFs by unpolarised ones."""


@dataclass(frozen=True, eq=False)
class Boundary:
    """The unpolarised PDFs that a polarised fit takes as known.

    Parameters
    ----------
    fitted : PDFSet
        In the observables of the fit, its member 0; ``positivity_bound.unpolarized_bc``.
    deviations : float
        Standard deviations that are added to it in positivity sets.
    beside_t0 : PDFSet or None
        In the predictions of the t0 set and of a closure test; ``datacuts.unpolarized_bc``.
    q0 : float
        The initial scale in GeV.
    """

    fitted: PDFSet
    deviations: float
    beside_t0: PDFSet | None
    q0: float

    @property
    def sets(self) -> list[PDFSet]:
        """The PDF sets, each once."""
        both = [self.fitted] if self.beside_t0 is None else [self.fitted, self.beside_t0]
        return list({pdf_set.name: pdf_set for pdf_set in both}.values())

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of the sets by name: of all members where their deviation is used."""
        hashes = {f"PDF set {pdf_set.name}: member 0": sha256_of_file(pdf_set.member_path(0)) for pdf_set in self.sets}
        if self.deviations != 0:
            members = [sha256_of_file(self.fitted.member_path(number)) for number in range(self.fitted.members)]
            hashes[f"PDF set {self.fitted.name}: all members"] = sha256_of_bytes("".join(members).encode())
        return hashes

    def put_in(self, observables: Sequence[Observable]) -> tuple[Observable, ...]:
        """Return observables of the fit, or positivity and integrability sets, that depend on the fitted PDF alone."""
        return tuple(
            put_in_boundary(
                observable,
                unpolarised_pdf(
                    self.fitted, self.q0, self.deviations if observable.name.endswith(BOUND_SUFFIX) else 0.0
                ),
            )
            for observable in observables
        )

    def put_in_beside_t0(self, observables: Sequence[Observable]) -> tuple[Observable, ...]:
        """Return observables that depend on the polarised PDF of the t0 set alone.

        Raises
        ------
        DataError
            An observable has an unpolarised PDF, and the runcard has no partner of the t0 set.
        """
        if self.beside_t0 is None:
            mixed = next((observable for observable in observables if needs_boundary([observable])), None)
            if mixed is None:
                return tuple(observables)
            raise DataError(
                f"datacuts.unpolarized_bc: expected the unpolarised PDF set beside datacuts.t0pdfset, because "
                f"{mixed.name} has an unpolarised PDF, received nothing",
                hint=f"add it under datacuts, for instance unpolarized_bc: {self.fitted.name}",
            )
        pdf = unpolarised_pdf(self.beside_t0, self.q0)
        return tuple(put_in_boundary(observable, pdf) for observable in observables)


def open_boundary(card: Runcard, paths: SearchPaths, q0: float) -> Boundary | None:
    """Read the sets of the unpolarised PDFs of a polarised fit, None for an unpolarised one."""
    bound, beside = card.positivity_bound, card.datacuts.unpolarized_bc
    if bound is None or not FITTING_BASES[card.fitting.fitbasis].polarised:
        return None
    return Boundary(
        fitted=_load("positivity_bound.unpolarized_bc", bound.unpolarized_bc, paths),
        deviations=bound.n_std,
        beside_t0=None if beside is None else _load("datacuts.unpolarized_bc", beside, paths),
        q0=q0,
    )


def put_in(boundary: Boundary | None, observables: Sequence[Observable]) -> tuple[Observable, ...]:
    """Return the observables of a fit, which depend on the fitted PDF alone; unpolarised ones are unchanged."""
    return tuple(observables) if boundary is None else boundary.put_in(observables)


def put_in_beside_t0(boundary: Boundary | None, observables: Sequence[Observable], q0: float) -> tuple[Observable, ...]:
    """Return observables with the initial scale ``q0`` for the t0 set; unpolarised ones are unchanged."""
    return tuple(observables) if boundary is None else replace(boundary, q0=q0).put_in_beside_t0(observables)


def unpolarised_pdf(pdf_set: PDFSet, q0: float, deviations: float = 0.0) -> PDFOnGrid:
    """Return member 0 of a PDF set at the initial scale, plus some of its standard deviations.

    The deviation is that of each element of the FK basis: of the replicas without Bessel's correction, or the symmetric
    one of a Hessian set.
    """

    def pdf(x: Floats) -> Floats:
        central = member_pdf(pdf_set, q0)(x)
        return central if deviations == 0 else central + deviations * deviation(x, central)

    def deviation(x: Floats, central: Floats) -> Floats:
        kind, numbers, scale = error_members(pdf_set)
        members = np.stack([member_pdf(pdf_set, q0, number)(x) for number in numbers or [0]])
        return members.std(axis=0) if kind == "replicas" else band_of(members, central, kind, scale=scale).deviation

    return pdf


def _load(key: str, name: str, paths: SearchPaths) -> PDFSet:
    try:
        pdf_set = load_pdf_set(name, paths.pdf_folders)
    except DataError as error:
        raise DataError(f"{key}: {error.message}", hint=error.hint) from error
    check_proton(pdf_set, key=key)
    return pdf_set
