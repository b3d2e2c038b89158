"""Seeds of random numbers as a pure function of their purpose.

A seed depends on the base seed of the runcard, the purpose, the replica number and a name (of a layer, of a data
set), and on nothing else: neither on the other replicas of a fit, nor on an order, nor on the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LARGEST_SEED = 2**31 - 1
"""Upper limit of the seeds, so that every library accepts them."""


@dataclass(frozen=True)
class SeededReplica:
    """A replica whose random numbers have a base seed of their own, not that of the runcard."""

    number: int
    seed: int


def with_seeds(replicas: Sequence[int | SeededReplica], seed: int) -> list[SeededReplica]:
    """Return replicas with their base seeds: ``seed`` for those that have none of their own."""
    return [entry if isinstance(entry, SeededReplica) else SeededReplica(int(entry), seed) for entry in replicas]


def derive_seed(base: int, purpose: str, replica: int = 0, name: str = "") -> int:
    """Return the seed, in ``[0, 2**31 - 1)``, for one purpose, replica and name.

    Examples
    --------
    >>> derive_seed(1, "pseudodata", 3) == derive_seed(1, "pseudodata", 3)
    True
    >>> derive_seed(1, "pseudodata", 3) == derive_seed(1, "pseudodata", 4)
    False
    """
    text = "\x1f".join((str(int(base)), purpose, str(int(replica)), name))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % LARGEST_SEED


def generator(base: int, purpose: str, replica: int = 0, name: str = "") -> np.random.Generator:
    """Return a numpy generator with a seed of :func:`derive_seed`; its kind, PCG64, does not follow numpy's default."""
    return np.random.Generator(np.random.PCG64(derive_seed(base, purpose, replica, name)))
