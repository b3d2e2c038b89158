"""Evolution operators of parton distributions from the initial scale of a theory to any scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.interpolation import InterpolationBasis
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
    return {key: getattr(card, key) for key in _EVOLUTION_KEYS}


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
        Use the singlet solutions of eko 0.15.7 with their defects (see
        :func:`n3fit.evolution.kernels.compiled.truncated_singlet_kernels` and ``iterated_singlet_kernels``),
        and its path, for comparisons.
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
        self._starts: dict[int, tuple[float, Floats]] = {}
        self._intrinsic_starts: dict[int, tuple[float, Floats]] = {}

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
            Only the intrinsic part of the heaviest quark, ``nf`` = ``nf0``: its distribution at the initial scale
            minus the one that the lighter flavours generate perturbatively, evolved to ``q``.

        Returns
        -------
        (14, nx, 14, nx)

        Raises
        ------
        TheoryError
            ``nf`` is not 3 to 6, or ``q`` is not positive.
        """
        q_start, start = self._checked_start(q, nf, intrinsic)
        return multiply(self._steps.evolution(q_start, q, nf), start)

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
        for operator in (start, self._steps.evolution(q_start, q, nf)):
            flat = operator.reshape(size, size) @ flat
        return np.ascontiguousarray(flat.T).reshape(values.shape)

    def _checked_start(self, q: float, nf: int, intrinsic: bool) -> tuple[float, Floats]:
        if not 3 <= nf <= 6:
            raise TheoryError(f"evolution: expected nf from 3 to 6, received {nf}")
        if not q > 0:
            raise TheoryError(f"evolution: expected a positive scale, received {q!r}")
        return self._intrinsic_start(nf) if intrinsic else self._start(nf)

    def _intrinsic_start(self, nf: int) -> tuple[float, Floats]:
        """Return the initial scale and the operator to the part of quark ``nf`` that is not generated perturbatively.

        The generated part follows from the inverse matching to ``nf`` - 1 flavours, without the heavy quark, and the
        matching back. The heavy quark itself is not matched: its matching converges badly at large x.
        """
        if nf != self.card.nf0 or nf < 4:
            raise TheoryError(
                f"evolution: expected nf = nf0 > 3 for an intrinsic quark, received nf = {nf} and nf0 = {self.card.nf0}"
            )
        if nf not in self._intrinsic_starts:
            rows = [EXPORT_PIDS.index(pid) for pid in (nf, -nf)]
            q_match, below = self._start(nf - 1)
            light = below.copy()
            light[rows] = 0.0
            above = multiply(self._steps.matching(q_match, nf - 1, inverse=False), light)
            generated = multiply(self._steps.evolution(q_match, self.card.Q0, nf), above)
            operator = np.zeros_like(generated)
            for row in rows:
                operator[row] = -generated[row]
                operator[row, :, row, :] += np.eye(len(self.basis))
            self._intrinsic_starts[nf] = (self.card.Q0, operator)
        return self._intrinsic_starts[nf]

    def _start(self, nf: int) -> tuple[float, Floats]:
        """Return the scale at which ``nf`` flavours become active, from the initial scale, and the operator to it."""
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
                before = multiply(self._steps.evolution(q_start, q_match, previous), start)
                matched = multiply(self._steps.matching(q_match, min(nf, previous), inverse=not upwards), before)
                self._starts[nf] = (q_match, matched)
        return self._starts[nf]
