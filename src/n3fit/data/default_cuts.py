"""The cuts that every fit has unless its runcard says otherwise, from the package data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.data.cuts import Cuts
from n3fit.data.filter_rules import FilterRule, TheoryFeatures
from n3fit.defaults import MAX_TAU, Q2_MIN, W2_MIN
from n3fit.storage.yaml_files import read_yaml

FILE = Path(__file__).parent.parent / "resources" / "default_cuts.yaml"

ORIGIN = "default"
"""Origin of these rules in messages and summaries."""


DEFAULT_LIMITS: Mapping[str, float] = MappingProxyType({"q2min": Q2_MIN, "w2min": W2_MIN, "maxTau": MAX_TAU})
"""Limits in the default rules."""


def default_cuts(theory: TheoryFeatures) -> Cuts:
    """Return the cuts of a fit whose runcard says nothing about them."""
    return Cuts(default_rules(), DEFAULT_LIMITS, theory)


@cache
def default_rules() -> tuple[FilterRule, ...]:
    """Return the default rules, in the order of the file."""
    return tuple(rule for group in read_yaml(FILE) for rule in _rules_of(group))


def _rules_of(group: Mapping[str, Any]) -> Iterator[FilterRule]:
    conditions = group["keep"] if isinstance(group["keep"], dict) else {None: group["keep"]}
    for dataset, condition in conditions.items():
        yield FilterRule(
            dataset=dataset,
            process_type=group.get("process_type"),
            rule=condition,
            local_variables=group.get("where", {}),
            order=group.get("order"),
            scheme=group.get("scheme"),
            fitted_charm=group.get("fitted_charm"),
            reason=group["why"],
            origin=ORIGIN,
        )
