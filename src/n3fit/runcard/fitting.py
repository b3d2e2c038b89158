"""Runcard keys under ``fitting``: the basis, its preprocessing and the sum rules."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from n3fit.errors import did_you_mean
from n3fit.runcard.values import (
    Kind,
    ListAsTuple,
    Name,
    Range,
    RuncardSection,
    StrictBool,
    choice,
    list_names,
    shown_default,
    violation,
)
from n3fit.runcard.vocabulary import SUM_RULE_CHOICES
from n3fit.theory.bases import BASES_WITHOUT_MAP, FITTING_BASES, OTHER_NAMES
from n3fit.theory.sum_rules import SUM_RULES


def _fitting_basis(value: Any) -> Any:
    hint = ""
    if isinstance(value, str):
        name = OTHER_NAMES.get(value, value)
        if name in FITTING_BASES:
            return name
        without = value in BASES_WITHOUT_MAP
        hint = f"the flavours of {value} are not defined" if without else did_you_mean(value, FITTING_BASES)
    raise violation(list_names(FITTING_BASES), hint)


_SUM_RULE_NAMES = tuple(name for name in SUM_RULE_CHOICES if isinstance(name, str))
_SUM_RULES = f"true, false or {list_names(_SUM_RULE_NAMES)}"


def _sum_rules(value: Any) -> Any:
    if isinstance(value, bool):
        return SUM_RULE_CHOICES[value]
    if isinstance(value, tuple | list) and tuple(value) in SUM_RULE_CHOICES.values():
        return tuple(value)
    hint = ""
    if isinstance(value, str):
        if value.upper() in SUM_RULE_CHOICES:
            return SUM_RULE_CHOICES[value.upper()]
        hint = did_you_mean(value, _SUM_RULE_NAMES)
    raise violation(_SUM_RULES, hint)


class BasisFlavour(RuncardSection):
    """One fitted flavour with the ranges of its preprocessing x^(1-alpha) (1-x)^beta."""

    fl: Name = Field(description="name of the flavour in the fitting basis")
    smallx: Range = Field(description="[lowest, highest] exponent alpha")
    largex: Range | None = Field(
        default=None, description="[lowest, highest] exponent beta; not with feature_scaling_points"
    )
    trainable: StrictBool = Field(default=True, description="whether the exponents are fitted")


class Fitting(RuncardSection):
    """The fitted flavours and their constraints."""

    fitbasis: Annotated[
        str, BeforeValidator(_fitting_basis), choice(FITTING_BASES), Kind(list_names(FITTING_BASES))
    ] = Field(description="fitting basis")
    basis: ListAsTuple[BasisFlavour] = Field(
        min_length=1,
        description="the flavours of the basis, one per output of the network; those left out are zero",
    )
    sum_rules: Annotated[tuple[str, ...], BeforeValidator(_sum_rules), choice(SUM_RULE_CHOICES), Kind(_SUM_RULES)] = (
        Field(
            default=SUM_RULES,
            description="sum rules to impose: MSR momentum, VSR valence, true and ALL both, ALLBUTCSR both but that of "
            "charm, TSR axial charges of polarised fits",
            json_schema_extra=shown_default("true"),
        )
    )
    savepseudodata: StrictBool = Field(
        default=False, description="write pseudodata and split of each replica into the fit folder"
    )

    @property
    def flavours(self) -> tuple[str, ...]:
        """Fitted flavours in the order of the card, which is that of the network outputs."""
        return tuple(entry.fl for entry in self.basis)
