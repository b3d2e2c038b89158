"""The nodes in Q."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import CommandLineError
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.theory.theory_card import TheoryCard


def test_default_grid_has_two_segments_that_meet_at_the_bottom_mass() -> None:
    below, above = lhapdf_qgrid(TheoryCard())
    assert (below.nf, above.nf) == (4, 5)
    assert (below.q[0], below.q[-1], above.q[0], above.q[-1]) == (1.65, 4.92, 4.92, 1e5)
    assert 48 <= len(below.q) + len(above.q) <= 52


def test_top_never_divides_the_grid() -> None:
    assert [segment.nf for segment in lhapdf_qgrid(TheoryCard(mt=172.5), q_max=1e4)] == [4, 5]


def test_matching_scale_and_not_the_mass_divides_the_grid() -> None:
    below, above = lhapdf_qgrid(TheoryCard(kbThr=2.0))
    assert below.q[-1] == above.q[0] == pytest.approx(9.84, rel=1e-15)


def test_three_flavours_at_the_start_have_two_thresholds() -> None:
    segments = lhapdf_qgrid(TheoryCard(Q0=1.2, nf0=3))
    assert [segment.nf for segment in segments] == [3, 4, 5]
    assert [segment.q[0] for segment in segments] == pytest.approx([1.2, 1.51, 4.92])


def test_fixed_and_fewer_flavours() -> None:
    fixed = TheoryCard.from_mapping({"FNS": "FFNS", "NfFF": 3})
    four = TheoryCard.from_mapping({"Q0": 1.2, "MaxNfPdf": 4})
    assert [segment.nf for segment in lhapdf_qgrid(fixed)] == [3]
    assert [segment.nf for segment in lhapdf_qgrid(four)] == [3, 4]


@given(q_max=st.floats(1.7, 1e6), nodes=st.integers(2, 120))
def test_nodes_increase_and_end_at_the_largest_scale(q_max: float, nodes: int) -> None:
    segments = lhapdf_qgrid(TheoryCard(), q_max=q_max, nodes=nodes)
    assert segments[0].q[0] == 1.65
    assert segments[-1].q[-1] == q_max
    assert len(segments) == (2 if q_max > 4.92 else 1)
    for segment in segments:
        assert len(segment.q) >= 4
        assert (np.diff(segment.q) > 0).all()


@pytest.mark.parametrize("q_max", [1.65, 1.0, -3.0, np.nan, np.inf])
def test_largest_scale_must_be_above_the_initial_one(q_max: float) -> None:
    with pytest.raises(CommandLineError, match=r"above the initial scale 1\.65 GeV"):
        lhapdf_qgrid(TheoryCard(), q_max=q_max)


def test_one_node_is_too_few() -> None:
    with pytest.raises(CommandLineError, match="at least 2 nodes in Q, received 1"):
        lhapdf_qgrid(TheoryCard(), nodes=1)
