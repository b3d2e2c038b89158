"""What cannot follow a fit is said before it."""

from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import CommandLineError


def test_more_replicas_than_are_fitted_cannot_be_chosen() -> None:
    api.check_steps("fit", replicas=range(11, 21), postfit=10)
    with pytest.raises(CommandLineError, match="11 replicas are to be chosen, but only 10 are fitted") as caught:
        api.check_steps("fit", replicas=range(11, 21), postfit=11)
    assert "such as 1-14" in caught.value.hint


def test_evolution_needs_a_name() -> None:
    api.check_steps(Path("fits/a"), replicas=range(1, 3), evolve=True)
    api.check_steps("fits/a fit", replicas=range(1, 3))
    with pytest.raises(CommandLineError, match="expected a name of letters"):
        api.check_steps("fits/a fit", replicas=range(1, 3), evolve=True)
