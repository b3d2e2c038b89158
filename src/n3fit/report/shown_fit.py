"""A fit as the report shows it: its name on the page, its colour, and the replicas that means are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.report.figures import file_name
from n3fit.report.pictures import FIT_COLOURS, FIT_MARKERS
from n3fit.results.folder import FitFolder
from n3fit.training.record import TrainingRecord

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ShownFit:
    """One of the fits of a page.

    Parameters
    ----------
    fit : FitFolder
    label : str
        Its name on the page, different from those of the others.
    place : int
        0 for the first fit of the page, and so on.
    alone : bool
        It is the only one.
    """

    fit: FitFolder
    label: str
    place: int
    alone: bool

    @property
    def colour(self) -> str:
        """Colour of its lines and marks."""
        return FIT_COLOURS[self.place % len(FIT_COLOURS)]

    @property
    def marker(self) -> str:
        """Shape of its marks."""
        return FIT_MARKERS[self.place % len(FIT_MARKERS)]

    @property
    def suffix(self) -> str:
        """What the names of files that belong to this fit alone end with."""
        return "" if self.alone else f"_{self.place + 1}_{file_name(self.label)}"

    @property
    def heading(self) -> str:
        """What titles of figures that belong to this fit alone end with."""
        return "" if self.alone else f": {self.label}"

    @property
    def training(self) -> TrainingRecord:
        """The record of the training of its replicas."""
        return self.fit.results.training

    @property
    def validation_chi2(self) -> Floats:
        """(R,) per point to the pseudodata; nan when the fit has no validation data, for which 0 is recorded."""
        values = self.fit.results.training.validation_chi2
        return values if values.any() else np.full_like(values, np.nan)


def show_fits(fits: Sequence[FitFolder]) -> tuple[ShownFit, ...]:
    """Give the fits the names that the page uses: their own, with the folder or a number when two are alike."""
    names = [fit.name for fit in fits]
    if len(set(names)) < len(names):
        names = [fit.path.name or fit.name for fit in fits]
    labels = [name if names.count(name) == 1 else f"{name} ({place + 1})" for place, name in enumerate(names)]
    return tuple(
        ShownFit(fit=fit, label=label, place=place, alone=len(fits) == 1)
        for place, (fit, label) in enumerate(zip(fits, labels, strict=True))
    )


def columns_by_replica(
    fits: Sequence[ShownFit], columns: Callable[[ShownFit], Mapping[str, NDArray[Any]]]
) -> dict[str, NDArray[Any]]:
    """Put numbers by replica (R,) of several fits below each other, behind the names of fits and replicas."""
    parts = [
        {
            "fit": np.full(shown.fit.replicas.size, shown.label),
            "replica": shown.fit.replicas,
            "passing": shown.fit.passing,
            **columns(shown),
        }
        for shown in fits
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
