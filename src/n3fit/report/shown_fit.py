"""A fit as the report shows it: its name on the page, its colour, and the replicas that means are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from ruamel.yaml import YAML

from n3fit.errors import DataError
from n3fit.report.figures import file_name
from n3fit.report.pictures import FIT_COLOURS, FIT_MARKERS
from n3fit.results.folder import FitFolder
from n3fit.results.naming import RUNCARD
from n3fit.runcard.parameters import PositivityMultipliers

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
    def selected(self) -> Booleans:
        """(R,) the replicas that means and bands are made of."""
        return self.fit.arrays.selected

    @property
    def validation_chi2(self) -> Floats:
        """(R,) per point to the pseudodata; nan when the fit has no validation data, for which 0 is recorded."""
        values = self.fit.arrays.validation_chi2
        return values if values.any() else np.full_like(values, np.nan)

    @cached_property
    def positivity_threshold(self) -> float:
        """The largest loss of a positivity set with which a replica passes, from the runcard.

        Raises
        ------
        DataError
            The runcard in the fit folder was damaged.
        """
        content: Any = YAML(typ="safe", pure=True).load(StringIO(self.fit.runcard_text))
        for key in ("parameters", "positivity"):
            content = content.get(key) if isinstance(content, Mapping) else None
        try:
            return float(PositivityMultipliers.model_validate(content or {}).threshold)
        except ValidationError as error:
            raise DataError(
                f"{self.fit.path / RUNCARD}: parameters.positivity: expected multipliers, received {content!r}",
                hint="the fit folder is damaged; restore it or fit again",
            ) from error


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
            "passing": shown.fit.arrays.passing,
            **columns(shown),
        }
        for shown in fits
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
