"""A fit as Python users meet it: the content of its folder, and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from n3fit.results import FitFolder, FitSummary
from n3fit.typing import Booleans, Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from n3fit.paths import PathLike
    from n3fit.results.chi2 import Chi2Table
    from n3fit.results.ensembles import Members
    from n3fit.results.point_table import PointTable
    from n3fit.results.postfit import Postfit
    from n3fit.results.records import FitDescription, Manifest
    from n3fit.results.replica_results import ReplicaResults, Selection


class Fit:
    """A fit of R replicas to N points; returned by ``fit`` and ``open_fit``, shown as a summary in notebooks.

    Parameters
    ----------
    folder : FitFolder
    """

    def __init__(self, folder: FitFolder) -> None:
        self._folder = folder

    @property
    def path(self) -> Path:
        """The fit folder."""
        return self._folder.path

    @property
    def name(self) -> str:
        """Name of the fit."""
        return self._folder.name

    @property
    def description(self) -> FitDescription:
        """Title, data sets, theory, basis and scale of the fit."""
        return self._folder.description

    @property
    def manifest(self) -> Manifest:
        """Versions, seeds, and hashes of all inputs."""
        return self._folder.manifest

    @property
    def runcard_text(self) -> str:
        """The runcard as it was written."""
        return self._folder.runcard_text

    @property
    def replicas(self) -> NDArray[np.int64]:
        """(R,) replica numbers."""
        return self._folder.replicas

    @property
    def passing(self) -> Booleans:
        """(R,) the replicas that no veto excludes; see :attr:`n3fit.results.FitFolder.passing`."""
        return self._folder.passing

    @property
    def chosen(self) -> Booleans:
        """(R,) the replicas that means, bands and PDF sets are made of."""
        return self._folder.chosen

    @property
    def selection(self) -> Selection:
        """How :attr:`chosen` was made: ``postfit``, else ``passing``, else ``finite``, else ``none``."""
        return self._folder.selection

    @property
    def postfit(self) -> Postfit | None:
        """The selection of ``n3fit postfit``, None before."""
        return self._folder.postfit

    @property
    def results(self) -> ReplicaResults:
        """Numbers by replica: exponents, training, losses, predictions."""
        return self._folder.results

    @property
    def points(self) -> PointTable:
        """Numbers by point: kinematics, central data, uncertainties."""
        return self._folder.points

    @property
    def mean_prediction(self) -> Floats:
        """(N,) mean over the chosen replicas."""
        return self._folder.mean_prediction

    @property
    def chi2(self) -> Mapping[str, Chi2Table]:
        """Tables of chi2 by ``datasets``, ``experiments`` and ``total``."""
        return self._folder.chi2

    @property
    def total_chi2(self) -> Floats:
        """(R,) chi2 per point of each replica to all central data."""
        return self._folder.total_chi2

    @property
    def xgrid(self) -> Floats:
        """(nx,) nodes of the PDFs."""
        return self._folder.xgrid

    @property
    def pdf(self) -> Floats:
        """(R, nx, 14) x f(x, Q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``."""
        return self._folder.pdf

    @property
    def pdf_sets(self) -> tuple[Path, ...]:
        """The folders of the PDF sets that are kept in the fit folder."""
        return self._folder.pdf_sets

    @property
    def folder(self) -> FitFolder:
        """The fit folder as it was read."""
        return self._folder

    def summary(self) -> FitSummary:
        """Return the summary of the fit."""
        return self._folder.summary()

    def weights(self, replica: int) -> dict[str, list[NDArray[np.floating]]]:
        """Read the weights of a replica: layer name to its arrays."""
        return self._folder.weights(replica)

    def theory_covariance(self) -> Floats | None:
        """Read the theory covariance (N, N) of the data, None for a fit without one."""
        stored = self._folder.theory_covariance()
        return None if stored is None else stored.covariance.matrix

    def plot(
        self,
        flavour: str,
        *,
        q: float | None = None,
        members: Members | Sequence[int] = "chosen",
        reference: Fit | FitFolder | PathLike | None = None,
        xscale: Literal["both", "log", "linear"] = "both",
    ) -> Figure:
        """Plot x f(x, Q) with its 68 % band.

        Parameters
        ----------
        flavour : str
            Such as ``g``, ``ubar``, ``u_v``, ``c+``, ``Sigma`` or ``T8``.
        q : float, optional
            The scale in GeV; the initial scale by default.
        members : str or sequence of int
            Which replicas, see :func:`n3fit.api.evolve`.
        reference : Fit, path or str, optional
            A fit or a PDF set, drawn too; a lower panel shows the ratio to it.
        xscale : str
            ``log``, ``linear``, or ``both``: logarithmic below x = 0.1 and linear above.

        Raises
        ------
        N3fitError
            There is no such flavour, or the scale is out of reach; see :func:`n3fit.report.pdf_plots.plot_pdf`.
        """
        from n3fit.api.notebook_ensemble import show_progress_of
        from n3fit.report.pdf_plots import plot_pdf
        from n3fit.results.ensembles import open_ensemble

        ensemble = show_progress_of(open_ensemble(self._folder, members=members))
        source = reference.folder if isinstance(reference, Fit) else reference
        divisor = None if source is None else show_progress_of(open_ensemble(source))
        return plot_pdf(ensemble, flavour, q, reference=divisor, xscale=xscale)

    def __repr__(self) -> str:
        """Return name, replicas and chi2 in a few lines."""
        return repr(self._folder)

    def _repr_html_(self) -> str:
        """Return the same as a table, for notebooks."""
        return self._folder._repr_html_()
