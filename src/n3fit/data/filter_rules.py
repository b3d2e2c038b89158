"""Rules of cuts: which points of which data sets are kept, for which theories."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from n3fit.data.commondata import CommonData
from n3fit.data.coordinates import Coordinates
from n3fit.data.expressions import evaluate_condition, evaluate_expression
from n3fit.perturbative_order import parse_order
from n3fit.typing import Booleans

ALL_DIS = "DIS_ALL"
"""Process type of a rule that applies to every deep-inelastic data set."""


@dataclass(frozen=True)
class TheoryFeatures:
    """What rules depend on in a theory.

    Parameters
    ----------
    order : int
        Perturbative order: 0 for LO, as ``PTO`` in theory cards.
    scheme : str
        Heavy-quark scheme, ``FNS`` in theory cards.
    fitted_charm : bool
        Whether charm is a parton at the initial scale, ``IC`` in theory cards.
    """

    order: int
    scheme: str
    fitted_charm: bool


@dataclass(frozen=True)
class FilterRule:
    """Points of a data set, or of all data sets of a process type, that are kept: those for which ``rule`` holds.

    Parameters
    ----------
    dataset, process_type : str, optional
        Scope of the rule; with both it applies where either matches.
    rule : str
        Condition on the coordinates of a point, for instance ``x > 0.1``.
    local_variables : mapping of str to str
        Expressions by name, in order; each may use coordinates and the variables before it.
    order, scheme, fitted_charm : str, str and bool, optional
        Theories that the rule is for: an order such as ``NNLO+``, a heavy-quark scheme, and whether charm is fitted.
    reason : str
        Why, for readers.
    origin : str
        Where the rule is from: the key of the runcard, or ``default``.
    """

    dataset: str | None
    process_type: str | None
    rule: str
    local_variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    order: str | None = None
    scheme: str | None = None
    fitted_charm: bool | None = None
    reason: str = ""
    origin: str = ""

    def applies_to(self, commondata: CommonData) -> bool:
        """Return whether the rule is about this data set."""
        if self.dataset is not None and self.dataset == commondata.name:
            return True
        if self.process_type is None:
            return False
        return self.process_type == commondata.process_type or (self.process_type == ALL_DIS and commondata.is_dis)

    def is_for(self, theory: TheoryFeatures) -> bool:
        """Return whether the rule is about theories like this one."""
        if self.order is not None and not parse_order(self.order).holds(theory.order):
            return False
        if self.scheme is not None and self.scheme != theory.scheme:
            return False
        return self.fitted_charm is None or self.fitted_charm == theory.fitted_charm

    def kept_points(self, commondata: CommonData, constants: Mapping[str, float]) -> Booleans:
        """Return, for every point of a data set, whether the rule keeps it.

        Parameters
        ----------
        commondata : CommonData
        constants : mapping of str to float
            Limits of the runcard: ``q2min``, ``w2min``, ``maxTau``.

        Raises
        ------
        DataError
            The data set does not have a coordinate that the rule needs.
        RuncardError
            The rule or one of its local variables cannot be read.
        """
        where = f"{self.origin}: {commondata.name}" if self.origin else commondata.name
        variables = Coordinates(commondata, constants)
        for name, expression in self.local_variables.items():
            variables.define(name, evaluate_expression(expression, variables, where=f"{where}: {name}"))
        return evaluate_condition(self.rule, variables, where=where)

    def describe(self, constants: Mapping[str, float]) -> str:
        """Return the rule with its local variables, and the values of the constants that it names.

        >>> FilterRule(None, "DIS_ALL", "Q2 > q2min").describe({"q2min": 3.49, "w2min": 12.5})
        'Q2 > q2min, q2min = 3.49'
        """
        text = ", ".join([self.rule, *(f"{name} = {value}" for name, value in self.local_variables.items())])
        words = set(re.findall(r"[A-Za-z_]\w*", text))
        return ", ".join([text, *(f"{name} = {value:g}" for name, value in constants.items() if name in words)])
