"""A fit with the label, colour and marker that it has on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from n3fit.report.plotted_figure import file_name
from n3fit.report.source import Source
from n3fit.typing import Booleans, Floats, Integers

if TYPE_CHECKING:
    from n3fit.results.folder import FitFolder
    from n3fit.training.record import TrainingRecord


@dataclass(frozen=True, eq=False)
class DrawnFit(Source):
    """What the figures of the replicas of a fit need to know of it besides numbers.

    Parameters
    ----------
    label, index : str, int
        See :class:`~n3fit.report.source.Source`.
    alone : bool
        The page has no other fit.
    replicas, passing, chosen : (R,)
        See :class:`~n3fit.results.folder.FitFolder`.
    """

    alone: bool
    replicas: Integers
    passing: Booleans
    chosen: Booleans


@dataclass(frozen=True, eq=False)
class LabelledFit(Source):
    """One of the fits of a page.

    Parameters
    ----------
    label, index : str, int
        See :class:`~n3fit.report.source.Source`.
    folder : FitFolder
    alone : bool
        The page has no other fit.
    """

    folder: FitFolder
    alone: bool

    @property
    def source(self) -> Source:
        """Label and place alone."""
        return Source(self.label, self.index)

    @property
    def drawn(self) -> DrawnFit:
        """What figures need to know of it."""
        return DrawnFit(
            self.label, self.index, self.alone, self.folder.replicas, self.folder.passing, self.folder.chosen
        )

    @property
    def suffix(self) -> str:
        """End of the file names of figures that show this fit alone."""
        return "" if self.alone else f"_{self.index + 1}_{file_name(self.label)}"

    @property
    def heading(self) -> str:
        """End of the titles of figures that show this fit alone."""
        return "" if self.alone else f": {self.label}"

    @property
    def training(self) -> TrainingRecord:
        """Record of the training of its replicas."""
        return self.folder.results.training

    @property
    def validation_chi2(self) -> Floats:
        """(R,) per point to the pseudodata; nan when the fit has no validation data, for which 0 is recorded."""
        values = self.training.validation_chi2
        return values if values.any() else np.full_like(values, np.nan)


def label_fits(folders: Sequence[FitFolder]) -> tuple[LabelledFit, ...]:
    """Label fits with their names; equal names are replaced by those of the folders, and numbered if equal too."""
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        names = [folder.path.name or folder.name for folder in folders]
    labels = [name if names.count(name) == 1 else f"{name} ({index + 1})" for index, name in enumerate(names)]
    return tuple(
        LabelledFit(folder=folder, label=label, index=index, alone=len(folders) == 1)
        for index, (folder, label) in enumerate(zip(folders, labels, strict=True))
    )


def columns_by_replica(
    fits: Sequence[LabelledFit], columns: Callable[[LabelledFit], Mapping[str, NDArray[Any]]]
) -> dict[str, NDArray[Any]]:
    """Return numbers by replica of several fits, one after another.

    Parameters
    ----------
    fits : sequence of LabelledFit
    columns : callable
        Returns the numbers (R,) of a fit, by the name of the column.

    Returns
    -------
    dict
        Columns with the rows of all fits: ``fit``, ``replica``, ``passing``, and those of ``columns``.
    """
    parts = [
        {
            "fit": np.full(fit.folder.replicas.size, fit.label),
            "replica": fit.folder.replicas,
            "passing": fit.folder.passing,
            **columns(fit),
        }
        for fit in fits
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
