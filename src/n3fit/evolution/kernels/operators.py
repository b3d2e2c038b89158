"""Evolution operators of parton distributions from the initial scale of a theory to any scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import TheoryError
from n3fit.evolution.blocks import BlockOperator, compress_operator, multiply_blocks
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.evolution.kernels.starts import EvolutionStarts
from n3fit.evolution.kernels.steps import DEFAULT_NODES, EvolutionSteps, multiply
from n3fit.theory.capabilities import check_evolution
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

_EVOLUTION_KEYS = (
    "PTO", "ModEv", "alphas", "Qref", "nfref", "Q0", "nf0", "mc", "mb", "mt", "kcThr", "kbThr", "ktThr",
    "ev_op_iterations", "backward_inversion",
)  # fmt: skip


def evolution_parameters(card: TheoryCard) -> dict[str, Any]:
    """Return the parameters of a card that the evolution depends on."""
    keys = (*_EVOLUTION_KEYS, "XIF", "ModSV") if card.varies_evolution else _EVOLUTION_KEYS
    generated = {"charm": "generated"} if card.generates_charm else {}
    return {key: getattr(card, key) for key in keys} | generated


class EvolutionOperators:
    """Operators from the initial scale of a theory card to any scale and number of flavours.

    The initial scale is ``Q0`` with ``nf0`` active flavours. A target with more flavours is reached through the
    matching conditions at the thresholds on the way up, one with fewer through their inverse on the way down.
    A quark that is not active does not evolve ("intrinsic").

    Parameters
    ----------
    card : TheoryCard or mapping
        The theory card; ``ModEv`` selects the truncated (TRN) or an iterated (EXA, EXP) solution, ``ModSV`` and ``XIF``
        the variation of the factorisation scale (:mod:`n3fit.evolution.kernels.scale_variations`).
    xgrid : (nx,)
        Increasing nodes ending at 1, for input and output alike.
    nodes : int
        Nodes of the inverse Mellin integrals per grid point.
    like_eko : bool
        Use the singlet solutions of eko 0.15.7 with their defects (see
        :mod:`n3fit.evolution.kernels.truncated` and :mod:`n3fit.evolution.kernels.compiled_iterated`), and its path,
        for comparisons.
    polarised : bool
        Evolve polarised distributions.
    """

    def __init__(
        self,
        card: TheoryCard | Mapping[str, Any],
        xgrid: ArrayLike,
        *,
        nodes: int = DEFAULT_NODES,
        like_eko: bool = False,
        polarised: bool = False,
    ) -> None:
        self.card = card if isinstance(card, TheoryCard) else TheoryCard.from_mapping(card)
        check_evolution(self.card, source="evolution")
        self._steps = EvolutionSteps(
            self.card, InterpolationBasis(xgrid), nodes=nodes, like_eko=like_eko, polarised=polarised
        )
        self._starts = EvolutionStarts(self.card, self._steps)
        self._block_starts: dict[int, tuple[float, BlockOperator]] = {}

    @property
    def basis(self) -> InterpolationBasis:
        """The basis functions on the nodes."""
        return self._steps.basis

    @property
    def xgrid(self) -> Floats:
        """The nodes (nx,)."""
        return self.basis.xgrid

    @property
    def coupling(self) -> StrongCoupling:
        """The strong coupling of the theory."""
        return self._steps.coupling

    def operator(self, q: float, nf: int, *, intrinsic: bool = False) -> Floats:
        """Return the operator E from the initial scale to ``q`` (GeV) with ``nf`` active flavours.

        ``f(q)[a, j] = sum_bk E[a, j, b, k] f(Q0)[b, k]`` for f (not x f) on the nodes, flavours in the order of
        EXPORT_PIDS.

        Parameters
        ----------
        q : float
        nf : int
        intrinsic : bool
            Only the intrinsic part of the heaviest quark, evolved to ``q``: with ``nf`` = ``nf0`` its distribution at
            the initial scale minus the one that the lighter flavours generate perturbatively, with ``nf`` = 4 and
            ``nf0`` = 3 that of charm below its threshold.

        Returns
        -------
        (14, nx, 14, nx)

        Raises
        ------
        TheoryError
            ``nf`` is not 3 to 6, or ``q`` is not positive.
        """
        q_start, start = self._checked_start(q, nf, intrinsic)
        return multiply(self._steps.evolution(q_start, q, nf, last=True), start)

    def block_operator(self, q: float, nf: int) -> BlockOperator:
        """Return :meth:`operator` as blocks; only the operator to the start of ``nf`` flavours is computed densely.

        Raises
        ------
        TheoryError
            As for :meth:`operator`.
        """
        if nf not in self._block_starts:
            q_start, start = self._checked_start(q, nf, False)
            self._block_starts[nf] = (q_start, compress_operator(start, nf_from=self.card.nf0, nf_to=nf))
        q_start, blocks = self._block_starts[nf]
        if not q > 0:
            raise TheoryError(f"evolution: expected a positive scale, received {q!r}")
        return multiply_blocks(self._steps.evolution_blocks(q_start, q, nf, last=True), blocks)

    def anomalous_dimensions(self, nf: int) -> tuple[Floats, ...]:
        """Return gamma0, gamma1 and gamma0 gamma0 as operators (14, nx, 14, nx), as far as the order has them.

        ``df / d log(mu^2) = -(a gamma0 + a^2 gamma1 + ...) f`` with a = alpha_s / (4 pi), for f on the nodes.
        """
        return self._steps.anomalous_dimensions(nf)

    def at_points(self, x: ArrayLike) -> Callable[[float, int], Floats]:
        """Return the function (q, nf) -> E that evolves to the points ``x`` (npoints,) instead of the nodes.

        ``f(q)[a, j] = sum_bk E[a, j, b, k] f(Q0)[b, k]`` with f(q) at the points and f(Q0) on the nodes,
        E (14, npoints, 14, nx). The evolved distributions are not interpolated.

        Raises
        ------
        TheoryError
            A point outside of the nodes.
        """
        points = np.array(x, dtype=np.float64)
        lowest = float(self.xgrid[0])
        if points.min() < lowest * (1 - 1e-12) or points.max() > 1:
            raise TheoryError(
                f"evolution: expected points from {lowest:g} to 1, received {points.min():g} to {points.max():g}"
            )
        last_steps = self._steps.at_points(points)

        def operator(q: float, nf: int) -> Floats:
            q_start, start = self._checked_start(q, nf, False)
            return multiply(last_steps.evolution(q_start, q, nf, last=True), start)

        return operator

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
        for operator in (start, self._steps.evolution(q_start, q, nf, last=True)):
            flat = operator.reshape(size, size) @ flat
        return np.ascontiguousarray(flat.T).reshape(values.shape)

    def _checked_start(self, q: float, nf: int, intrinsic: bool) -> tuple[float, Floats]:
        if not 3 <= nf <= 6:
            raise TheoryError(f"evolution: expected nf from 3 to 6, received {nf}")
        if not q > 0:
            raise TheoryError(f"evolution: expected a positive scale, received {q!r}")
        return self._starts.intrinsic(nf) if intrinsic else self._starts.start(nf)
