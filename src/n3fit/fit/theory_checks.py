"""Checks that the theory of a fit is one for its fitting basis and sum rules."""

from __future__ import annotations

from collections.abc import Sequence

from n3fit.errors import TheoryError
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.observables import Observable
from n3fit.theory.sum_rules import AXIAL_SUM_RULES
from n3fit.theory.theories import Theory


def check_charm(theory: Theory, fitbasis: str) -> None:
    """Check that theory and fitting basis agree on whether charm is fitted.

    Raises
    ------
    TheoryError
        They do not.
    """
    basis = FITTING_BASES[fitbasis]
    if basis.fitted_charm == theory.fitted_charm:
        return
    others = ", ".join(
        name for name, other in FITTING_BASES.items()
        if (other.fitted_charm, other.polarised) == (theory.fitted_charm, basis.polarised)
    )  # fmt: skip
    expected, received = (1, "IC: 0 (charm from gluons only)") if basis.fitted_charm else (0, "IC: 1 (charm is fitted)")
    raise TheoryError(
        f"theory {theory.identifier}: expected IC: {expected} in its card, because the fitting basis {fitbasis} "
        f"{'fits' if basis.fitted_charm else 'does not fit'} charm, received {received}",
        hint=f"use a theory with IC: {expected}" + (f", or one of the fitting bases {others}" if others else ""),
    )


def check_unpolarised(observables: Sequence[Observable], fitbasis: str) -> None:
    """Check that no table of an unpolarised fit has a polarised PDF.

    Raises
    ------
    TheoryError
        One has; it is named.
    """
    for observable in observables:
        for table in observable.tables:
            if any(table.polarised):
                polarised = ", ".join(name for name, basis in FITTING_BASES.items() if basis.polarised)
                raise TheoryError(
                    f"{observable.name}: the table {table.name} has a polarised PDF, the fitting basis {fitbasis} is "
                    "unpolarised",
                    hint=f"fit polarised data with fitting.fitbasis {polarised}",
                )


def check_sum_rules(card: Runcard, progress: ProgressReporter) -> None:
    """Report sum rules that have a meaning for polarised PDFs only."""
    if AXIAL_SUM_RULES in card.fitting.sum_rules and not FITTING_BASES[card.fitting.fitbasis].polarised:
        progress.message(
            f"fitting.sum_rules: {AXIAL_SUM_RULES} fixes the integrals of x T3 and x T8 of unpolarised PDFs to the "
            "axial charges, which has no physical meaning"
        )
