"""The Les Houches form: a power at small x, a power of 1 - x, and a polynomial in powers of x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from n3fit.pdf_models import PDFModel
from n3fit.runcard.values import ListAsTuple, NonNegativeNumber, PositiveNumber, violation
from n3fit.typing import Floats

MOST_POWERS = 4
"""Largest number of powers in the polynomial: seven parameters for each flavour, with A and the two exponents."""

NORMALISATION = "normalisation"
COEFFICIENTS = "coefficients"


def _different(powers: tuple[float, ...]) -> tuple[float, ...]:
    if len(set(powers)) < len(powers):
        raise violation("different powers", "remove one of two equal ones")
    return powers


class LesHouches(PDFModel):
    """x f(x) = A x^(1-alpha) (1-x)^beta (1 + sum_k c_k x^(p_k)) for each fitted flavour.

    The exponents are those of n3fit's preprocessing: fitted with ``trainable: true``, inside the ranges of the runcard,
    from which their first values are drawn. The form is that of global fits without neural networks, such as
    arXiv:0901.0002 with the powers 1/2 and 1. Where a sum rule fixes the normalisation of a flavour, A has no effect.
    """

    powers: Annotated[ListAsTuple[PositiveNumber], Field(max_length=MOST_POWERS), AfterValidator(_different)] = Field(
        default=(0.5, 1.0, 1.5, 2.0), description="powers of x in the polynomial"
    )
    spread: NonNegativeNumber = Field(
        default=0.3, description="standard deviation of the first values of the coefficients, and of log A"
    )

    def initial_values(self, flavours: Sequence[str], random: np.random.Generator) -> Mapping[str, Floats]:
        """Return A, (F,), and the coefficients, (powers, F)."""
        normalisation = np.exp(random.normal(0.0, self.spread, len(flavours)))
        coefficients = random.normal(0.0, self.spread, (len(self.powers), len(flavours)))
        return {NORMALISATION: normalisation} | ({COEFFICIENTS: coefficients} if self.powers else {})

    def evaluate(self, x: Any, variables: Mapping[str, Any], flavours: Sequence[str]) -> Any:
        """Compute A (1 + sum_k c_k x^(p_k)), (1, R, N, F)."""
        from n3fit.backends import operations as op

        normalisation = op.expand_dims(op.expand_dims(variables[NORMALISATION], axis=1), axis=0)
        if not self.powers:
            return normalisation * op.expand_dims(op.tensor_ones_like(x), axis=1)
        terms = op.concatenate([op.pow(x, power) for power in self.powers], axis=-1)
        polynomial = 1 + op.einsum("bxp,rpf->brxf", terms, variables[COEFFICIENTS])
        return normalisation * polynomial
