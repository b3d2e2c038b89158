"""Runcard keys of data sets, cuts, theory, positivity and integrability."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from n3fit.conditions import ConditionError, parse_condition
from n3fit.defaults import DEFAULT_T0_SET, Q2_MIN, W2_MIN
from n3fit.runcard.values import (
    Fraction,
    Integer,
    JoinedNames,
    Kind,
    ListAsTuple,
    Name,
    NonNegativeNumber,
    RuncardSection,
    Text,
    shown_default,
    violation,
)


def _theory_identifier(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise violation("the number or the name of a theory, such as 400 or dis_nnlo")
    if isinstance(value, int):
        if value < 0:
            raise violation("the number of a theory, at least 0")
        return value
    if not all(part.isalnum() for part in value.split("_")):
        raise violation("the name of a theory: letters, digits and _", "set the folder with --theory-path")
    digits = value.replace("_", "")
    return int(digits) if digits.isdecimal() else value


TheoryIdentifier = Annotated[int | str, BeforeValidator(_theory_identifier), Kind("integer or name")]


def _condition(text: str) -> str:
    try:
        parse_condition(text)
    except ConditionError as error:
        raise violation(error.expected, error.hint) from error
    return text


class DatasetInput(RuncardSection):
    """One data set of the fit."""

    dataset: Name = Field(description="name of the data set, as nnpdf-data has it")
    variant: JoinedNames | None = Field(
        default=None, description="variant of the data set, such as legacy; several are applied in their order"
    )
    sys: Annotated[Integer, Field(ge=0)] | None = Field(
        default=None, description="systematics of a data set with an old name: 10 is the variant legacy_10"
    )
    frac: Fraction = Field(
        default=1.0, description="fraction of the points used for training; for `diagonal_basis: false`"
    )
    weight: NonNegativeNumber = Field(
        default=1.0,
        description="factor on the contribution to the loss; 0: predicted and reported, not fitted",
    )
    cfac: ListAsTuple[Name] = Field(default=(), description="K-factors to apply, such as [QCD]")
    custom_group: Text = Field(default="unset", description="group of the data set, for `metadata_group: custom_group`")


class DataCuts(RuncardSection):
    """The t0 set and the kinematic cuts."""

    t0pdfset: Name | None = Field(
        default=None, description="PDF set of the t0 covariance", json_schema_extra=shown_default(DEFAULT_T0_SET)
    )
    q2min: NonNegativeNumber = Field(default=Q2_MIN, description="points need Q2 > q2min, in GeV2")
    w2min: NonNegativeNumber = Field(default=W2_MIN, description="points need W2 > w2min, in GeV2")


class TheoryChoice(RuncardSection):
    """The theory of the predictions."""

    theoryid: TheoryIdentifier = Field(description="number of a theory, or name of one that is shipped with n3fit")
    t0theoryid: TheoryIdentifier | None = Field(
        default=None,
        description="theory of the t0 predictions; cuts are those of theoryid",
        json_schema_extra=shown_default("theoryid"),
    )


class LagrangeDataset(RuncardSection):
    """A positivity or integrability set with the last value of its Lagrange multiplier."""

    dataset: Name = Field(description="name of the set")
    maxlambda: NonNegativeNumber = Field(description="Lagrange multiplier at the last epoch; 0 fades the set out")


class Positivity(RuncardSection):
    """Observables that must not be negative."""

    posdatasets: ListAsTuple[LagrangeDataset] = Field(default=(), description="the positivity sets")


class Integrability(RuncardSection):
    """Combinations of PDFs that must be integrable at small x."""

    integdatasets: ListAsTuple[LagrangeDataset] = Field(default=(), description="the integrability sets")


class AddedFilterRule(RuncardSection):
    """A cut for one data set or one type of process.

    This is the key with its checks. ``n3fit.data.FilterRule`` applies such a cut to the points of a data set and does
    not depend on runcards.
    """

    dataset: Name | None = Field(default=None, description="data set that the rule is for")
    process_type: Name | None = Field(default=None, description="type of process that the rule is for")
    rule: Annotated[Text, AfterValidator(_condition), Kind("condition")] = Field(
        description="what a point must satisfy to be kept, such as x > 0.1"
    )
    reason: Text | None = Field(default=None, description="why, for readers")
