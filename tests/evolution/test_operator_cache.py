"""Operators in the cache: built once, resumed, and distinguished by their settings."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from support.progress import RecordedSteps

from n3fit.evolution import operator_cache
from n3fit.evolution.blocks import BlockOperator, compress_operator
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.progress import NullReporter
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.theory_card import TheoryCard

XGRID = np.concatenate([np.geomspace(1e-4, 0.1, 8)[:-1], np.linspace(0.1, 1.0, 7)])
CARD = TheoryCard()
SEGMENTS = lhapdf_qgrid(CARD, q_max=10.0, nodes=4)


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The scales of the operators that are built, in an empty cache; random matrices stand for operators."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    scales: list[float] = []

    class RandomOperators:
        def __init__(self, card: TheoryCard, xgrid: np.ndarray, *, nodes: int, polarised: bool) -> None:
            self.size = len(xgrid)

        def block_operator(self, q: float, nf: int) -> BlockOperator:
            scales.append(q)
            dense = np.random.default_rng([nf, int(1000 * q)]).normal(size=(14, self.size, 14, self.size))
            return compress_operator(dense, nf_from=CARD.nf0, nf_to=nf)

    monkeypatch.setattr(operator_cache, "EvolutionOperators", RandomOperators)
    return scales


def load(card: TheoryCard = CARD, xgrid: np.ndarray = XGRID) -> list[np.ndarray]:
    loaded = OperatorCache(card, xgrid).load(SEGMENTS, progress=NullReporter())
    return [operator.matrices for segment in loaded for operator in segment]


def test_operators_are_built_once_and_read_back_the_same(builds: list[float]) -> None:
    first = load()
    assert builds == [q for segment in SEGMENTS for q in segment.q.tolist()]
    second = load()
    assert len(builds) == len(first) == 8
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_version_of_the_kernels_is_built_again(builds: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    builds.clear()
    monkeypatch.setattr(operator_cache, "KERNELS_VERSION", operator_cache.KERNELS_VERSION + 1)
    load()
    assert len(builds) == 8


def test_only_missing_operators_are_built(builds: list[float]) -> None:
    load()
    lost = float(SEGMENTS[1].q[2])
    OperatorCache(CARD, XGRID).path(lost, 5).unlink()
    builds.clear()
    load()
    assert builds == [lost]


def test_progress_counts_all_operators(builds: list[float]) -> None:
    progress = RecordedSteps()
    OperatorCache(CARD, XGRID).load(SEGMENTS, progress=progress)
    assert progress.steps == [("evolution operators", done, 8) for done in range(1, 9)]


def test_identity_depends_on_the_evolution_alone() -> None:
    identity = OperatorCache(CARD, XGRID).identity
    assert OperatorCache(TheoryCard(Comments="another text", SIN2TW=0.23), XGRID).identity == identity
    others = [
        OperatorCache(TheoryCard(alphas=0.119), XGRID), OperatorCache(TheoryCard(mb=4.75), XGRID),
        OperatorCache(TheoryCard(ModEv="TRN"), XGRID), OperatorCache(CARD, XGRID[1:]),
    ]  # fmt: skip
    assert len({identity, *(other.identity for other in others)}) == 5


@pytest.mark.parametrize("damage", [b"", b"not a file of arrays", None])
def test_damaged_operator_is_built_again(
    builds: list[float], caplog: pytest.LogCaptureFixture, damage: bytes | None
) -> None:
    expected = load()
    path = OperatorCache(CARD, XGRID).path(10.0, 5)
    path.write_bytes(path.read_bytes()[:-200] if damage is None else damage)
    builds.clear()
    with caplog.at_level(logging.WARNING):
        found = load()
    assert builds == [10.0]
    assert f"{path}: damaged cache entry" in caplog.text
    np.testing.assert_array_equal(found[-1], expected[-1])


def test_cache_that_cannot_be_written_only_warns(
    builds: list[float], caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        found = load()
    assert "the cache cannot be used" in caplog.text
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
