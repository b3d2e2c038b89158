"""Evolution operators of parton distributions, all matrix elements at once.

The kernels, anomalous dimensions and matching conditions are eko's (arXiv:2202.02338); the inverse Mellin
transforms are those of :mod:`n3fit.evolution.kernels.mellin`, a fixed rule on a contour that all matrix elements share,
instead of an adaptive integral for each. An NNLO operator on 50 nodes takes about a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import TheoryError
from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.anomalous_dimensions import NON_SINGLET_MODES
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.flavour_structure import (
    evolution_code,
    evolution_structure,
    inversion_code,
    matching_structure,
)
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.evolution.kernels.mellin import EKO_PATH_END, PATH_END, build_contour
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

DEFAULT_NODES = 240
"""Gauss-Legendre nodes of each inverse Mellin integral; the evolved toy PDF has converged to 1e-6 (x < 0.9)."""


class EvolutionOperators:
    """Operators from the initial scale of a theory card to any scale and number of flavours.

    The initial scale is ``Q0`` with ``nf0`` active flavours. A target with more flavours is reached through the
    matching conditions at the thresholds on the way up, one with fewer through their inverse on the way down.
    A quark that is not active does not evolve ("intrinsic").

    Parameters
    ----------
    card : TheoryCard or mapping
        The theory card; ``ModEv`` selects the truncated (TRN) or an iterated (EXA, EXP) solution.
    xgrid : (nx,)
        Increasing nodes ending at 1, for input and output alike.
    nodes : int
        Nodes of the inverse Mellin integrals per grid point.
    like_eko : bool
        For comparisons: use the singlet solutions of eko 0.15.7, defects included (see
        :func:`n3fit.evolution.kernels.compiled.truncated_singlet_kernels` and ``iterated_singlet_kernels``),
        and its path.
    """

    def __init__(
        self,
        card: TheoryCard | Mapping[str, Any],
        xgrid: ArrayLike,
        *,
        nodes: int = DEFAULT_NODES,
        like_eko: bool = False,
    ) -> None:
        self.card = card if isinstance(card, TheoryCard) else TheoryCard.from_mapping(card)
        self.basis = InterpolationBasis(xgrid)
        self.coupling = StrongCoupling(self.card)
        end = EKO_PATH_END if like_eko else PATH_END
        self._contours = {
            singlet: build_contour(self.basis, singlet=singlet, nodes=nodes, end=end) for singlet in (True, False)
        }
        self._order = self.card.PTO + 1
        self._method = evolution_code(self.card.ModEv)
        self._like_eko = like_eko
        self._dimensions: dict[int, tuple[Any, Any]] = {}
        self._structures: dict[tuple[str, int], tuple[Floats, Floats]] = {}
        self._starts: dict[int, tuple[float, Floats]] = {}
        self._intrinsic_starts: dict[int, tuple[float, Floats]] = {}

    @property
    def xgrid(self) -> Floats:
        """The nodes (nx,)."""
        return self.basis.xgrid

    def operator(self, q: float, nf: int, *, intrinsic: bool = False) -> Floats:
        """Give the operator E from the initial scale to ``q`` (GeV) with ``nf`` active flavours.

        ``f(q)[a, j] = sum_bk E[a, j, b, k] f(Q0)[b, k]`` for f (not x f) on the nodes, flavours in the order of
        EXPORT_PIDS.

        Parameters
        ----------
        q : float
        nf : int
        intrinsic : bool
            Give only what the heaviest quark, ``nf`` = ``nf0``, is without perturbative generation from the others:
            its distribution at the initial scale minus what the lighter flavours would generate, evolved to ``q``.

        Returns
        -------
        (14, nx, 14, nx)

        Raises
        ------
        TheoryError
            ``nf`` is not 3 to 6, or ``q`` is not positive.
        """
        q_start, start = self._checked_start(q, nf, intrinsic)
        return self._multiply(self._segment(q_start, q, nf), start)

    def evolve(self, distributions: ArrayLike, q: float, nf: int, *, intrinsic: bool = False) -> Floats:
        """Evolve distributions from the initial scale to ``q`` (GeV) with ``nf`` active flavours.

        Parameters
        ----------
        distributions : (..., 14, nx)
            f (not x f) at the initial scale on the nodes, flavours in the order of EXPORT_PIDS.
        q, nf, intrinsic
            As for :meth:`operator`.

        Returns
        -------
        (..., 14, nx)
        """
        values = np.asarray(distributions, dtype=np.float64)
        size = len(EXPORT_PIDS) * len(self.basis)
        if values.shape[-2:] != (len(EXPORT_PIDS), len(self.basis)):
            raise TheoryError(
                f"evolution: expected distributions of shape (..., {len(EXPORT_PIDS)}, {len(self.basis)}), "
                f"received {values.shape}"
            )
        flat = values.reshape(-1, size).T
        q_start, start = self._checked_start(q, nf, intrinsic)
        for operator in (start, self._segment(q_start, q, nf)):
            flat = operator.reshape(size, size) @ flat
        return np.ascontiguousarray(flat.T).reshape(values.shape)

    def _checked_start(self, q: float, nf: int, intrinsic: bool) -> tuple[float, Floats]:
        if not 3 <= nf <= 6:
            raise TheoryError(f"evolution: nf must be 3 to 6, received {nf}")
        if not q > 0:
            raise TheoryError(f"evolution: the scale must be positive, received {q!r}")
        return self._intrinsic_start(nf) if intrinsic else self._start(nf)

    def _intrinsic_start(self, nf: int) -> tuple[float, Floats]:
        """Give the initial scale and the operator that keeps what of quark ``nf`` is not generated perturbatively.

        What is generated is found by going down to ``nf`` - 1 flavours, dropping the heavy quark and coming back. The
        heavy quark itself does not make this journey: its matching converges badly at large x.
        """
        if nf != self.card.nf0 or nf < 4:
            raise TheoryError(f"evolution: an intrinsic quark {nf} needs nf0 = {nf} > 3, received {self.card.nf0}")
        if nf not in self._intrinsic_starts:
            rows = [EXPORT_PIDS.index(pid) for pid in (nf, -nf)]
            q_match, below = self._start(nf - 1)
            light = below.copy()
            light[rows] = 0.0
            above = self._multiply(self._matching(q_match, nf - 1, inverse=False), light)
            generated = self._multiply(self._segment(q_match, self.card.Q0, nf), above)
            operator = np.zeros_like(generated)
            for row in rows:
                operator[row] = -generated[row]
                operator[row, :, row, :] += np.eye(len(self.basis))
            self._intrinsic_starts[nf] = (self.card.Q0, operator)
        return self._intrinsic_starts[nf]

    def _start(self, nf: int) -> tuple[float, Floats]:
        """Give the scale at which ``nf`` flavours become active on the way from the start, and the operator to it."""
        if nf not in self._starts:
            origin = self.card.nf0
            size = len(EXPORT_PIDS) * len(self.basis)
            if nf == origin:
                identity = np.eye(size).reshape(len(EXPORT_PIDS), len(self.basis), len(EXPORT_PIDS), len(self.basis))
                self._starts[nf] = (self.card.Q0, identity)
            else:
                upwards = nf > origin
                previous = nf - 1 if upwards else nf + 1
                q_start, start = self._start(previous)
                q_match = float(np.sqrt(self.card.squared_thresholds()[max(nf, previous) - 4]))
                before = self._multiply(self._segment(q_start, q_match, previous), start)
                matched = self._multiply(self._matching(q_match, min(nf, previous), inverse=not upwards), before)
                self._starts[nf] = (q_match, matched)
        return self._starts[nf]

    def _segment(self, q_from: float, q_to: float, nf: int) -> Floats:
        """Give the evolution at fixed ``nf``: (14, nx, 14, nx)."""
        if np.isclose(q_from, q_to, rtol=1e-12):
            eye, zero = np.eye(len(self.basis)), np.zeros((len(self.basis),) * 2)
            members: dict[str, Floats] = {"SS": eye, "Sg": zero, "gS": zero, "gg": eye} | dict.fromkeys(
                NON_SINGLET_MODES, eye
            )
        else:
            a_from, a_to = self.coupling.reduced(q_from, nf), self.coupling.reduced(q_to, nf)
            members = self._evolve(a_from, a_to, nf)
        return self._expand("evolution", nf, members, evolution_structure)

    def _evolve(self, a_from: float, a_to: float, nf: int) -> dict[str, Floats]:
        if nf not in self._dimensions:
            self._dimensions[nf] = (
                anomalous_dimensions.singlet_dimensions(self._order, self._contours[True].points, nf),
                anomalous_dimensions.non_singlet_dimensions(self._order, self._contours[False].points, nf),
            )
        singlet, non_singlet = self._dimensions[nf]
        shape = self._contours[True].points.shape
        steps = self.card.ev_op_iterations
        if self._like_eko:
            kernels = anomalous_dimensions.singlet_kernels(
                singlet, method=self._method, a_to=a_to, a_from=a_from, nf=nf, iterations=steps
            )
        elif self.card.ModEv == "TRN":
            kernels = anomalous_dimensions.truncated_singlet_kernels(singlet, a_to=a_to, a_from=a_from, nf=nf)
        else:
            kernels = anomalous_dimensions.iterated_singlet_kernels(
                singlet, a_to=a_to, a_from=a_from, nf=nf, steps=steps
            )
        matrices = self._contours[True].invert(kernels.reshape(*shape, 2, 2))
        kernels_ns = anomalous_dimensions.non_singlet_kernels(
            non_singlet, method=self._method, a_to=a_to, a_from=a_from, nf=nf
        )
        matrices_ns = self._contours[False].invert(np.moveaxis(kernels_ns.reshape(3, *shape), 0, -1))
        names = ("SS", "Sg", "gS", "gg", *NON_SINGLET_MODES)
        return dict(zip(names, [*matrices.reshape(4, *matrices.shape[2:]), *matrices_ns], strict=True))

    def _matching(self, q: float, nf: int, *, inverse: bool) -> Floats:
        """Give the matching from ``nf`` to ``nf`` + 1 flavours at the scale ``q``, or its inverse."""
        ratio = (self.card.kcThr, self.card.kbThr, self.card.ktThr)[nf - 3]
        inversion = inversion_code(self.card.backward_inversion if inverse else None)
        members: dict[str, Floats] = {}
        for singlet, labels in ((True, ("g", "S", "h+")), (False, ("V", "h-"))):
            contour = self._contours[singlet]
            elements = anomalous_dimensions.matching_elements(
                self.card.PTO, contour.points, singlet=singlet, logarithm=2 * np.log(ratio),
                coupling=self.coupling.reduced(q, nf + 1), inversion=inversion,
            )  # fmt: skip
            matrices = contour.invert(elements.reshape(*contour.points.shape, len(labels), len(labels)))
            members |= {
                f"{row}.{column}": matrices[i, j] for i, row in enumerate(labels) for j, column in enumerate(labels)
            }
        return self._expand("matching", nf, members, matching_structure)

    def _expand(
        self, kind: str, nf: int, members: Mapping[str, Floats], structure: Callable[[int], tuple[Floats, Floats]]
    ) -> Floats:
        """Combine the matrices of the sectors into the operator in flavour space."""
        if (kind, nf) not in self._structures:
            self._structures[kind, nf] = structure(nf)
        constant, flavour_tensor = self._structures[kind, nf]
        matrices = np.stack(list(members.values()))
        operator = np.einsum("mab,mjk->ajbk", flavour_tensor, matrices, optimize=True)
        return operator + np.einsum("ab,jk->ajbk", constant, np.eye(len(self.basis)))

    @staticmethod
    def _multiply(left: Floats, right: Floats) -> Floats:
        size = left.shape[0] * left.shape[1]
        return (left.reshape(size, size) @ right.reshape(size, size)).reshape(left.shape)
