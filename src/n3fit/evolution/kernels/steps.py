"""Single steps of the evolution: operators at a fixed number of flavours, and matching at a threshold.

The kernels, anomalous dimensions and matching conditions are eko's (arXiv:2202.02338); the inverse Mellin
transforms are those of :mod:`n3fit.evolution.kernels.mellin`, a fixed rule on a contour that all matrix elements share,
instead of an adaptive integral for each. An NNLO operator on 50 nodes takes about a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from itertools import pairwise

import numpy as np

from n3fit.evolution.blocks import BlockOperator, compress_sectors
from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.anomalous_dimensions import NON_SINGLET_MODES
from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.evolution.kernels.flavour_structure import (
    evolution_code,
    evolution_structure,
    matching_structure,
)
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.evolution.kernels.mellin import EKO_PATH_END, PATH_END, Contour, build_contour
from n3fit.evolution.kernels.scale_variations import combine_matching, expanded_evolution, vary_coefficients
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Complexes, Floats

FlavourStructure = Callable[[int], tuple[Floats, Floats]]

DEFAULT_NODES = 240
"""Gauss-Legendre nodes of each inverse Mellin integral; the evolved toy PDF has converged to 1e-6 (x < 0.9)."""


class EvolutionSteps:
    """Operators between two scales at a fixed number of flavours, and across a threshold.

    They act on f (not x f) on the nodes of ``basis``, flavours in the order of EXPORT_PIDS. A quark that is not active
    does not evolve ("intrinsic").

    Parameters
    ----------
    card : TheoryCard
    basis : InterpolationBasis
    nodes : int
        Nodes of the inverse Mellin integrals per grid point.
    like_eko, polarised : bool
        As for :class:`n3fit.evolution.kernels.operators.EvolutionOperators`.
    """

    def __init__(
        self,
        card: TheoryCard,
        basis: InterpolationBasis,
        *,
        nodes: int,
        like_eko: bool,
        polarised: bool = False,
    ) -> None:
        self.card = card
        self.basis = basis
        self.coupling = StrongCoupling(card)
        self._nodes = nodes
        self._exponentiated = card.varies_evolution and card.ModSV == "exponentiated"
        self._expanded = card.varies_evolution and card.ModSV == "expanded"
        self._logarithm = 2 * float(np.log(card.XIF))
        # the coupling of the evolution, at XIF times the scale
        self._shifted = StrongCoupling(card, threshold_factor=card.XIF) if self._exponentiated else self.coupling
        self._order = card.PTO + 1
        self._method = evolution_code(card.ModEv)
        self._like_eko = like_eko
        self._polarised = polarised
        self._contours = self._build_contours(None)
        self._identity = np.eye(len(basis))
        self._dimensions: dict[int, tuple[Complexes, Complexes]] = {}
        self._structures: dict[tuple[FlavourStructure, int], tuple[Floats, Floats]] = {}

    def at_points(self, x: Floats) -> EvolutionSteps:
        """Return the steps whose operators lead from the nodes to the points ``x``: (14, npoints, 14, nx).

        The distribution before the step is that of the basis functions; the one after it is not interpolated.
        """
        steps = copy(self)
        steps._contours = self._build_contours(x)
        steps._identity = self.basis.evaluate(x)
        steps._dimensions = {}
        return steps

    def _build_contours(self, x: Floats | None) -> dict[bool, Contour]:
        end = EKO_PATH_END if self._like_eko else PATH_END
        return {
            singlet: build_contour(self.basis, singlet=singlet, nodes=self._nodes, end=end, x=x)
            for singlet in (True, False)
        }

    def evolution(self, q_from: float, q_to: float, nf: int, *, last: bool = False) -> Floats:
        """Return the evolution from ``q_from`` to ``q_to`` (GeV) at fixed ``nf``: (14, nx, 14, nx).

        ``last``: ``q_to`` is the final scale, where the expanded scheme varies it.
        """
        return self._expand(evolution_structure, nf, self._evolution_sectors(q_from, q_to, nf, last=last))

    def evolution_blocks(self, q_from: float, q_to: float, nf: int, *, last: bool = False) -> BlockOperator:
        """Return :meth:`evolution` on distributions of ``nf`` flavours as blocks, without the dense operator."""
        matrices = np.stack(list(self._evolution_sectors(q_from, q_to, nf, last=last).values()))
        return compress_sectors(*self._structure(evolution_structure, nf), matrices, nf=nf)

    def _evolution_sectors(self, q_from: float, q_to: float, nf: int, *, last: bool) -> dict[str, Floats]:
        """Return the matrices (nx, nx) of the sectors of :meth:`evolution`."""
        expanded = last and self._expanded
        if np.isclose(q_from, q_to, rtol=1e-12) and not expanded:
            eye, zero = self._identity, np.zeros_like(self._identity)
            members: dict[str, Floats] = {"SS": eye, "Sg": zero, "gS": zero, "gg": eye} | dict.fromkeys(
                NON_SINGLET_MODES, eye
            )
        else:
            a_from = self._coupling_at(q_from, nf)
            a_to = self.coupling.reduced(self.card.XIF * q_to, nf) if expanded else self._coupling_at(q_to, nf)
            members = self._sectors(a_from, a_to, nf, expanded=expanded)
        return members

    def anomalous_dimensions(self, nf: int) -> tuple[Floats, ...]:
        """Return gamma0, gamma1 and gamma0 gamma0 as operators (14, nx, 14, nx), as far as the order has them.

        Quarks that are not active do not evolve: their rows and columns are zero.
        """
        if self.card.PTO == 0:
            return ()
        singlet, non_singlet = self._dimensions_of(nf)
        powers = [(singlet[:, 0], non_singlet[..., 0])]
        if self.card.PTO > 1:
            powers.append((singlet[:, 1], non_singlet[..., 1]))
            powers.append((singlet[:, 0] @ singlet[:, 0], non_singlet[..., 0] ** 2))
        return tuple(self._expand(evolution_structure, nf, self._invert(*kernels), others=0.0) for kernels in powers)

    def _coupling_at(self, q: float, nf: int) -> float:
        """Return the coupling of the evolution at a scale."""
        return self._shifted.reduced(self.card.XIF * q, nf) if self._exponentiated else self.coupling.reduced(q, nf)

    def _dimensions_of(self, nf: int) -> tuple[Complexes, Complexes]:
        """Return the anomalous dimensions (npoints, order, 2, 2) and (3 modes, npoints, order) on the contours."""
        if nf not in self._dimensions:
            singlet = anomalous_dimensions.singlet_dimensions(
                self._order, self._contours[True].points, nf, polarised=self._polarised
            )
            non_singlet = anomalous_dimensions.non_singlet_dimensions(
                self._order, self._contours[False].points, nf, polarised=self._polarised
            )
            if self._exponentiated:
                singlet, non_singlet = (
                    np.stack(vary_coefficients(list(np.moveaxis(values, axis, 0)), nf, self._logarithm), axis=axis)
                    for values, axis in ((singlet, 1), (non_singlet, 2))
                )
            self._dimensions[nf] = (singlet, non_singlet)
        return self._dimensions[nf]

    def _sectors(self, a_from: float, a_to: float, nf: int, *, expanded: bool) -> dict[str, Floats]:
        """Return the matrices (nx, nx) of the sectors of the evolution."""
        singlet, non_singlet = self._dimensions_of(nf)
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
        kernels_ns = anomalous_dimensions.non_singlet_kernels(
            non_singlet, method=self._method, a_to=a_to, a_from=a_from, nf=nf
        )
        if expanded:
            inverse, inverse_ns = (
                expanded_evolution(dimensions, order=self.card.PTO, coupling=a_to, nf=nf, logarithm=self._logarithm)
                for dimensions in (
                    list(np.moveaxis(singlet, 1, 0)),
                    list(np.moveaxis(non_singlet, 2, 0)[..., None, None]),
                )
            )
            kernels, kernels_ns = inverse @ kernels, inverse_ns[..., 0, 0] * kernels_ns
        return self._invert(kernels, kernels_ns)

    def _invert(self, kernels: Complexes, kernels_ns: Complexes) -> dict[str, Floats]:
        """Return the matrices (nx, nx) of singlet (npoints, 2, 2) and non-singlet (3 modes, npoints) kernels."""
        shape = self._contours[True].points.shape
        matrices = self._contours[True].invert(kernels.reshape(*shape, 2, 2))
        matrices_ns = self._contours[False].invert(np.moveaxis(kernels_ns.reshape(3, *shape), 0, -1))
        names = ("SS", "Sg", "gS", "gg", *NON_SINGLET_MODES)
        return dict(zip(names, [*matrices.reshape(4, *matrices.shape[2:]), *matrices_ns], strict=True))

    def matching(self, q: float, nf: int, *, inverse: bool) -> Floats:
        """Return the matching from ``nf`` to ``nf`` + 1 flavours at ``q`` (GeV), or its inverse: (14, nx, 14, nx)."""
        members: dict[str, Floats] = {}
        for singlet, labels in ((True, ("g", "S", "h+")), (False, ("V", "h-"))):
            contour = self._contours[singlet]
            elements = self._matching_kernels(q, nf, singlet=singlet, inverse=inverse)
            matrices = contour.invert(elements.reshape(*contour.points.shape, len(labels), len(labels)))
            members |= {
                f"{row}.{column}": matrices[i, j] for i, row in enumerate(labels) for j, column in enumerate(labels)
            }
        return self._expand(matching_structure, nf, members)

    def _matching_kernels(self, q: float, nf: int, *, singlet: bool, inverse: bool) -> Complexes:
        """Return the matching matrices in Mellin space (npoints, 3, 3) or (npoints, 2, 2)."""
        ratio = (self.card.kcThr, self.card.kbThr, self.card.ktThr)[nf - 3]
        inversion = self.card.backward_inversion if inverse else None

        def elements(order: int, coupling: float, inversion: str | None) -> Complexes:
            return anomalous_dimensions.matching_elements(
                order, self._contours[singlet].points, singlet=singlet, logarithm=2 * np.log(ratio),
                coupling=coupling, inversion=inversion, nf=nf, polarised=self._polarised,
            )  # fmt: skip

        coupling = self._coupling_at(q, nf + 1)
        if not self._exponentiated or self.card.PTO == 0:
            return elements(self.card.PTO, coupling, inversion)
        sums = [elements(order, 1.0, None) for order in range(self.card.PTO + 1)]
        coefficients = [upper - lower for lower, upper in pairwise(sums)]
        # the coupling has nf + 1 flavours; eko 0.15.7 expands it with beta0 of nf
        varied = vary_coefficients(coefficients, nf if self._like_eko else nf + 1, self._logarithm)
        return combine_matching(varied, coupling, inversion=inversion)

    def _expand(
        self, structure: FlavourStructure, nf: int, members: Mapping[str, Floats], *, others: float = 1.0
    ) -> Floats:
        """Return the operator in flavour space from the matrices of the sectors.

        Distributions that are in none of them are multiplied by ``others``.
        """
        constant, flavour_tensor = self._structure(structure, nf)
        matrices = np.stack(list(members.values()))
        operator = np.einsum("mab,mjk->ajbk", flavour_tensor, matrices, optimize=True)
        return operator + np.einsum("ab,jk->ajbk", others * constant, self._identity)

    def _structure(self, structure: FlavourStructure, nf: int) -> tuple[Floats, Floats]:
        if (structure, nf) not in self._structures:
            self._structures[structure, nf] = structure(nf)
        return self._structures[structure, nf]


def multiply(left: Floats, right: Floats) -> Floats:
    """Compute the product of two operators (14, npoints, 14, nx), ``right`` (14, nx, 14, nx) acting first."""
    size = right.shape[0] * right.shape[1]
    return (left.reshape(-1, size) @ right.reshape(size, size)).reshape(left.shape)
