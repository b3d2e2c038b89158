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
