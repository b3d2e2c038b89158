"""The runcard of one trial of a scan: that of the scan with the parameters of the trial in it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from n3fit.errors import CommandLineError, DataError, n3fit_command
from n3fit.results.scan_folder import CONFIGURATION, RUNCARD, Scan
from n3fit.results.tries import Try
from n3fit.runcard import Parameters, RuncardWarning, parse_runcard
from n3fit.runcard.legacy import translate_legacy
from n3fit.runcard.notes import Notes
from n3fit.runcard.rewriting import flow_text, rewrite_runcard
from n3fit.runcard.trial_specs import NETWORK_KEYS
from n3fit.runcard.yaml_reader import parse_yaml
from n3fit.storage.key_path import KeyPath

SCAN_KEYS = (CONFIGURATION, "kfold", "hyperscan")
"""Keys of the top level that describe the scan: the card of a trial has none of them."""

PROPOSED_TRIALS = 10
"""Largest number of trials in a proposal of ``trial_specs``."""


def choose_trial(scan: Scan, number: int | None = None) -> Try:
    """Return the best trial of a scan, or that with a number.

    Raises
    ------
    DataError
        No trial has ended well.
    CommandLineError
        There is no trial with the number that has ended.
    """
    if number is None:
        if not scan.ranked:
            raise DataError(
                f"{scan.path}: expected a trial that did not fail, received {len(scan.ended)} that did",
                hint=f"see the reasons with `{n3fit_command('hyperopt', 'report', scan.path)}`",
            )
        return scan.ranked[0]
    found = next((trial for trial in scan.ended if trial.tid == number), None)
    if found is None:
        numbers = [trial.tid for trial in scan.ended]
        raise CommandLineError(
            f"trial: expected the number of a trial of {scan.path} that has ended, received {number}",
            hint=f"they are {min(numbers)} to {max(numbers)}" if numbers else "there is none",
        )
    return found


def trial_card(scan: Scan, trial: Try) -> str:
    """Return the text of the runcard of a trial, which a fit accepts; comments of the scan's card are kept.

    Raises
    ------
    DataError
        The scan has no runcard.
    RuncardError
        The parameters of the trial cannot be written into it, or the result is not a valid runcard.
    """
    if not scan.runcard_text:
        raise DataError(f"{scan.path / RUNCARD}: missing", hint="the card of a trial is made from that of the scan")
    name = str(scan.path / RUNCARD)
    document = parse_yaml(scan.runcard_text, name)
    place = translate_legacy(document, Notes()).place(("parameters",))
    present: Any = document.data
    for part in place:
        present = present.get(part) if isinstance(present, dict) else None
    values = trial_parameters(trial)
    changes: dict[KeyPath, Any] = {place: values}
    if isinstance(present, dict):
        changes = {
            (*place, key): value
            for key, value in values.items()
            if (present[key] != value if key in present else not _is_default(key, value))
        }
    head = f"# trial {trial.tid} of the scan {scan.name}, loss {trial.loss:.6g}\n"
    text = head + rewrite_runcard(scan.runcard_text, changes, removed=(*SCAN_KEYS, "trial_specs"), name=name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuncardWarning)
        parse_runcard(text, name=f"{name}: trial {trial.tid}")
    return text


def trial_parameters(trial: Try) -> dict[str, Any]:
    """Return the keys ``parameters`` of a trial as a runcard has them: an activation for each layer."""
    values = {key: value for key, value in trial.parameters.items() if value is not None}
    activation, nodes = values.get("activation_per_layer"), values.get("nodes_per_layer")
    if isinstance(activation, str) and isinstance(nodes, list):
        values["activation_per_layer"] = [*[activation] * (len(nodes) - 1), "linear"]
    if isinstance(values.get("optimizer"), str):
        values["optimizer"] = {"optimizer_name": values["optimizer"]}
    return values


def _is_default(key: str, value: Any) -> bool:
    """Return whether a key of ``parameters`` has a value that it has without being written."""
    field = Parameters.model_fields.get(key)
    return (
        field is not None and not field.is_required() and bool(field.get_default(call_default_factory=False) == value)
    )


def ensemble_text(scan: Scan) -> str:
    """Return the keys of a runcard whose replicas use the best trials of a scan, as YAML; empty if none ended well."""
    number = min(PROPOSED_TRIALS, len(scan.ranked))
    if not number:
        return ""
    lines = ["trial_specs:", f"  hyperscan: {flow_text(scan.name)}", "  thermalization: 0"]
    lines += [f"  number_of_trials: {number}", "parameters:"]
    kept = _kept(scan.ranked[0].parameters)
    return "\n".join([*lines, *(f"  {key}: {flow_text(value)}" for key, value in kept.items())]) + "\n"


def _kept(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys ``parameters`` that a card with ``trial_specs`` has itself."""
    kept = {
        key: value
        for key, value in parameters.items()
        if key not in NETWORK_KEYS and value is not None and not _is_default(key, value)
    }
    positivity = kept.get("positivity")
    if isinstance(positivity, Mapping):
        kept["positivity"] = {key: value for key, value in positivity.items() if key != "initial"}
    return {key: value for key, value in kept.items() if value != {}}
