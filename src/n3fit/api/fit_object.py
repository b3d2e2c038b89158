"""A fit as Python users have it: everything of its folder, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from n3fit.results import FitFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from n3fit.evolution.evolve import Members


@dataclass(frozen=True, eq=False, repr=False)
class Fit(FitFolder):
    """A fit folder that can be plotted; a notebook shows its summary. Made by ``fit`` and ``open_fit``."""

    @classmethod
    def of(cls, folder: FitFolder) -> Fit:
        """Give the same folder, with figures."""
        return cls(**{entry.name: getattr(folder, entry.name) for entry in fields(FitFolder)})

    def plot(
        self,
        flavour: str,
        Q: float | None = None,
        *,
        members: Members | Sequence[int] = "passing",
        reference: FitFolder | Path | str | None = None,
        xscale: Literal["both", "log", "linear"] = "both",
    ) -> Figure:
        """Plot x f(x, Q) with its 68 % band.

        Parameters
        ----------
        flavour : str
            Such as ``g``, ``ubar``, ``u_v``, ``c+``, ``Sigma`` or ``T8``.
        Q : float, optional
            The scale in GeV; the initial scale by default.
        members : str or sequence of int
            Which replicas, see :func:`n3fit.api.evolve`.
        reference : FitFolder, path or str, optional
            A fit or a PDF set, drawn too; a lower panel shows the ratio to it.
        xscale : str
            ``log``, ``linear``, or ``both``: logarithmic below x = 0.1 and linear above.

        Raises
        ------
        N3fitError
            There is no such flavour, or the scale is out of reach; see :func:`n3fit.report.plot_pdf.plot_pdf`.
        """
        from n3fit.report.plot_pdf import plot_pdf

        return plot_pdf(self, flavour, Q, members=members, reference=reference, xscale=xscale)
