"""Runcard keys of kinematic cuts: rules, limits, and the choice of the points that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from n3fit.conditions import ConditionError, parse_condition, parse_expression
from n3fit.defaults import DEFAULT_T0_SET, MAX_TAU, Q2_MIN, W2_MIN
from n3fit.perturbative_order import EXAMPLE as ORDER_EXAMPLE
from n3fit.perturbative_order import parse_order
from n3fit.runcard.data_keys import DatasetInput, TheoryIdentifier
from n3fit.runcard.values import (
    Kind,
    ListAsTuple,
    Name,
    Number,
    RuncardSection,
    SetName,
    Text,
    list_names,
    one_of,
    shown_default,
    violation,
)

FROM_FIT, FROM_INTERSECTION, FROM_SIMILAR = "fromfit", "fromintersection", "fromsimilarpredictions"
CUT_CHOICES = ("internal", "nocuts", FROM_FIT, FROM_INTERSECTION, FROM_SIMILAR)
"""Values of ``use_cuts``."""

_OLD_CHOICES = {True: FROM_FIT, False: "nocuts"}


def _condition(text: str) -> str:
    try:
        parse_condition(text)
    except ConditionError as error:
        raise violation(error.expected, error.hint) from error
    return text


def _local_variables(value: Any) -> Any:
    """Return the pairs of name and expression of a mapping; numbers are expressions too."""
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, list | tuple):
        raise violation("a mapping of names to expressions")
    checked = []
    for name, expression in pairs:
        text = repr(expression) if isinstance(expression, int | float) else expression
        if not isinstance(name, str) or not name.isidentifier():
            raise violation(f"names of letters, digits and _ as local variables, not {name!r}")
        if isinstance(expression, bool) or not isinstance(text, str):
            raise violation(f"an expression for the local variable {name}")
        try:
            parse_expression(text)
        except ConditionError as error:
            raise violation(f"{error.expected} for the local variable {name}", error.hint) from error
        checked.append((name, text))
    return tuple(checked)


def _order(text: str) -> str:
    try:
        parse_order(text)
    except ValueError as error:
        raise violation(ORDER_EXAMPLE) from error
    return text


def _fitted_charm(value: Any) -> Any:
    if not isinstance(value, int) or value not in (0, 1):
        raise violation("true or false")
    return bool(value)


def _choice(value: Any) -> Any:
    return _OLD_CHOICES[value] if isinstance(value, bool) else value


def _no_names(value: Any) -> Any:
    return () if value is False else value


Condition = Annotated[Text, AfterValidator(_condition), Kind("condition")]
LocalVariables = Annotated[
    tuple[tuple[str, str], ...], BeforeValidator(_local_variables), Kind("mapping of names to expressions")
]
NamesOrFalse = Annotated[ListAsTuple[Name], BeforeValidator(_no_names)]


class CutRule(RuncardSection):
    """A cut for one data set, one type of process, or both.

    This is the key with its checks. ``n3fit.data.FilterRule`` applies such a cut to the points of a data set and does
    not depend on runcards.
    """

    dataset: Name | None = Field(default=None, description="data set that the rule is for")
    process_type: Name | None = Field(
        default=None, description="type of process that the rule is for, such as DIS_NC; DIS_ALL: every DIS set"
    )
    rule: Condition = Field(description="what a point must satisfy to be kept, such as x > 0.1")
    reason: Text | None = Field(default=None, description="why, for readers")
    local_variables: LocalVariables | None = Field(
        default=None, description="names for the rule, such as w2: Q2 * (1 - x) / x"
    )
    PTO: Annotated[Text, AfterValidator(_order), Kind("order")] | None = Field(
        default=None, description="orders of the theory that the rule is for: NNLO, NNLO+ (and above), NNLO- (below)"
    )
    FNS: Name | None = Field(default=None, description="heavy-quark scheme of the theory that the rule is for")
    IC: Annotated[bool, BeforeValidator(_fitted_charm), Kind("true or false")] | None = Field(
        default=None, description="whether the rule is for theories with fitted charm"
    )


class CutLimits(RuncardSection):
    """Limits of the default cuts."""

    q2min: Number | None = Field(
        default=None, description="DIS points need Q2 > q2min, in GeV2", json_schema_extra=shown_default(f"{Q2_MIN:g}")
    )
    w2min: Number | None = Field(
        default=None, description="DIS points need W2 > w2min, in GeV2", json_schema_extra=shown_default(f"{W2_MIN:g}")
    )
    maxTau: Number | None = Field(  # noqa: N815 (the name in cards)
        default=None,
        description="fixed-target Drell-Yan points need M2 / s up to maxTau",
        json_schema_extra=shown_default(f"{MAX_TAU:g}"),
    )


class FilterDefaults(CutLimits):
    """Limits in place of all those of the default cuts: a rule that uses a missing one is an error."""

    q2min: Number | None = Field(default=None, description="in place of datacuts.q2min")
    w2min: Number | None = Field(default=None, description="in place of datacuts.w2min")
    maxTau: Number | None = Field(default=None, description="in place of datacuts.maxTau")  # noqa: N815


class DataCuts(CutLimits):
    """The t0 set and the kinematic cuts."""

    unpolarized_bc: SetName | None = Field(
        default=None, description="polarised fits: unpolarised PDF set beside the t0 set, for asymmetries"
    )
    t0pdfset: SetName | None = Field(
        default=None, description="PDF set of the t0 covariance", json_schema_extra=shown_default(DEFAULT_T0_SET)
    )
    use_cuts: Annotated[str, one_of(*CUT_CHOICES), BeforeValidator(_choice), Kind(list_names(CUT_CHOICES))] = Field(
        default=CUT_CHOICES[0],
        description="the points that are kept: those of the rules, all, those of `fit`, or of `cuts_intersection_spec`",
    )


class CutsOfEntry(CutLimits):
    """One entry of ``cuts_intersection_spec``: keys in place of those of the card, for one selection of points."""

    theoryid: TheoryIdentifier | None = Field(default=None, description="theory of the conditions and predictions")
    q2min: Number | None = Field(default=None, description="in place of datacuts.q2min")
    w2min: Number | None = Field(default=None, description="in place of datacuts.w2min")
    maxTau: Number | None = Field(default=None, description="in place of datacuts.maxTau")  # noqa: N815
    filter_defaults: FilterDefaults | None = Field(default=None, description="in place of filter_defaults")
    filter_rules: ListAsTuple[CutRule] | None = Field(default=None, description="in place of filter_rules")
    drop_internal_rules: NamesOrFalse | None = Field(default=None, description="in place of drop_internal_rules")
    added_filter_rules: ListAsTuple[CutRule] | None = Field(default=None, description="in place of added_filter_rules")
    pdf: SetName | None = Field(default=None, description="PDF set of the predictions, for fromsimilarpredictions")
    dataset_inputs: ListAsTuple[DatasetInput] | None = Field(
        default=None, description="data sets with the K-factors of the predictions, for fromsimilarpredictions"
    )
