"""All members of an ensemble at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from n3fit.ensembles.alpha_s import AlphaVariation, add_alpha_s
from n3fit.ensembles.bands import Band, ErrorKind, band_of
from n3fit.ensembles.node_polynomials import interpolation_matrix
from n3fit.ensembles.partons import Basis, Parton, find_parton, partons_of
from n3fit.errors import CommandLineError
from n3fit.typing import Array, Floats

_EDGE = 1e-6  # relative rounding error of points at the first node
_NEGLIGIBLE = 1e-6  # of the largest x f
_PERTURBATIVE_ASYMMETRY = 0.01  # of c+; NNLO evolution of equal charm and anticharm stays below it


@dataclass(frozen=True, eq=False)
class EnsembleOnGrid:
    """All members of an ensemble at one scale.

    Parameters
    ----------
    label : str
        Name in legends.
    q : float
        The scale in GeV.
    kind : str
        Kind of the members, see :mod:`n3fit.ensembles.bands`.
    x : (nx,)
    members : (R, nx, 14)
        x f(x, Q) of the replicas or error members, flavours in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    central : (nx, 14)
    scale : float
        Divisor of Hessian uncertainties that gives those of 68 %.
    polarised : bool
        Whether the PDFs are polarised.
    alpha_s : AlphaVariation, optional
        The members of another alpha_s, which count neither for the mean nor for the uncertainty of the PDFs.
    """

    label: str
    q: float
    kind: ErrorKind
    x: Floats
    members: Floats
    central: Floats
    scale: float = 1.0
    polarised: bool = False
    alpha_s: AlphaVariation | None = None

    def members_of(self, parton: Parton | str, x: Floats | None = None) -> Floats:
        """Return x f of one distribution, (R, n), at the nodes or at the points ``x`` (n,).

        Raises
        ------
        CommandLineError
            There is no such distribution, or a point lies outside the nodes.
        """
        values = _as_parton(parton).of(self.members)
        return values if x is None else values @ self._interpolation(x).T

    def central_of(self, parton: Parton | str, x: Floats | None = None) -> Floats:
        """Return x f of the central member, (n,)."""
        values = _as_parton(parton).of(self.central)
        return values if x is None else self._interpolation(x) @ values

    def on_nodes(self, x: Floats) -> EnsembleOnGrid:
        """Return the members interpolated to other nodes (n,).

        Raises
        ------
        CommandLineError
            A node lies outside the present ones.
        """
        matrix = self._interpolation(x)
        members = np.einsum("nx,rxf->rnf", matrix, self.members, optimize=True)
        alpha_s = None if self.alpha_s is None else replace(self.alpha_s, members=matrix @ self.alpha_s.members)
        return replace(self, x=x, members=members, central=matrix @ self.central, alpha_s=alpha_s)

    def _interpolation(self, x: Floats) -> Floats:
        if x.size and not (self.x[0] * (1 - _EDGE) <= x.min() and x.max() <= 1.0):
            raise CommandLineError(f"{self.label}: x: expected {self.x[0]:g} to 1, received {x.min():g} to {x.max():g}")
        return interpolation_matrix(self.x, np.maximum(x, self.x[0]))

    def shown_partons(self, basis: Basis) -> list[Parton]:
        """Return the distributions of a basis that do not vanish within single precision.

        The charm asymmetry is among them only where it is more than evolution generates from none.
        """
        allowed = _NEGLIGIBLE * float(np.abs(self.members).max())
        sizes = {parton: float(np.abs(parton.of(self.members)).max()) for parton in partons_of(basis)}
        charm = next((size for parton, size in sizes.items() if parton.name == "c+"), 0.0)
        least = {"c-": max(allowed, _PERTURBATIVE_ASYMMETRY * charm)}
        return [parton for parton, size in sizes.items() if size > least.get(parton.name, allowed)]

    def band(self, parton: Parton | str, x: Floats | None = None) -> Band:
        """Compute central value and uncertainty of one distribution, (n,) each."""
        return self.band_of(self.members_of(parton, x), self.central_of(parton, x))

    def combined_band(
        self, parton: Parton | str, x: Floats | None = None, *, alpha_s_error: float | None = None
    ) -> Band:
        """Compute central value and uncertainty of PDFs and alpha_s together (arXiv:1510.03865, section 6).

        Parameters
        ----------
        parton, x
            As for :meth:`band`.
        alpha_s_error : float, optional
            Uncertainty of alpha_s(MZ); by default half the difference of the two members, 0.001 for 0.117 and 0.119.

        Raises
        ------
        CommandLineError
            The set has no members of another alpha_s, or the set does not say of which.
        """
        if self.alpha_s is None:
            raise CommandLineError(
                f"{self.label}: expected a set with members of another alpha_s, such as `n3fit pdf bundle` writes"
            )
        values = _as_parton(parton).of(self.alpha_s.members)
        lower, upper = values if x is None else values @ self._interpolation(x).T
        ratio = self.alpha_s.ratio(alpha_s_error, label=self.label)
        return add_alpha_s(self.band(parton, x), lower, upper, ratio=ratio)

    def table(self, partons: Sequence[str], x: ArrayLike | None = None) -> dict[str, Array]:
        """Return central values and uncertainties in columns with one line for each distribution and point.

        Parameters
        ----------
        partons : sequence of str
            Names as in :func:`n3fit.ensembles.partons.find_parton`.
        x : (n,), optional
            Points; the nodes by default.

        Returns
        -------
        dict
            Columns ``flavour``, ``x``, ``central``, ``low``, ``high`` and ``deviation``.

        Raises
        ------
        CommandLineError
            There is no distribution of such a name, or a point lies outside the nodes.
        """
        points = self.x if x is None else np.atleast_1d(np.asarray(x, dtype=np.float64))
        bands = [self.band(name, points) for name in partons]
        columns = {"flavour": np.repeat(list(partons), len(points)), "x": np.tile(points, len(partons))}
        return columns | {
            name: np.concatenate([getattr(band, name) for band in bands])
            for name in ("central", "low", "high", "deviation")
        }

    def band_of(self, members: Floats, central: Floats) -> Band:
        """Compute the band of any quantity with values (R, ...) for the members and (...) for the central one."""
        return band_of(members, central, self.kind, scale=self.scale)


def _as_parton(parton: Parton | str) -> Parton:
    return parton if isinstance(parton, Parton) else find_parton(parton)
