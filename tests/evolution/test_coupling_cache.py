"""The coupling in the cache: that of the theory, computed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit.evolution import coupling_cache
from n3fit.evolution.coupling_cache import coupling_at
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.theory_card import TheoryCard

CARD = TheoryCard(ModEv="EXA")
SCALES = [(91.1876, 5), (4.92, 4), (4.92, 5), (1.65, 4)]


@pytest.fixture
def computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TheoryCard]:
    """The cards whose coupling is computed, in an empty cache."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    cards: list[TheoryCard] = []

    class Recorded(StrongCoupling):
        def __init__(self, card: TheoryCard) -> None:
            cards.append(card)
            super().__init__(card)

    monkeypatch.setattr(coupling_cache, "StrongCoupling", Recorded)
    return cards


def test_the_coupling_is_computed_once(computed: list[TheoryCard]) -> None:
    first = coupling_at(CARD, SCALES)
    assert first == [StrongCoupling(CARD).alpha_s(q, nf) for q, nf in SCALES]
    assert first[0] == pytest.approx(CARD.alphas, rel=1e-3)
    assert coupling_at(CARD, SCALES) == first
    assert computed == [CARD]


@pytest.mark.parametrize("changed", [{"alphas": 0.119}, {"PTO": 1}, {"mb": 4.75}, {"ModEv": "TRN"}], ids=str)
def test_another_theory_has_another_coupling(computed: list[TheoryCard], changed: dict[str, float]) -> None:
    other = TheoryCard(**({"ModEv": "EXA"} | changed))  # type: ignore[arg-type]
    assert coupling_at(CARD, SCALES) != coupling_at(other, SCALES)
    assert computed == [CARD, other]
    assert coupling_at(CARD, SCALES[:2]) == coupling_at(CARD, SCALES)[:2]
