"""The nodes in Q of a PDF set."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from n3fit.defaults import Q_MAX
from n3fit.errors import CommandLineError
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

Q_NODES = 50
MOST_FLAVOURS = 5
"""Top is never an active flavour: only lighter quarks have a threshold on the grid."""

_LAMBDA = 0.25  # GeV; nodes are chosen in log log(Q^2 / Lambda^2), in which PDFs run evenly
_FEWEST_NODES = 4  # for the cubic interpolation of whoever reads the set


@dataclass(frozen=True, eq=False)
class QSegment:
    """The nodes between two flavour thresholds.

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
    """Give the segments from the initial scale of ``card`` to ``q_max`` (GeV).

    Parameters
    ----------
    nodes : int
        About how many nodes there are in all.

    Raises
    ------
    CommandLineError
        ``q_max`` is not above the initial scale, or there are fewer than two nodes.
    """
    if not card.Q0 < q_max < np.inf:
        raise CommandLineError(
            f"the largest Q of a PDF set must be above the initial scale {card.Q0:g} GeV, received {q_max!r}"
        )
    if nodes < 2:
        raise CommandLineError(f"a PDF set needs at least 2 nodes in Q, received {nodes}")
    thresholds = [float(np.sqrt(card.squared_thresholds()[nf - 3])) for nf in range(card.nf0, MOST_FLAVOURS)]
    inside = [scale for scale in thresholds if card.Q0 < scale < q_max]
    edges = [card.Q0, *inside, q_max]
    step = (_stretch(q_max) - _stretch(card.Q0)) / (nodes - 1)
    return tuple(
        QSegment(nf=card.nf0 + index, q=_nodes_between(low, high, step))
        for index, (low, high) in enumerate(pairwise(edges))
    )


def _stretch(q: float) -> float:
    return float(np.log(np.log(q**2 / _LAMBDA**2)))


def _nodes_between(low: float, high: float, step: float) -> Floats:
    """Give nodes that lie closer together towards both ends.

    Readers interpolate with cubic pieces whose slopes are one-sided at the ends of a segment; with equal steps the
    first interval above the bottom threshold would be wrong by per cents, with these it is by less than one per mille.
    """
    count = max(_FEWEST_NODES, 1 + round((_stretch(high) - _stretch(low)) / step))
    fraction = 0.5 * (1.0 - np.cos(np.pi * np.linspace(0.0, 1.0, count)))
    stretched = _stretch(low) + fraction * (_stretch(high) - _stretch(low))
    nodes: Floats = _LAMBDA * np.exp(0.5 * np.exp(stretched))
    nodes[0], nodes[-1] = low, high  # exactly, without rounding
    return nodes
