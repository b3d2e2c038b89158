"""Runcard keys under ``fitting``: the basis, its preprocessing and the sum rules."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from n3fit.errors import did_you_mean
from n3fit.runcard.values import Keys, Listing, Name, Range, Truth, mistake
from n3fit.runcard.vocabulary import FITTING_BASES, FITTING_BASES_LATER, SUM_RULES, SUM_RULES_LATER


def _fitting_basis(value: Any) -> Any:
    if value in FITTING_BASES_LATER:
        raise mistake(f"one of {', '.join(FITTING_BASES)}", f"{value} is known, and not supported yet")
    if value not in FITTING_BASES:
        hint = did_you_mean(value, FITTING_BASES) if isinstance(value, str) else ""
        raise mistake(f"one of {', '.join(FITTING_BASES)}", hint)
    return value


def _sum_rules(value: Any) -> Any:
    if isinstance(value, bool):
        return SUM_RULES[value]
    if isinstance(value, tuple | list) and tuple(value) in SUM_RULES.values():
        return tuple(value)
    names = [name for name in SUM_RULES if isinstance(name, str)]
    if isinstance(value, str):
        if value.upper() in SUM_RULES:
            return SUM_RULES[value.upper()]
        if value.upper() in SUM_RULES_LATER:
            raise mistake(f"true, false or one of {', '.join(names)}", f"{value} is known, and not supported yet")
        raise mistake(f"true, false or one of {', '.join(names)}", did_you_mean(value, names))
    raise mistake(f"true, false or one of {', '.join(names)}")


class BasisFlavour(Keys):
    """One fitted flavour with the ranges of its preprocessing x^(1-alpha) (1-x)^beta."""

    fl: Name = Field(description="name of the flavour in the fitting basis")
    smallx: Range = Field(description="[lowest, highest] exponent alpha")
    largex: Range | None = Field(
        default=None, description="[lowest, highest] exponent beta; not with feature_scaling_points"
    )
    trainable: Truth = Field(default=True, description="whether the exponents are fitted")


class Fitting(Keys):
    """What is fitted."""

    fitbasis: Annotated[str, BeforeValidator(_fitting_basis)] = Field(description="fitting basis, such as EVOL")
    basis: Listing[BasisFlavour] = Field(description="the flavours of the basis, one for each output of the network")
    sum_rules: Annotated[tuple[str, ...], BeforeValidator(_sum_rules)] = Field(
        default=("MSR", "VSR"), description="true or ALL, false, MSR (momentum), VSR (valence), ALLBUTCSR"
    )
    savepseudodata: Truth = Field(default=False, description="write the pseudodata into the fit folder")

    @property
    def flavours(self) -> tuple[str, ...]:
        """Fitted flavours in the order of the card, which is that of the outputs of the network."""
        return tuple(entry.fl for entry in self.basis)
