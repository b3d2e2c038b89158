"""Runcard keys under ``closuretest``: fits to data that follow from a known PDF (arXiv:1410.8849, section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from n3fit.runcard.values import Integer, Keys, Name, Seed, Truth

if TYPE_CHECKING:
    from n3fit.runcard.schema import Runcard

Level = Annotated[Integer, Field(ge=0, le=2)]


class ClosureTest(Keys):
    """The closure test; it is one when ``level`` is given or ``fakedata`` is true."""

    level: Level | None = Field(
        default=None,
        description="0: predictions of the known PDF; 1: shifted once by the uncertainties; 2: and replicas of that",
    )
    fakedata: Truth | None = Field(default=None, description="true: replace the data; needless beside level")
    fakepdf: Name | None = Field(default=None, description="PDF set that the data follow from, its member 0")
    fakenoise: Truth | None = Field(
        default=None, description="true: shift the data once (level 1, or 2 with genrep); needless beside level"
    )
    filterseed: Seed | None = Field(default=None, description="seed of the shift of levels 1 and 2")

    @property
    def active(self) -> bool:
        """Whether the data are replaced."""
        return self.level is not None or self.fakedata is True

    def resolve_level(self, genrep: bool) -> int | None:
        """Give the level, from the older keys when ``level`` is missing; None when the data stay as they are."""
        if not self.active:
            return None
        if self.level is not None:
            return self.level
        return (2 if genrep else 1) if self.fakenoise else 0


def closure_contradictions(card: Runcard) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """Give what does not go together in a closure test: key, what was expected, what was received, the next step."""
    test = card.closuretest
    if test is None:
        return
    if test.level is not None and test.fakedata is False:
        yield ("closuretest", "fakedata"), f"true beside level: {test.level}", "false", "remove one of the two"
    level = card.closure_level
    if level is None:
        return
    if test.fakepdf is None:
        hint = "n3fit_dis_t0 comes with n3fit"
        yield ("closuretest", "fakepdf"), "the PDF set that the data follow from", "nothing", hint
    if test.level is not None and test.fakenoise is not None and test.fakenoise != (level > 0):
        received = str(test.fakenoise).lower()
        yield ("closuretest", "fakenoise"), f"{str(level > 0).lower()} for level {level}", received, "remove it"
    if level > 0 and test.filterseed is None:
        yield ("closuretest", "filterseed"), f"an integer, for level {level} shifts the data", "nothing", "give a seed"
    if card.genrep != (level == 2):
        wanted, other = ("true", 1) if level == 2 else ("false", 2)
        expected = f"{wanted} for a closure test of level {level}"
        way = f"closuretest.level: {other}" if test.level is not None else "closuretest.fakenoise: true for level 2"
        yield ("genrep",), expected, str(card.genrep).lower(), f"set genrep: {wanted}, or {way}"
