"""Action of the sectors of evolution and matching in flavour space, and eko's codes of its methods.

The rotations are eko's: they are applied to each sector alone, on a grid of one point.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from n3fit.evolution.kernels.anomalous_dimensions import NON_SINGLET_MODES
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.typing import Floats

_METHOD_NAMES = {"TRN": "TRUNCATED", "EXA": "ITERATE_EXACT", "EXP": "ITERATE_EXPANDED"}


def evolution_structure(nf: int) -> tuple[Floats, Floats]:
    """Return the action in flavour space of the sectors of the evolution at ``nf`` flavours.

    Returns
    -------
    constant : (14, 14)
        The part that acts as the identity in x (quarks that do not evolve).
    sectors : (7, 14, 14)
        The parts of SS, Sg, gS, gg, ns+, ns-, nsV.
    """
    from eko import basis_rotation as br
    from eko.evolution_operator.physical import PhysicalOperator

    pids = br.non_singlet_pids_map
    labels = [(100, 100), (100, 21), (21, 100), (21, 21), *((pids[mode], 0) for mode in NON_SINGLET_MODES)]
    return _probe(labels, lambda members: PhysicalOperator.ad_to_evol_map(members, nf, 1.0, False))


def matching_structure(nf: int) -> tuple[Floats, Floats]:
    """Return the action in flavour space of the matching elements between ``nf`` and ``nf`` + 1 flavours.

    Returns
    -------
    constant : (14, 14)
    sectors : (13, 14, 14)
        The parts of the 3x3 elements in (g, Sigma, h+) and the 2x2 elements in (V, h-), by rows.
    """
    from eko import basis_rotation as br
    from eko.evolution_operator.matching_condition import MatchingCondition

    singlet = (21, 100, br.matching_hplus_pid)
    valence = (200, br.matching_hminus_pid)
    labels = [(row, column) for row in singlet for column in singlet]
    labels += [(row, column) for row in valence for column in valence]
    return _probe(labels, lambda members: MatchingCondition.split_ad_to_evol_map(members, nf, 1.0, False))


def _probe(labels: list[Any], promote: Callable[[dict[Any, Any]], Any]) -> tuple[Floats, Floats]:
    """Compute the flavour tensor of each label by applying eko's rotation to the labels one by one."""
    from eko import basis_rotation as br
    from eko.member import OpMember

    order = [list(br.flavor_basis_pids).index(pid) for pid in EXPORT_PIDS]

    def tensor(active: Any) -> Floats:
        members = {label: OpMember(np.full((1, 1), float(label == active)), np.zeros((1, 1))) for label in labels}
        flavour, _error = promote(members).to_flavor_basis_tensor(False)
        return np.asarray(flavour[:, 0, :, 0])[np.ix_(order, order)]

    constant = tensor(None)
    return constant, np.stack([tensor(label) - constant for label in labels])


@cache
def evolution_code(method: str) -> int:
    """Return eko's number of a solution with the name TRN, EXA or EXP in theory cards."""
    from eko.kernels import EvoMethods

    return int(EvoMethods[_METHOD_NAMES[method]])
