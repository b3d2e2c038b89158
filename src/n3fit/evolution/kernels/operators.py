"""Evolution operators of parton distributions from the initial scale of a theory to any scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        return self._intrinsic_start(nf) if intrinsic else self._start(nf)

    def _intrinsic_start(self, nf: int) -> tuple[float, Floats]:
        """Return a scale and the operator to the part of quark ``nf`` there that is not generated perturbatively.

        If ``nf0`` = ``nf`` the generated part is that of :meth:`_generated`, and the heavy quark itself is not
        matched: its matching converges badly at large x. If ``nf0`` = ``nf`` - 1 that of the initial scale is matched.
        """
        if self.card.generates_charm or nf < 4 or (nf != self.card.nf0 and (nf, self.card.nf0) != (4, 3)):
            raise TheoryError(
                f"evolution: expected nf = nf0 > 3, or nf = 4 with nf0 = 3, and fitted charm for an intrinsic quark, "
                f"received nf = {nf}, nf0 = {self.card.nf0} and IC = {self.card.IC}"
            )
        if nf not in self._intrinsic_starts:
            rows = _quark_rows(nf)
            if nf == self.card.nf0:
                generated = self._generated(nf, *self._start(nf - 1))
                operator = np.zeros_like(generated)
                for row in rows:
                    operator[row] = -generated[row]
                    operator[row, :, row, :] += np.eye(len(self.basis))
                self._intrinsic_starts[nf] = (self.card.Q0, operator)
            else:
                q_match, start = self._start(nf)
                operator = np.zeros_like(start)
                for row in rows:
                    operator[row][:, rows] = start[row][:, rows]
                self._intrinsic_starts[nf] = (q_match, operator)
        return self._intrinsic_starts[nf]

    def _generated(self, nf: int, q_match: float, below: Floats) -> Floats:
        """Return the distributions at the initial scale that ``nf`` - 1 flavours generate, the heavy quark removed.

        Parameters
        ----------
        nf : int
            Flavours at the initial scale.
        q_match : float
        below : (14, nx, 14, nx)
            The operator from the initial scale to ``nf`` - 1 flavours at ``q_match``.
        """
        light = below.copy()
        light[_quark_rows(nf)] = 0.0
        above = multiply(self._steps.matching(q_match, nf - 1, inverse=False), light)
        return multiply(self._steps.evolution(q_match, self.card.Q0, nf), above)

    def _initial(self) -> Floats:
        """Return the operator from the fitted to all distributions at the initial scale.

        It is the identity, unless charm follows from the lighter partons there: then it solves c = generated(f).
        """
        shape = (len(EXPORT_PIDS), len(self.basis))
        identity = np.eye(shape[0] * shape[1]).reshape(*shape, *shape)
        if not self.card.generates_charm:
            return identity
        nf = self.card.nf0
        generated = self._generated(nf, *self._match_down(self.card.Q0, identity, nf))
        rows = _quark_rows(nf)
        others = [row for row in range(shape[0]) if row not in rows]
        size = len(rows) * shape[1]
        system = np.eye(size) - generated[np.ix_(rows, range(shape[1]), rows, range(shape[1]))].reshape(size, size)
        source = generated[np.ix_(rows, range(shape[1]), others, range(shape[1]))].reshape(size, -1)
        operator = identity
        operator[rows] = 0.0
        operator[np.ix_(rows, range(shape[1]), others, range(shape[1]))] = np.linalg.solve(system, source).reshape(
            len(rows), shape[1], len(others), shape[1]
        )
        return operator

    def _match_down(self, q_start: float, start: Floats, nf: int) -> tuple[float, Floats]:
        """Return the matching scale of quark ``nf``, and the operator to ``nf`` - 1 flavours there."""
        q_match = float(np.sqrt(self.card.squared_thresholds()[nf - 4]))
        before = multiply(self._steps.evolution(q_start, q_match, nf), start)
        return q_match, multiply(self._steps.matching(q_match, nf - 1, inverse=True), before)

    def _start(self, nf: int) -> tuple[float, Floats]:
        """Return the scale at which ``nf`` flavours become active, from the initial scale, and the operator to it."""
        if nf not in self._starts:
            if nf == self.card.nf0:
                self._starts[nf] = (self.card.Q0, self._initial())
            elif nf < self.card.nf0:
                self._starts[nf] = self._match_down(*self._start(nf + 1), nf + 1)
            else:
                q_start, start = self._start(nf - 1)
                q_match = float(np.sqrt(self.card.squared_thresholds()[nf - 4]))
                before = multiply(self._steps.evolution(q_start, q_match, nf - 1), start)
                self._starts[nf] = (q_match, multiply(self._steps.matching(q_match, nf - 1, inverse=False), before))
        return self._starts[nf]


def _quark_rows(nf: int) -> list[int]:
    """Return the rows of quark ``nf`` and its antiquark."""
    return [EXPORT_PIDS.index(pid) for pid in (nf, -nf)]
