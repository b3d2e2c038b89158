"""Nodes in Q: those of a PDF set, and scales between which PDFs are smooth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from n3fit.defaults import Q_MAX
from n3fit.errors import CommandLineError, TheoryError
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

Q_NODES = 50
_LAMBDA = 0.25  # GeV
_FEWEST_NODES = 4  # for the cubic interpolation of readers


@dataclass(frozen=True, eq=False)
class QSegment:
    """Nodes between two flavour thresholds.

    Parameters
    ----------
    nf : int
        Active flavours.
    q : (nq,)
        Increasing scales in GeV; a threshold is the last node of one segment and the first of the next.
    """

    nf: int
    q: Floats


def lhapdf_qgrid(card: TheoryCard, *, q_max: float = Q_MAX, nodes: int = Q_NODES) -> tuple[QSegment, ...]:
    """Return the segments from the initial scale of ``card`` to ``q_max`` (GeV).

    Parameters
    ----------
    card : TheoryCard
    q_max : float
    nodes : int
        Approximate number of all nodes.

    Raises
    ------
    CommandLineError
        ``q_max`` is not above the initial scale, or there are fewer than two nodes.
    TheoryError
        More flavours are active at the initial scale than the theory has.
    """
    if card.most_flavours < card.nf0:
        raise TheoryError(
            f"evolution: expected at most {card.most_flavours} flavours at the initial scale, those of the theory, "
            f"received nf0: {card.nf0}"
        )
    if not card.Q0 < q_max < np.inf:
        raise CommandLineError(
            f"PDF set: expected a largest Q above the initial scale {card.Q0:g} GeV, received {q_max!r}"
        )
    if nodes < 2:
        raise CommandLineError(f"PDF set: expected at least 2 nodes in Q, received {nodes}")
    thresholds = [float(np.sqrt(card.squared_thresholds()[nf - 3])) for nf in range(card.nf0, card.most_flavours)]
    inside = [scale for scale in thresholds if card.Q0 < scale < q_max]
    edges = [card.Q0, *inside, q_max]
    step = float(stretch_scale(q_max) - stretch_scale(card.Q0)) / (nodes - 1)
    return tuple(
        QSegment(nf=card.nf0 + index, q=_nodes_between(low, high, step))
        for index, (low, high) in enumerate(pairwise(edges))
    )


def stretch_scale(q: Floats | float) -> Floats:
    """Compute log log(Q^2 / Lambda^2) of scales in GeV, in which PDFs are smooth."""
    return np.asarray(np.log(np.log(q**2 / _LAMBDA**2)))


def scales_between(low: float, high: float, count: int) -> Floats:
    """Return ``count`` scales from ``low`` to ``high`` in GeV, Chebyshev nodes of :func:`stretch_scale`."""
    fraction = 0.5 * (1.0 - np.cos(np.pi * np.linspace(0.0, 1.0, count)))
    stretched = stretch_scale(low) + fraction * (stretch_scale(high) - stretch_scale(low))
    scales: Floats = _LAMBDA * np.exp(0.5 * np.exp(stretched))
    scales[0], scales[-1] = low, high  # exactly, without rounding
    return scales


def _nodes_between(low: float, high: float, step: float) -> Floats:
    """Return nodes that lie closer together towards both ends.

    Readers interpolate with cubic pieces whose slopes are one-sided at the ends of a segment. With equal steps the
    error in the first interval above the bottom threshold would be per cents; with these it is below one per mille.
    """
    count = max(_FEWEST_NODES, 1 + round(float((stretch_scale(high) - stretch_scale(low)) / step)))
    return scales_between(low, high, count)
