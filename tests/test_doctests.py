"""The examples in the docstrings run."""

import pytest
from support.doctests import modules_of, run_examples

PACKAGES = (
    "n3fit.cli",
    "n3fit.conditions",
    "n3fit.defaults",
    "n3fit.errors",
    "n3fit.lagrange",
    "n3fit.progress",
    "n3fit.runcard",
)
MODULES = [module for package in PACKAGES for module in modules_of(package)]


@pytest.mark.parametrize("module", MODULES)
def test_examples(module: str) -> None:
    assert run_examples(module).failed == 0


def test_there_are_examples() -> None:
    """Of modules whose docstrings have examples, to see that they are found."""
    for module in ("n3fit.cli.formatting", "n3fit.conditions", "n3fit.errors", "n3fit.lagrange"):
        assert run_examples(module).attempted > 0
