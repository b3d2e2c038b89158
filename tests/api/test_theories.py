"""Theories that a runcard can name."""

import pytest

from n3fit import api
from n3fit.errors import TheoryError


def test_the_embedded_theory_is_listed():
    (embedded,) = [entry for entry in api.list_theories(theory_path=".") if entry.identifier == "dis_nnlo"]
    assert (embedded.order, embedded.q0) == ("NNLO", 1.65)
    assert embedded.tables >= 32


def test_a_theory_that_is_not_there_cannot_be_checked(tmp_path):
    with pytest.raises(TheoryError, match="4711") as caught:
        api.check_theory(4711, theory_path=str(tmp_path))
    assert caught.value.exit_code == 3


def test_a_broken_theory_does_not_hide_the_others(tmp_path):
    for name, card in (("7", None), ("8", "Q0: [1"), ("9", "Q0: 1.65\nPTO: 3\nQED: 2\n"), ("10", "Q0: 1.65\nFNS: X\n")):
        (tmp_path / f"theory_{name}" / "fastkernel").mkdir(parents=True)
        if card is not None:
            (tmp_path / f"theory_{name}" / "theory.yaml").write_text(card)
    found = {entry.identifier: entry for entry in api.list_theories(theory_path=tmp_path)}
    assert "there is no theory card" in found["7"].problem
    assert "theory.yaml:1: not valid YAML" in found["8"].problem
    assert (found["9"].order, found["9"].problem) == ("N3LO", "")
    assert found["9"].evolution == ("PTO: 3 (N3LO evolution)", "QED: 2 (evolution with the photon)")
    assert "FNS: expected" in found["10"].problem
    assert found["dis_nnlo"].evolution == ()
