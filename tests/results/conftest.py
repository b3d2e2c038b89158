"""Fixtures: an imaginary fit, in memory and on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import outcomes

from n3fit.results import FitFolder, FitOutcome


@pytest.fixture
def small_outcome() -> FitOutcome:
    """Three replicas and ten points."""
    return outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., FitFolder]:
    """Write an outcome, into ``tmp_path / "toy"`` unless told otherwise."""

    def write_outcome(outcome: FitOutcome, folder: Path | None = None, **options: Any) -> FitFolder:
        return outcomes.write_outcome(outcome, folder or tmp_path / "toy", **options)

    return write_outcome
