"""Scales of replicas: which are evolved to, and which are interpolated; without a theory there is the initial one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from support import ensembles as ensemble_examples

from n3fit.ensembles import ReplicaEnsemble
from n3fit.ensembles import replica_ensemble as module
from n3fit.ensembles.replica_ensemble import scale_segments
from n3fit.errors import CommandLineError
from n3fit.evolution.grids import QSegment, stretch_scale
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

MEMBERS = ensemble_examples.toy_snapshot(3).members
XGRID = ensemble_examples.toy_snapshot(3).x


class PowerOfScale:
    """An evolution in closed form: x f(x, Q) is x f(x, Q0) times a polynomial of degree 4 in the stretched scale."""

    built: ClassVar[list[tuple[QSegment, ...]]] = []

    def __init__(self, card: TheoryCard, xgrid: Floats, segments: list[QSegment], **options: object) -> None:
        self.segments = tuple(segments)
        self.built.append(self.segments)

    @staticmethod
    def factor(nf: int, q: Floats) -> Floats:
        return nf + stretch_scale(q) ** 4

    def evolve(self, grids: Floats) -> list[Floats]:
        return [self.factor(segment.nf, segment.q)[None, :, None, None] * grids[:, None] for segment in self.segments]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[tuple[QSegment, ...]]:
    """Replace the evolution; the segments that it is requested for."""
    monkeypatch.setattr(module, "GridEvolver", PowerOfScale)
    monkeypatch.setattr(PowerOfScale, "built", [])
    return PowerOfScale.built


def make(card: TheoryCard | None) -> ReplicaEnsemble:
    return ReplicaEnsemble("fit", q0=1.65, xgrid=XGRID, pdf=MEMBERS, card=card)


def test_a_threshold_belongs_to_the_segment_above() -> None:
    segments = scale_segments(TheoryCard(MaxNfPdf=6), [2.0, 4.9, 4.92, 10.0, 172.5, 1000.0])
    found = [(segment.nf, segment.q.tolist()) for segment in segments]
    assert found == [(4, [2.0, 4.9]), (5, [4.92, 10.0]), (6, [172.5, 1000.0])]


def test_flavours_end_with_the_most_that_a_theory_has() -> None:
    (segment,) = scale_segments(TheoryCard(MaxNfPdf=5), [10.0, 1000.0])
    assert (segment.nf, segment.q.tolist()) == (5, [10.0, 1000.0])


def test_a_few_scales_are_evolved_to_themselves(built: list[tuple[QSegment, ...]]) -> None:
    scales = [100.0, 1.65, 3.0, 20.0]
    found = make(TheoryCard()).at_scales(scales)
    assert [on_grid.q for on_grid in found] == scales
    np.testing.assert_array_equal(found[1].members, MEMBERS)
    for on_grid, nf in ((found[0], 5), (found[2], 4), (found[3], 5)):
        factor = float(PowerOfScale.factor(nf, np.array(on_grid.q)))
        np.testing.assert_allclose(on_grid.members, factor * MEMBERS, rtol=1e-14)
        np.testing.assert_allclose(on_grid.central, factor * MEMBERS.mean(axis=0), rtol=1e-14)
    assert [segment.q.tolist() for segment in built[0]] == [[3.0], [20.0, 100.0]]


def test_many_scales_are_interpolated_from_seven(built: list[tuple[QSegment, ...]]) -> None:
    scales = np.geomspace(5.0, 100.0, 23)
    found = make(TheoryCard()).at_scales(scales.tolist())
    ((segment,),) = built
    assert (len(segment.q), segment.q[0], segment.q[-1]) == (7, 5.0, 100.0)
    for q, on_grid in zip(scales, found, strict=True):
        factor = float(PowerOfScale.factor(5, np.array(q)))
        np.testing.assert_allclose(on_grid.members, factor * MEMBERS, rtol=1e-11)


def test_without_a_theory_there_is_the_initial_scale_alone() -> None:
    ensemble = make(card=None)
    np.testing.assert_array_equal(ensemble.at().members, MEMBERS)
    np.testing.assert_array_equal(ensemble.at(1.65 * (1 + 1e-7)).members, MEMBERS)
    with pytest.raises(CommandLineError, match=r"fit: Q: expected 1.65 GeV alone, received 2 GeV"):
        ensemble.at(2.0)
