"""Colours and markers of fits and PDF sets."""

from n3fit.report.source import Source
from n3fit.report.style import FIT_COLOURS


def test_further_sources_start_again_with_the_first_colour_and_marker() -> None:
    first, last, again = (Source("x", index) for index in (0, len(FIT_COLOURS) - 1, len(FIT_COLOURS)))
    assert (first.colour, first.marker) == (again.colour, again.marker)
    assert last.colour != first.colour
    assert last.marker != first.marker
