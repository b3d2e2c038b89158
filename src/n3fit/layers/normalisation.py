"""Sum rules, imposed exactly by normalising the PDFs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.sum_rules import AXIAL_CHARGES, NORMALISATIONS, Normalisation, normalisations, number_integrals
from n3fit.typing import Floats

SMALLEST_INTEGRAL = 1e-6
"""Integrals smaller than this are replaced by it, with their sign, so that the normalisation stays finite."""


class SumRuleNormalisation(ConstantLayer):
    """Scale elements of the PDF so that the sum rules hold; arXiv:1410.8849, eqs. (3.6-3.7).

    Inputs are the PDFs x f(x) on the nodes of the observables, ``(batch, replica, x, flavour)``, and on the nodes of
    the integrals, ``(batch, replica, nodes, flavour)``, both in ``basis``; the output has the shape of the first. The
    factors are those of :data:`n3fit.theory.sum_rules.NORMALISATIONS`.

    Parameters
    ----------
    nodes, weights : (nodes,)
        See ``n3fit.theory.integration``.
    rules : collection of str
        Any of the names of NORMALISATIONS.
    basis : tuple of str
        The elements of the PDF: EVOLUTION_BASIS or CHARM_ASYMMETRIC_BASIS.
    polarised : bool
        Whether the PDFs are polarised.
    charges : (R, 2), optional
        The axial charges of each replica, for the rules of polarised fits.
    """

    def __init__(
        self,
        nodes: Floats,
        weights: Floats,
        rules: Collection[str],
        *,
        basis: tuple[str, ...] = EVOLUTION_BASIS,
        polarised: bool = False,
        charges: Floats | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        unknown = sorted(set(rules) - set(NORMALISATIONS))
        if unknown:
            raise ValueError(f"expected sum rules among {', '.join(NORMALISATIONS)}, received {unknown}")
        self.basis = basis
        self.normalisations = normalisations(rules, basis)
        if charges is None and any(factor.target is None for factor in self.normalisations):
            raise ValueError("expected the axial charges of each replica for their sum rules, received none")
        self._charges = charges
        numbers = number_integrals(polarised)
        self._kernel = np.zeros((len(nodes), len(basis)))
        for name in self._integrated().intersection(basis):
            self._kernel[:, basis.index(name)] = weights / nodes if name in numbers else weights

    def _integrated(self) -> set[str]:
        """Return the elements whose integrals are needed."""
        divisors = {factor.integral for factor in self.normalisations}
        return divisors.union(name for factor in self.normalisations for name, _ in factor.subtracted)

    def build(self, input_shape: Any) -> None:
        """Store the weights of the integrals and the axial charges as constants."""
        self.kernel = self.constant("kernel", self._kernel)
        if self._charges is not None:
            self.charges = self.constant("charges", self._charges, replica_axis=0)

    def integrals(self, pdf_on_nodes: Any) -> Any:
        """Compute the integrals, ``(batch, replica, flavour)``; zero for the elements whose integral no rule needs."""
        return op.einsum("brxf,xf->brf", pdf_on_nodes, self.kernel)

    def call(self, inputs: tuple[Any, Any]) -> Any:
        pdf, pdf_on_nodes = inputs
        integrals = self.integrals(pdf_on_nodes)
        column = {name: integrals[..., index : index + 1] for index, name in enumerate(self.basis)}
        factors = dict.fromkeys(self.basis, 0 * column["g"] + 1)
        for normalisation in self.normalisations:
            factor = self._numerator(normalisation, column) / away_from_zero(column[normalisation.integral])
            factors |= dict.fromkeys(set(normalisation.elements).intersection(self.basis), factor)
        row = op.concatenate([factors[name] for name in self.basis], axis=-1)
        return pdf * op.expand_dims(row, axis=2)

    def _numerator(self, normalisation: Normalisation, column: dict[str, Any]) -> Any:
        """Compute what the integral becomes, ``(batch, replica, 1)`` or a number."""
        result: Any = normalisation.target
        if result is None:
            index = [name for name, _, _ in AXIAL_CHARGES].index(normalisation.integral)
            result = self.charges[:, index : index + 1]
        for name, coefficient in normalisation.subtracted:
            if name in column:
                result = result - (column[name] if coefficient == 1 else coefficient * column[name])
        return result


def away_from_zero(integral: Any) -> Any:
    """Return an integral with its sign and a size of at least SMALLEST_INTEGRAL."""
    sign = op.backend_function("where", integral < 0, -1.0, 1.0)
    return sign * op.backend_function("maximum", op.absolute(integral), SMALLEST_INTEGRAL)
