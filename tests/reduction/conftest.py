"""Replicas at a few points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from n3fit.reduction import Samples


@pytest.fixture
def gaussian() -> Callable[..., Samples]:
    """Make R replicas at two flavours and six points that vary in ``rank`` directions."""

    def make(replicas: int, rank: int, seed: int = 1) -> Samples:
        random = np.random.default_rng(seed)
        directions = random.normal(size=(rank, 2, 6)) * np.geomspace(10, 1, rank)[:, None, None]
        members = 5.0 + np.einsum("rk,kfn->rfn", random.normal(size=(replicas, rank)), directions)
        return Samples(("g", "u"), np.linspace(0.1, 0.6, 6), members, members.mean(axis=0))

    return make
