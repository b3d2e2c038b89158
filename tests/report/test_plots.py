from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.report.data_plots import spread_by_q2
from n3fit.report.pdf_plots import COMBINATIONS, band
from n3fit.report.pictures import look, new_figure, to_picture
from n3fit.theory.flavours import EXPORT_LABELS, EXPORT_PIDS

NODES = st.lists(
    st.tuples(st.sampled_from([1e-4, 2e-4, 0.01, 0.1, 0.105, 0.6]), st.floats(1, 1e4)), min_size=1, max_size=30
)


def test_combinations_are_the_flavours_they_name() -> None:
    values = np.arange(1.0, 15.0)  # 1 TBAR, 2 BBAR, ... in the order of EXPORT_LABELS
    by_label = dict(zip(EXPORT_LABELS, values, strict=True))
    expected = {
        "gluon": by_label["GLUON"],
        "up valence": by_label["U"] - by_label["UBAR"],
        "down valence": by_label["D"] - by_label["DBAR"],
        "sea": sum(by_label[name] for name in ("UBAR", "DBAR", "SBAR", "CBAR")),
        "anti-up": by_label["UBAR"],
        "anti-down": by_label["DBAR"],
        "strange plus anti-strange": by_label["S"] + by_label["SBAR"],
        "charm plus anti-charm": by_label["C"] + by_label["CBAR"],
    }
    received = {entry.name: float(entry.of(values.reshape(1, 1, len(EXPORT_PIDS)))[0, 0]) for entry in COMBINATIONS}
    assert received == expected


def test_band_is_the_central_68_percent() -> None:
    low, high = band(np.arange(101.0)[:, None])
    assert (low[0], high[0]) == (16.0, 84.0)
    normal = np.random.default_rng(1).normal(5.0, 2.0, (200_000, 1))
    np.testing.assert_allclose([edge[0] for edge in band(normal)], [3.0, 7.0], atol=0.03)  # 68 % is 0.9945 sigma


@given(NODES)
def test_points_of_one_x_are_spread_by_q2_and_stay_between_their_neighbours(points: list[tuple[float, float]]) -> None:
    x, q2 = (np.array(column) for column in zip(*points, strict=True))
    moved = spread_by_q2(x, q2)
    nodes = np.unique(x)
    for node in nodes:
        here = x == node
        by_q2 = moved[here][np.argsort(q2[here], kind="stable")]
        assert (np.diff(by_q2) > 0).all()
        assert np.exp(np.log(moved[here]).mean()) == pytest.approx(node, rel=1e-9)
    for left, right in pairwise(nodes):
        assert moved[x == left].max() < moved[x == right].min()


def test_pictures_are_reproducible_and_keep_their_size() -> None:
    def draw() -> str:
        with look():
            figure = new_figure(3.0, 2.0)
            figure.subplots().plot([0, 1.23456789], [0, 1], label="$x$")
            picture = to_picture(figure, alt="line")
        assert (picture.width, picture.height) == (288, 192)
        return picture.uri

    assert draw() == draw()
