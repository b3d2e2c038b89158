"""Runcard keys of data sets, theory, positivity and integrability."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from n3fit.paths import is_plain_name
from n3fit.runcard.values import (
    Fraction,
    Integer,
    JoinedNames,
    Kind,
    ListAsTuple,
    Name,
    NonNegativeNumber,
    RuncardSection,
    SetName,
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
    if not is_plain_name(value):
        raise violation("the name of a theory: letters, digits and . _ + -", "set the folder with --theory-path")
    digits = value.replace("_", "")
    return int(digits) if digits.isdecimal() else value


TheoryIdentifier = Annotated[int | str, BeforeValidator(_theory_identifier), Kind("integer or name")]


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
        description="the covariance of the loss and of the pseudodata is divided by it; 0: reported, not fitted",
    )
    cfac: ListAsTuple[Name] = Field(default=(), description="K-factors to apply, such as [QCD]")
    custom_group: Text = Field(default="unset", description="group of the data set, for `metadata_group: custom_group`")


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


class PositivityBound(RuncardSection):
    """The unpolarised PDF of a polarised fit."""

    unpolarized_bc: SetName = Field(
        description="PDF set whose member 0 is the unpolarised PDF of asymmetries and of positivity bounds"
    )
    n_std: NonNegativeNumber = Field(
        default=1.0, description="standard deviations of the set that are added to it in positivity bounds"
    )


class Integrability(RuncardSection):
    """Combinations of PDFs that must be integrable at small x."""

    integdatasets: ListAsTuple[LagrangeDataset] = Field(default=(), description="the integrability sets")
