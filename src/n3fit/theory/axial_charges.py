"""The axial charges to which the integrals of polarised T3 and T8 are normalised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.seeds import SeededReplica, derive_seed, with_seeds
from n3fit.theory.sum_rules import AXIAL_CHARGES
from n3fit.typing import Floats


def draw_axial_charges(seed: int) -> tuple[float, ...]:
    """Draw the charges of AXIAL_CHARGES, in their order, from normal distributions."""
    random = np.random.default_rng(seed)
    return tuple(float(random.normal(mean, deviation)) for _, mean, deviation in AXIAL_CHARGES)


def axial_charges_of(replicas: Sequence[int | SeededReplica], seed: int) -> Floats:
    """Draw the charges (R, 2) of replicas; those of a replica depend on its number and its seed alone."""
    return np.array(
        [
            draw_axial_charges(derive_seed(entry.seed, "axial charges", entry.number))
            for entry in with_seeds(replicas, seed)
        ]
    )
