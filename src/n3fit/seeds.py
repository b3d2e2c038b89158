"""Random numbers as a pure function of what they are for.

A seed depends on the base seed of the runcard, the purpose, the replica number and a name (of a layer, of a data
set), and on nothing else: neither on which replicas run beside, nor on an order, nor on the machine.
"""

from __future__ import annotations

import hashlib

import numpy as np

LARGEST_SEED = 2**31 - 1
"""Seeds lie below this number, so that every library accepts them."""


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
    """Return a numpy generator seeded by :func:`derive_seed`; PCG64 is fixed so that numpy's default may change."""
    return np.random.Generator(np.random.PCG64(derive_seed(base, purpose, replica, name)))
