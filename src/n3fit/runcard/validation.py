"""Validation of the content of a runcard: its schema first, then the rules between its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from n3fit.runcard.consistency import find_inconsistencies
from n3fit.runcard.pdf_model import names_another_model
from n3fit.runcard.schema import ModelRuncard, Runcard, TrialRuncard
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.trial_specs import NETWORK_KEYS
from n3fit.runcard.violations import Violation


def validate(content: Mapping[str, Any]) -> Runcard | tuple[Violation, ...]:
    """Return the checked runcard, or every violation of its schema and, if there is none, of its consistency.

    Parameters
    ----------
    content : mapping
        Plain values by key.
    """
    of_trials = content.get("trial_specs") is not None
    given, kept = _take_network_keys(content) if of_trials else ((), content)
    kind: type[Runcard] = TrialRuncard if of_trials else Runcard
    if not of_trials and names_another_model(content.get("parameters")):
        kind = ModelRuncard
    try:
        card = kind.model_validate(kept)
    except ValidationError as error:
        return (*given, *schema_violations(error, kept))
    return (*given, *find_inconsistencies(card)) or card


def _take_network_keys(content: Mapping[str, Any]) -> tuple[tuple[Violation, ...], Mapping[str, Any]]:
    """Return a violation for each key of ``parameters`` that a trial gives, and the content without these keys."""
    parameters = content.get("parameters")
    keys = (*NETWORK_KEYS, "model", "model_settings")
    given = [key for key in keys if isinstance(parameters, Mapping) and key in parameters]
    if not given:
        return (), content
    hint = "remove it, or choose it for all trials with trial_specs.override"
    text = "expected no such key beside trial_specs, where each trial gives it"
    kept = {key: value for key, value in content["parameters"].items() if key not in given}
    return tuple(Violation(("parameters", key), f"{text} ({hint})") for key in given), {**content, "parameters": kept}
