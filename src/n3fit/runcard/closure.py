"""Runcard keys under ``closuretest``: fits to data that follow from a known PDF (arXiv:1410.8849, section 4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from n3fit.runcard.data_keys import TheoryIdentifier
from n3fit.runcard.values import (
    Integer,
    Kind,
    ListAsTuple,
    Name,
    Number,
    RuncardSection,
    Seed,
    SetName,
    StrictBool,
    one_of,
    shown_default,
)

Level = Annotated[Integer, Field(ge=0, le=2)]
TREATMENTS = ("ADD", "MULT")
CORRELATIONS = ("CORR", "UNCORR", "THEORYCORR", "THEORYUNCORR", "SPECIAL")


class InconsistentData(RuncardSection):
    """Uncertainties that are wrong on purpose: they are rescaled after level 1 was drawn from the true ones."""

    inconsistent_datasets: ListAsTuple[Name] = Field(default=(), description="data sets with wrong uncertainties")
    treatment_names: ListAsTuple[Annotated[str, one_of(*TREATMENTS), Kind("treatment")]] = Field(
        default=(), description=f"treatments of the systematics to rescale: {', '.join(TREATMENTS)}"
    )
    names_uncertainties: ListAsTuple[Annotated[str, one_of(*CORRELATIONS), Kind("type")]] = Field(
        default=(),
        description=f"types of the systematics to rescale: {', '.join(CORRELATIONS)} (SPECIAL: any other name)",
    )
    sys_rescaling_factor: Number = Field(default=1.0, description="factor on these systematics")


class ClosureTest(RuncardSection):
    """The closure test; active if there is a ``level`` or ``fakedata`` is true."""

    level: Level | None = Field(
        default=None,
        description="0: predictions of the known PDF; 1: shifted once by the uncertainties; 2: and replicas of that",
    )
    fakedata: StrictBool | None = Field(default=None, description="true: replace the data; not needed beside level")
    fakepdf: SetName | None = Field(default=None, description="PDF set that the data follow from, its member 0")
    fakenoise: StrictBool | None = Field(
        default=None, description="true: shift the data once (level 1, or 2 with genrep); not needed beside level"
    )
    filterseed: Seed | None = Field(default=None, description="seed of the shift of levels 1 and 2")
    faketheoryid: TheoryIdentifier | None = Field(
        default=None,
        description="theory of the predictions that replace the data; the fit uses theory.theoryid",
        json_schema_extra=shown_default("theory.theoryid"),
    )
    inconsistent_fakedata: StrictBool = Field(
        default=False, description="true: rescale uncertainties after the shift, by inconsistent_data_settings"
    )
    inconsistent_data_settings: InconsistentData = Field(
        default_factory=InconsistentData, description="which uncertainties are rescaled"
    )

    @property
    def active(self) -> bool:
        """Whether the data are replaced."""
        return self.level is not None or self.fakedata is True

    def resolve_level(self, genrep: bool) -> int | None:
        """Return the level, derived from the older keys if ``level`` is missing; None for measured data."""
        if not self.active:
            return None
        if self.level is not None:
            return self.level
        return (2 if genrep else 1) if self.fakenoise else 0
