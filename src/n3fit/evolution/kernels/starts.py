"""Where the evolution at a number of flavours starts: operators from the initial scale to matching scales."""

from __future__ import annotations

import numpy as np

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.steps import EvolutionSteps, multiply
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats


class EvolutionStarts:
    """Scales at which numbers of flavours become active, and the operators (14, nx, 14, nx) to them, computed once.

    Parameters
    ----------
    card : TheoryCard
    steps : EvolutionSteps
        Those of the card.
    """

    def __init__(self, card: TheoryCard, steps: EvolutionSteps) -> None:
        self.card = card
        self._steps = steps
        self._starts: dict[int, tuple[float, Floats]] = {}
        self._intrinsic_starts: dict[int, tuple[float, Floats]] = {}

    def intrinsic(self, nf: int) -> tuple[float, Floats]:
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
                generated = self._generated(nf, *self.start(nf - 1))
                operator = np.zeros_like(generated)
                for row in rows:
                    operator[row] = -generated[row]
                    operator[row, :, row, :] += np.eye(len(self._steps.basis))
                self._intrinsic_starts[nf] = (self.card.Q0, operator)
            else:
                q_match, start = self.start(nf)
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
        shape = (len(EXPORT_PIDS), len(self._steps.basis))
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

    def start(self, nf: int) -> tuple[float, Floats]:
        """Return the scale at which ``nf`` flavours become active, from the initial scale, and the operator to it."""
        if nf not in self._starts:
            if nf == self.card.nf0:
                self._starts[nf] = (self.card.Q0, self._initial())
            elif nf < self.card.nf0:
                self._starts[nf] = self._match_down(*self.start(nf + 1), nf + 1)
            else:
                q_start, start = self.start(nf - 1)
                q_match = float(np.sqrt(self.card.squared_thresholds()[nf - 4]))
                before = self._steps.evolution(q_start, q_match, nf - 1)
                if nf - 1 > self.card.nf0 or self.card.generates_charm:  # else the start is the identity
                    before = multiply(before, start)
                self._starts[nf] = (q_match, multiply(self._steps.matching(q_match, nf - 1, inverse=False), before))
        return self._starts[nf]


def _quark_rows(nf: int) -> list[int]:
    """Return the rows of quark ``nf`` and its antiquark."""
    return [EXPORT_PIDS.index(pid) for pid in (nf, -nf)]
