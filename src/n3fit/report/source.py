"""What gives predictions, a fit or a PDF set, as it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from n3fit.report.style import FIT_COLOURS, FIT_MARKERS


@dataclass(frozen=True)
class Source:
    """One of the fits or PDF sets of a page.

    Parameters
    ----------
    label : str
        Unique among those of the page.
    index : int
        Its place among them, from 0.
    """

    label: str
    index: int

    @property
    def colour_number(self) -> int:
        """Place of its colour among those of fits, which is also in the name of a class of the style sheet."""
        return self.index % len(FIT_COLOURS)

    @property
    def colour(self) -> str:
        """Colour of its lines and markers."""
        return FIT_COLOURS[self.colour_number]

    @property
    def marker(self) -> str:
        """Shape of its markers."""
        return FIT_MARKERS[self.index % len(FIT_MARKERS)]
