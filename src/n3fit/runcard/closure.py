"""Runcard keys under ``closuretest``: fits to data that follow from a known PDF (arXiv:1410.8849, section 4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from n3fit.runcard.values import Integer, Name, RuncardSection, Seed, StrictBool

Level = Annotated[Integer, Field(ge=0, le=2)]


class ClosureTest(RuncardSection):
    """The closure test; active if there is a ``level`` or ``fakedata`` is true."""

    level: Level | None = Field(
        default=None,
        description="0: predictions of the known PDF; 1: shifted once by the uncertainties; 2: and replicas of that",
    )
    fakedata: StrictBool | None = Field(default=None, description="true: replace the data; not needed beside level")
    fakepdf: Name | None = Field(default=None, description="PDF set that the data follow from, its member 0")
    fakenoise: StrictBool | None = Field(
        default=None, description="true: shift the data once (level 1, or 2 with genrep); not needed beside level"
    )
    filterseed: Seed | None = Field(default=None, description="seed of the shift of levels 1 and 2")

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
