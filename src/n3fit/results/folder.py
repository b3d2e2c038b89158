"""A fit in memory, as its folder holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, n3fit_command
from n3fit.html_tables import facts_to_html
from n3fit.results.chi2 import Chi2Table
from n3fit.results.describe import FitSummary, describe_fit, summarise
from n3fit.results.layout import RUNCARD, SETS_FOLDER, replica_folder
from n3fit.results.point_table import PointTable
from n3fit.results.postfit import Postfit
from n3fit.results.records import FitDescription, Manifest
from n3fit.results.replica_results import ReplicaResults, Selection, select_chosen
from n3fit.results.residual_table import WhitenedResiduals, read_residuals
from n3fit.results.theory_covariance import StoredCovariance, read_theory_covariance
from n3fit.storage.weights import read_weights
from n3fit.typing import Booleans, Floats

_HINT = "the fit folder is damaged; restore it or fit again"


@dataclass(frozen=True, eq=False, repr=False)
class FitFolder:
    """A finished fit of R replicas, checked and in memory; only the weights are read on demand.

    Parameters
    ----------
    path : Path
    runcard_text : str
        ``filter.yml``, the runcard as the user wrote it.
    manifest : Manifest
    description : FitDescription
    points : PointTable
    results : ReplicaResults
    chi2 : mapping
        Tables by ``datasets``, ``experiments`` and ``total``.
    postfit : Postfit, optional
        The selection of ``n3fit postfit``.
    damaged : mapping
        Replicas excluded because their files are damaged, with the reason; not among the R.
    absent : tuple of str
        What the folder does not hold: nothing for a fit of n3fit; for one of nnpdf, whose ``points`` and
        ``predictions`` are empty, see :data:`n3fit.results.nnpdf_fit.ABSENT`.
    """

    path: Path
    runcard_text: str
    manifest: Manifest
    description: FitDescription
    points: PointTable
    results: ReplicaResults
    chi2: Mapping[str, Chi2Table]
    postfit: Postfit | None = None
    damaged: Mapping[int, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the fit; that of its files, even when the folder was renamed."""
        return self.description.name

    @property
    def title(self) -> str:
        """The description in the runcard, or an empty text."""
        return self.description.title

    @property
    def program(self) -> str:
        """The program that made the fit, and its version."""
        program = "nnpdf" if self.absent else "n3fit"
        return f"{program} {self.manifest.versions.get(program, 'of unknown version')}"

    @property
    def replicas(self) -> NDArray[np.int64]:
        """(R,) replica numbers."""
        return self.results.replicas

    @property
    def xgrid(self) -> Floats:
        """(nx,) nodes of the exportgrids."""
        return self.results.xgrid

    @property
    def pdf(self) -> Floats:
        """(R, nx, 14) x f(x, Q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``."""
        return self.results.pdf

    @property
    def groups(self) -> dict[str, dict[str, int]]:
        """By level, the groups of points that have a chi2, with the number of their points."""
        return {level: dict(zip(table.names, table.points.tolist(), strict=True)) for level, table in self.chi2.items()}

    @property
    def total_chi2(self) -> Floats:
        """(R,) t0 chi2 per point of each replica to all central data; nan without data."""
        return self.chi2["total"].total_per_point()

    @cached_property
    def passing(self) -> Booleans:
        """(R,) the replicas that no veto excludes.

        The vetoes are those of ``n3fit postfit``; as long as it has not run, finiteness and positivity alone.
        """
        if self.postfit is None:
            return self.results.passing
        return np.isin(self.replicas, self.postfit.passing)

    @property
    def vetoed(self) -> Booleans:
        """(R,) the replicas that are not passing."""
        return ~self.passing

    @cached_property
    def chosen(self) -> Booleans:
        """(R,) the replicas that means, bands, tables and PDF sets are made of; see :attr:`selection`."""
        if self.postfit is None:
            return select_chosen(self.results)[1]
        return np.isin(self.replicas, self.postfit.chosen)

    @property
    def selection(self) -> Selection:
        """How :attr:`chosen` was made: by ``postfit``, else all ``passing``, else all ``finite``, else ``none``."""
        return "postfit" if self.postfit is not None else select_chosen(self.results)[0]

    @cached_property
    def mean_prediction(self) -> Floats:
        """(N,) mean over the chosen replicas; nan without any."""
        if not self.chosen.any():
            return np.full(len(self.points), np.nan)
        mean: Floats = self.results.predictions[self.chosen].mean(axis=0)
        return mean

    @property
    def pdf_sets(self) -> tuple[Path, ...]:
        """The folders of the PDF sets that are kept in the fit folder, sorted."""
        return tuple(sorted(info.parent for info in (self.path / SETS_FOLDER).glob("*/*.info")))

    def __repr__(self) -> str:
        """Return name, replicas and chi2 in a few lines."""
        return "\n".join(f"{name}: {value}" for name, value in self._describe().items())

    def _repr_html_(self) -> str:
        """Return the same as a table, for notebooks."""
        return facts_to_html(self._describe())

    def _describe(self) -> dict[str, str]:
        return describe_fit(
            self.summary(), title=self.title, chosen=self.replicas[self.chosen].tolist(), sets=self.pdf_sets
        )

    def weights(self, replica: int) -> dict[str, list[NDArray[np.floating]]]:
        """Read the weights of a replica: layer name to its arrays.

        Raises
        ------
        DataError, ResourceError
            The file is damaged or missing.
        """
        return read_weights(replica_folder(self.path, replica) / self.description.weights_file)

    def residuals(self) -> WhitenedResiduals:
        """Read the whitened residuals of all replicas of the folder, damaged ones included.

        Raises
        ------
        DataError, ResourceError
            The file is damaged or missing.
        """
        if self.absent:
            chi2 = n3fit_command("chi2", self.path / RUNCARD, "--pdf", self.path)
            raise DataError(f"{self.path}: a fit of nnpdf, which has no residuals", hint=f"see `{chi2}`")
        manifest = self.manifest
        return read_residuals(self.path, self.groups, len(manifest.replicas), folder_format=manifest.format)

    def theory_covariance(self) -> StoredCovariance | None:
        """Read the theory covariance, None for a fit without one; a file that is damaged or missing is an error."""
        return read_theory_covariance(self.path, self.description)

    def summary(self) -> FitSummary:
        """Return the summary of the fit."""
        return summarise(
            self.path,
            self.manifest,
            self.description,
            self.results,
            self.chi2,
            passing=self.passing,
            chosen=self.chosen,
            selection=self.selection,
        )
