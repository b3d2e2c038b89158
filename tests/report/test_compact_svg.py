import re
from io import BytesIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from n3fit.report.compact_svg import compact_svg

CORNERS = st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=30)


def outline(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if place else 'M'} {x:.6f} {y:.6f}" for place, (x, y) in enumerate(corners)) + " \nz\n"


def follow(path: str) -> np.ndarray:
    """Return the corners of a path of relative steps."""
    steps = re.findall(r"([Ml])(-?[\d.]+)\s?(-?[\d.]+)", path)
    assert path == "".join(re.findall(r"[Ml]-?[\d.]+ ?-?[\d.]+", path)) + "z"
    return np.cumsum([(float(x), float(y)) for _, x, y in steps], axis=0)


@given(CORNERS)
def test_lines_are_rounded_by_at_most_half_a_hundredth_of_a_point(corners: list[tuple[float, float]]) -> None:
    compact = compact_svg(f'<path d="{outline(corners)}"/>')
    found = re.fullmatch(r'<path d="(.*)"/>', compact)
    assert found is not None
    np.testing.assert_allclose(follow(found[1]), corners, atol=0.005001)


def test_letters_are_unchanged() -> None:
    letter = '<path id="x" d="M 1 2.123 Q 3 4 5 6 z"/>'
    assert compact_svg(letter.replace("Q", "\nQ")) == letter


def test_groups_of_series_become_classes_and_other_names_vanish() -> None:
    svg = '<g id="n3fit-s12"><g id="line2d_3"/></g><g id="n3fit-x"/><g id="other-s1"/>'
    assert compact_svg(svg) == '<g class="s12"><g/></g><g/><g/>'


def test_a_figure_has_the_same_elements_in_fewer_bytes() -> None:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot(np.linspace(0, 1, 200), np.linspace(0, 1, 200) ** 2, label="a line")
    axes.scatter([0.1, 0.9], [0.3, 0.7])
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    before = stream.getvalue().decode()
    after = compact_svg(before)
    assert len(after) < 0.8 * len(before)
    for tag in ("path", "use", "clipPath", "g"):
        assert len(re.findall(f"<{tag}\\b", after)) == len(re.findall(f"<{tag}\\b", before))
    # the targets of all references are kept
    references = re.compile(r'href="#([^"]*)"|url\(#([^)]*)\)')
    assert set(references.findall(after)) == set(references.findall(before))
    named = set(re.findall(r'id="([^"]*)"', after))
    assert {name for pair in references.findall(after) for name in pair if name} <= named
