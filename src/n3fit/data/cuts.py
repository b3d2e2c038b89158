"""Kinematic cuts: which points of a data set the rules of a fit keep, and which rule removes the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.filter_rules import FilterRule, TheoryFeatures
from n3fit.errors import DataError
from n3fit.typing import Booleans, Integers


@dataclass(frozen=True)
class Cuts:
    """The cuts of a fit.

    Parameters
    ----------
    rules : sequence of FilterRule
        Each point must fulfil all that apply to its data set and to the theory.
    limits : mapping of str to float
        Values of names in the rules: ``q2min`` and ``w2min`` in GeV2, and ``maxTau``.
    theory : TheoryFeatures
        The theory of the fit.
    """

    rules: Sequence[FilterRule]
    limits: Mapping[str, float]
    theory: TheoryFeatures

    def rules_for(self, commondata: CommonData) -> tuple[FilterRule, ...]:
        """Return the rules that apply to a data set."""
        return tuple(rule for rule in self.rules if rule.applies_to(commondata) and rule.is_for(self.theory))


@dataclass(frozen=True, eq=False)
class Removal:
    """Points that one condition removes.

    Parameters
    ----------
    condition : str
        What they do not fulfil.
    reason, origin : str
        Why, for readers, and the key of the runcard, or ``default``.
    points : array of int
        Rows of the file, from 0.
    """

    condition: str
    reason: str
    origin: str
    points: Integers


@dataclass(frozen=True, eq=False)
class PointSelection:
    """The points of a data set that the cuts of a fit keep.

    Parameters
    ----------
    dataset : CommonData
        With the points before the cuts.
    kept : array of bool (n,)
    removals : tuple of Removal
        A point that fails several conditions is in each of them.
    """

    dataset: CommonData
    kept: Booleans
    removals: tuple[Removal, ...] = ()

    def select(self) -> CommonData:
        """Return the data set with the kept points.

        Raises
        ------
        DataError
            No point is kept.
        """
        if not self.kept.any():
            conditions = "; ".join(f"{entry.condition} ({entry.origin})" for entry in self.removals)
            raise DataError(
                f"{self.dataset.name}: none of its {len(self.dataset)} points passes the cuts: {conditions}",
                hint="leave the data set out or loosen the cuts",
            )
        return self.dataset if self.kept.all() else self.dataset.select(self.kept)

    def without(self, removals: Sequence[Removal]) -> PointSelection:
        """Return the selection with further points removed."""
        kept = self.kept.copy()
        for removal in removals:
            kept &= ~np.isin(self.dataset.indices, removal.points)
        return PointSelection(self.dataset, kept, (*self.removals, *removals))


def select_all(commondata: CommonData) -> PointSelection:
    """Return the selection of all points of a data set."""
    return PointSelection(commondata, np.ones(len(commondata), dtype=np.bool_))


def select_points(commondata: CommonData, cuts: Cuts) -> PointSelection:
    """Return the points of a data set that the cuts keep, and what each rule removes.

    Raises
    ------
    DataError
        A coordinate that a rule needs is unknown.
    RuncardError
        A rule cannot be read.
    """
    removals = []
    for rule in cuts.rules_for(commondata):
        removed = commondata.indices[~rule.kept_points(commondata, cuts.limits)]
        if removed.size:
            removals.append(Removal(rule.describe(cuts.limits), rule.reason, rule.origin, removed))
    return select_all(commondata).without(removals)


def apply_cuts(commondata: CommonData, cuts: Cuts) -> CommonData:
    """Return the data set without the points that fail a cut.

    Raises
    ------
    DataError
        No point is left, or as in :func:`select_points`.
    """
    return select_points(commondata, cuts).select()
