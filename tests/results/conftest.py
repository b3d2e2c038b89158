"""Fixtures: an imaginary fit, in memory and on disk."""

from __future__ import annotations

import pytest
from support import outcomes
from support.outcomes import Outcome


@pytest.fixture
def small_outcome() -> Outcome:
    """Three replicas and ten points."""
    return outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
