"""Fixtures: an imaginary fit on disk and its page."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from n3fit.results import FitFolder
from n3fit.storage import CACHE_VARIABLE


def _load(place: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(place.stem, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def outcomes() -> ModuleType:
    """The module ``outcomes.py`` of the tests of results/."""
    return _load(Path(__file__).parents[1] / "results" / "outcomes.py")


@pytest.fixture(scope="session")
def fit(outcomes: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Six replicas, not all of which pass, and three small data sets."""
    outcome = outcomes.make_outcome(6, sets=outcomes.SMALL_SETS)
    outcome.positivity_passed[:] = [True, True, False, True, True, True]
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy")


@pytest.fixture(scope="session")
def page(fit: FitFolder) -> str:
    """The page of ``fit``."""
    from n3fit.report.page import make_report

    return make_report(fit).read_text()


@pytest.fixture(scope="session")
def smaller_fit(outcomes: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Four replicas, other random numbers, and only the first two of the three data sets, with other points."""
    outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS[:2], seed=8, name="smaller")
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "smaller")


@pytest.fixture(scope="session")
def examples() -> ModuleType:
    """The module ``ensemble_examples.py`` beside this file."""
    return _load(Path(__file__).with_name("ensemble_examples.py"))


@pytest.fixture(scope="session")
def small_fit(outcomes: ModuleType, examples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Four replicas on few nodes, of which the third is vetoed."""
    return examples.small_fit(outcomes, tmp_path_factory.mktemp("fits"))


@pytest.fixture(scope="session")
def operator_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of their own for tests that evolve."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder))
        yield folder
