"""Other theories than that of the fit: of the t0 predictions, and of the data of a closure test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from n3fit.data import CommonData
from n3fit.errors import TheoryError
from n3fit.fit.boundary import Boundary, put_in_beside_t0
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.theory.observables import Observable
from n3fit.theory.predictions import observable_of
from n3fit.theory.theories import Theory, open_theory


def other_theories(card: Runcard) -> dict[str, int | str]:
    """Return, by their keys, the theories of t0 and of the data of a closure test that are not that of the fit."""
    named = {
        "theory.t0theoryid": card.theory.t0theoryid,
        "closuretest.faketheoryid": card.closuretest.faketheoryid if card.closuretest else None,
    }
    return {key: value for key, value in named.items() if value is not None and value != card.theory.theoryid}


def open_other_theory(key: str, identifier: int | str, paths: SearchPaths) -> Theory:
    """Open a theory that another key than ``theory.theoryid`` names."""
    try:
        return open_theory(identifier, path=paths.theories)
    except TheoryError as error:
        raise TheoryError(error.message.replace("theory.theoryid", key, 1), hint=error.hint) from error


@dataclass(frozen=True)
class TheoryOfData:
    """A theory with its observables of the data sets."""

    theory: Theory
    observables: Sequence[Observable]

    def beside_t0(self, boundary: Boundary | None) -> tuple[Observable, ...]:
        """Return the observables as functions of the PDF of the t0 set alone."""
        return put_in_beside_t0(boundary, self.observables, self.theory.q0)

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each table by its name."""
        tables = [table for observable in self.observables for table in observable.tables]
        return {f"theory {self.theory.identifier}: {table.name}": table.sha256 for table in tables}


def with_other_theory(
    card: Runcard, identifier: int | str | None, datasets: Sequence[CommonData], paths: SearchPaths
) -> TheoryOfData | None:
    """Read the kept points of the data sets in another theory than that of the fit, if there is one."""
    if identifier is None or identifier == card.theory.theoryid:
        return None
    theory = open_theory(identifier, path=paths.theories)
    observables = [
        observable_of(theory, dataset, entry.cfac) for dataset, entry in zip(datasets, card.dataset_inputs, strict=True)
    ]
    return TheoryOfData(theory, observables)
