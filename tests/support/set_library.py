"""A small PDF set that is right in every way, and places to damage it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import beta

from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

DEFAULT = TheoryCard()
XGRID = np.concatenate([np.geomspace(1e-9, 0.1, 60)[:-1], np.linspace(0.1, 1.0, 30)])


def write_set(
    library: Path, name: str = "small", *, replicas: int = 3, card: TheoryCard = DEFAULT, shift: float = 0.0
) -> Path:
    """Write a set whose members are the same at every scale and obey all sum rules; give its folder.

    ``shift`` moves the gluon of all members.
    """
    folder = library / name
    folder.mkdir(parents=True)
    layout = SetLayout(
        name=name, description="a toy", card=card, xgrid=XGRID, segments=lhapdf_qgrid(card, q_max=200.0, nodes=8)
    )
    toy = les_houches_toy(EXPORT_PIDS, XGRID).T
    sea = XGRID**0.8 * (1 - XGRID) ** 5 / beta(1.8, 6) - XGRID**-0.1 * (1 - XGRID) ** 5 / beta(0.9, 6)
    members = []
    for replica in range(replicas):
        values = toy.copy()
        values[:, EXPORT_PIDS.index(21)] += (1e-3 * (replica + 1) + shift) * sea
        values[:, EXPORT_PIDS.index(4)] = values[:, EXPORT_PIDS.index(-4)] = 0.0
        members.append(values)
    for number, values in enumerate([np.mean(members, axis=0), *members]):
        shapes = [np.repeat(values[None], len(segment.q), axis=0) for segment in layout.segments]
        write_member(folder, layout, number, shapes, replica=number or None)
    write_info(folder, layout, members=replicas + 1)
    return folder


def write_replicas(library: Path, amplitudes: np.ndarray, name: str = "replicas") -> Path:
    """Write a set whose replicas are the toy plus amplitudes (R, 4) of one shape; give its folder.

    The shape is added to g, u and ubar, d and dbar, s and sbar, and carries no momentum. It is the same at every scale.
    """
    folder = library / name
    folder.mkdir(parents=True)
    segments = lhapdf_qgrid(DEFAULT, q_max=100.0, nodes=8)
    layout = SetLayout(name=name, description="toy replicas", card=DEFAULT, xgrid=XGRID, segments=segments)
    toy = les_houches_toy(EXPORT_PIDS, XGRID).T
    shape = XGRID**0.8 * (1 - XGRID) ** 5 / beta(1.8, 6) - XGRID**-0.1 * (1 - XGRID) ** 5 / beta(0.9, 6)
    members = np.repeat(toy[None], len(amplitudes), axis=0)
    for column, pids in enumerate(((21,), (2, -2), (1, -1), (3, -3))):
        for pid in pids:
            members[:, :, EXPORT_PIDS.index(pid)] += amplitudes[:, column, None] * shape
    for number, values in enumerate([members.mean(axis=0), *members]):
        shapes = [np.repeat(values[None], len(segment.q), axis=0) for segment in segments]
        write_member(folder, layout, number, shapes, replica=10 * number or None)
    write_info(folder, layout, members=len(members) + 1)
    return folder
