"""Kinematic cuts: Q2 and W2 of deep-inelastic scattering, and rules from the runcard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.expressions import evaluate_condition
from n3fit.errors import DataError
from n3fit.typing import Floats

ALL_DIS = "DIS_ALL"
"""Process type of a rule that applies to every deep-inelastic data set."""


@dataclass(frozen=True)
class FilterRule:
    """Points of a data set, or of all data sets of a process type, that are kept: those for which ``rule`` holds.

    Parameters
    ----------
    dataset, process_type : str, optional
        Scope of the rule; exactly one of them is given, which is checked with the runcard.
    rule : str
        Condition on the kinematic variables of the data set, for instance ``x > 0.1``. Deep-inelastic data sets
        have ``W2`` as well.
    """

    dataset: str | None
    process_type: str | None
    rule: str

    def applies_to(self, commondata: CommonData) -> bool:
        """Return whether the rule is about this data set."""
        if self.dataset is not None:
            return self.dataset == commondata.name
        return self.process_type == commondata.process_type or (self.process_type == ALL_DIS and commondata.is_dis)


def invariant_mass_squared(x: Floats, q2: Floats) -> Floats:
    """Return W2 = Q2 (1 - x) / x in GeV2, the proton mass neglected as in the cuts of arXiv:2109.02653."""
    return q2 * (1.0 - x) / x


def apply_cuts(
    commondata: CommonData, *, q2min: float | None, w2min: float | None, rules: Sequence[FilterRule] = ()
) -> CommonData:
    """Return the data set without the points that fail a cut.

    Parameters
    ----------
    commondata : CommonData
        The data set.
    q2min, w2min : float or None
        Deep-inelastic points are kept when Q2 > q2min and W2 > w2min, in GeV2. Other processes are not touched.
    rules : sequence of FilterRule
        Further conditions; each point must fulfil all that apply to its data set.

    Raises
    ------
    DataError
        No point is left, or a kinematic variable that a cut needs is unknown.
    RuncardError
        A rule cannot be read.
    """
    keep = np.ones(len(commondata), dtype=np.bool_)
    if commondata.is_dis:
        for name, values, limit in (
            ("Q2", commondata.q2, q2min),
            ("W2", invariant_mass_squared(commondata.x, commondata.q2), w2min),
        ):
            if limit is not None:
                if not np.isfinite(values).all():
                    raise DataError(f"{commondata.name}: {name} is unknown, the cut {name} > {limit} cannot be applied")
                keep &= values > limit
    variables = _variables(commondata)
    for rule in rules:
        if rule.applies_to(commondata):
            keep &= evaluate_condition(rule.rule, variables, where=commondata.name)
    if not keep.any():
        applied = [rule.rule for rule in rules if rule.applies_to(commondata)]
        raise DataError(
            f"{commondata.name}: none of its {len(commondata)} points passes the cuts "
            f"(q2min {q2min}, w2min {w2min}, rules {applied})",
            hint="leave the data set out or loosen the cuts",
        )
    return commondata if keep.all() else commondata.select(keep)


def _variables(commondata: CommonData) -> dict[str, Floats]:
    known = {"x": commondata.x, "Q2": commondata.q2, "y": commondata.y}
    variables = {name: values for name, values in known.items() if not np.isnan(values).any()}
    variables |= commondata.kinematics
    if commondata.is_dis:
        variables["W2"] = invariant_mass_squared(commondata.x, commondata.q2)
    return variables
