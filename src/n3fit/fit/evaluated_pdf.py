"""The PDFs of trained replicas on all nodes at which the end of a fit needs them, computed in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.model.pdf_model import evaluate_pdf
from n3fit.typing import Floats, Indices

NODES_AT_ONCE = 512
"""Nodes of a pass of the network, so that its activations stay small and one size is compiled."""


@dataclass(frozen=True, eq=False)
class EvaluatedPDF:
    """x f(x, Q0) of R replicas on known nodes; a function from some of these nodes to (R, N, F).

    Parameters
    ----------
    nodes : (M,)
        Increasing.
    values : (R, M, F)
        In the precision of the model.
    """

    nodes: Floats
    values: Floats

    def __call__(self, x: Floats) -> Floats:
        """Return the PDFs at nodes (N,) in double precision, (R, N, F).

        Raises
        ------
        ValueError
            The PDFs were not computed at one of them.
        """
        places = np.minimum(np.searchsorted(self.nodes, x), len(self.nodes) - 1)
        if not np.array_equal(self.nodes[places], x):
            raise ValueError("the PDFs were not computed at these nodes")
        return self.values[:, places].astype(np.float64, copy=False)

    def take(self, replicas: slice | Indices) -> EvaluatedPDF:
        """Return the PDFs of some of the replicas."""
        return EvaluatedPDF(self.nodes, self.values[replicas])


def evaluate_on(pdf_model: Any, grids: Sequence[Floats]) -> EvaluatedPDF:
    """Compute the PDFs of all replicas of a model on all nodes of several grids, each node once."""
    nodes = np.unique(np.concatenate(grids))
    padded = np.pad(nodes, (0, -len(nodes) % NODES_AT_ONCE), mode="edge")
    values: Floats | None = None
    for start in range(0, len(nodes), NODES_AT_ONCE):
        block = evaluate_pdf(pdf_model, padded[start : start + NODES_AT_ONCE])
        if values is None:
            values = np.empty((len(block), len(padded), block.shape[-1]), dtype=pdf_model.outputs[0].dtype)
        values[:, start : start + NODES_AT_ONCE] = block
    assert values is not None
    return EvaluatedPDF(nodes, values[:, : len(nodes)])
