"""Ranges of the preprocessing exponents, x^(1-alpha) (1-x)^beta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.seeds import generator


@dataclass(frozen=True)
class ExponentRange:
    """Ranges of the exponents of one fitted flavour.

    Parameters
    ----------
    flavour : str
    smallx : (lowest, highest)
        Range of alpha.
    largex : (lowest, highest) or None
        Range of beta; None with feature scaling, which has no (1 - x) factor.
    trainable : bool
        Whether the exponents are fitted.
    """

    flavour: str
    smallx: tuple[float, float]
    largex: tuple[float, float] | None
    trainable: bool

    def draw(self, seed: int, replica: int) -> tuple[float, float]:
        """Draw (alpha, beta) of one replica, uniform in the ranges; beta is 0 without a range.

        They are rounded to single precision, so that fits in single and double precision start from the same ones.
        """
        random = generator(seed, "preprocessing", replica, self.flavour)
        alpha = random.uniform(*self.smallx)
        beta = random.uniform(*self.largex) if self.largex is not None else 0.0
        return float(np.float32(alpha)), float(np.float32(beta))
