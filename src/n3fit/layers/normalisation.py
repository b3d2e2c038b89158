"""Momentum and valence sum rules, imposed exactly by normalising the PDFs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.sum_rules import MOMENTUM_SUM_RULE, SUM_RULES, VALENCE_SUM_RULES, VALENCE_TARGETS
from n3fit.typing import Floats

SMALLEST_INTEGRAL = 1e-6
"""Integrals smaller than this are replaced by it, with their sign, so that the normalisation stays finite."""


class SumRuleNormalisation(ConstantLayer):
    """Scale V, V3, V8 and g so that the sum rules hold; arXiv:1410.8849, eqs. (3.6-3.7).

    Inputs are the PDFs x f(x) on the nodes of the observables, ``(batch, replica, x, 8)``, and on the nodes of the
    integrals, ``(batch, replica, nodes, 8)``, both in EVOLUTION_BASIS; the output has the shape of the first. The
    integral of V is 3, of V3 1, of V8 3, and that of x (Sigma + g) 1.

    Parameters
    ----------
    nodes, weights : (nodes,)
        See ``n3fit.theory.integration``.
    rules : collection of str
        Any of ``MSR`` (momentum) and ``VSR`` (valence).
    """

    def __init__(self, nodes: Floats, weights: Floats, rules: Collection[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        unknown = sorted(set(rules) - set(SUM_RULES))
        if unknown:
            raise ValueError(f"expected sum rules among {', '.join(SUM_RULES)}, received {unknown}")
        self.rules = frozenset(rules)
        # momentum weights for Sigma and g, number weights for the valence
        self._kernel = np.zeros((len(nodes), len(EVOLUTION_BASIS)))
        for name in ("Sigma", "g"):
            self._kernel[:, EVOLUTION_BASIS.index(name)] = weights
        for name, _ in VALENCE_TARGETS:
            self._kernel[:, EVOLUTION_BASIS.index(name)] = weights / nodes

    def build(self, input_shape: Any) -> None:
        """Store the weights of the integrals as a constant."""
        self.kernel = self.constant("kernel", self._kernel)

    def integrals(self, pdf_on_nodes: Any) -> Any:
        """Compute the normalised integrals, ``(batch, replica, 8)``; zero for the flavours without one."""
        return op.einsum("brxf,xf->brf", pdf_on_nodes, self.kernel)

    def call(self, inputs: tuple[Any, Any]) -> Any:
        pdf, pdf_on_nodes = inputs
        integrals = self.integrals(pdf_on_nodes)
        column = {name: integrals[..., index : index + 1] for index, name in enumerate(EVOLUTION_BASIS)}
        one = 0 * column["g"] + 1
        factors = dict.fromkeys(EVOLUTION_BASIS, one)
        if VALENCE_SUM_RULES in self.rules:
            for name, target in VALENCE_TARGETS:
                factors[name] = target / away_from_zero(column[name])
        if MOMENTUM_SUM_RULE in self.rules:
            factors["g"] = (1 - column["Sigma"]) / away_from_zero(column["g"])
        row = op.concatenate([factors[name] for name in EVOLUTION_BASIS], axis=-1)
        return pdf * op.expand_dims(row, axis=2)


def away_from_zero(integral: Any) -> Any:
    """Return an integral with its sign and a size of at least SMALLEST_INTEGRAL."""
    sign = op.backend_function("where", integral < 0, -1.0, 1.0)
    return sign * op.backend_function("maximum", op.absolute(integral), SMALLEST_INTEGRAL)
