"""Runcards with ``trial_specs``, whose ``parameters`` are complete only with those of a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from n3fit.errors import RuncardError
from n3fit.runcard.consistency import find_inconsistencies
from n3fit.runcard.parameters import Parameters
from n3fit.runcard.schema import Runcard
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.trial_specs import NETWORK_KEYS, TrialOverride
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import format_key
from n3fit.vocabulary import OPTIMIZERS

HYPERPARAMETERS = (
    *("optimizer", "learning_rate", "clipnorm", "epochs", "stopping_patience", "initial", "nodes_per_layer"),
    *("number_of_layers", "activation", "layer_type", "initializer", "dropout"),
)
"""Names of the hyperparameters of a trial, those that ``<fit>.json`` of nnpdf has."""


def complete_runcard(card: Runcard, parameters: Mapping[str, Any], *, name: str) -> Runcard:
    """Return a card with ``trial_specs`` as the card of one trial: with all of ``parameters``, without ``trial_specs``.

    Parameters
    ----------
    card : Runcard
    parameters : mapping
        Those of the trial. ``activation_per_layer`` may be one name, for all layers but the last, which is linear
        then. Of ``positivity`` only ``initial`` counts; keys that the card has itself are those of the card.
    name : str
        File and trial, for messages.

    Raises
    ------
    RuncardError
        The parameters of the trial, with the overrides of the card, are not those of a network for this card: one
        line for each violation.
    """
    if card.trial_specs is None:
        raise ValueError("expected a runcard with trial_specs")
    content = _completed(card, parameters, card.trial_specs.override)
    try:
        complete = Parameters.model_validate(content)
    except ValidationError as error:
        raise _error(schema_violations(error, content), name) from error
    values = {field: getattr(card, field) for field in Runcard.model_fields}
    fields = card.model_fields_set - {"trial_specs"} | {"parameters"}
    changed = Runcard.model_construct(fields, **(values | {"parameters": complete, "trial_specs": None}))
    changed._source_text, changed._source_name, changed._places = card._source_text, card._source_name, card._places
    problems = [*find_inconsistencies(changed), *_check_layers(complete, card.trial_specs.override)]
    if problems:
        raise _error(iter(problems), name)
    return changed


def hyperparameters_of(card: Runcard) -> dict[str, Any]:
    """Return the hyperparameters of a complete card, by the names of :data:`HYPERPARAMETERS`.

    None stands for a learning rate that the optimiser does not have, and an initial value of the multipliers that
    follows from the other keys.
    """
    parameters, chosen = card.parameters, card.parameters.optimizer
    options = {**OPTIMIZERS[chosen.optimizer_name], **chosen.options}
    values = (
        *(chosen.optimizer_name, options.get("learning_rate"), options.get("clipnorm")),
        *(parameters.epochs, parameters.stopping_patience, parameters.positivity.initial),
        *(list(parameters.nodes_per_layer), len(parameters.nodes_per_layer) - 1),
        *(parameters.activation_per_layer[0], parameters.layer_type, parameters.initializer, parameters.dropout),
    )
    return dict(zip(HYPERPARAMETERS, values, strict=True))


def _completed(card: Runcard, parameters: Mapping[str, Any], override: TrialOverride) -> dict[str, Any]:
    """Return the content of ``parameters`` for a trial."""
    changes = override.values
    written = card.parameters.model_dump(exclude_unset=True)
    taken = {key: parameters[key] for key in NETWORK_KEYS if parameters.get(key) is not None}
    for key in ("learning_rate", "clipnorm"):
        taken.pop(key, None)
    optimizer = parameters.get("optimizer")
    choice = {"optimizer_name": optimizer} if isinstance(optimizer, str) else optimizer
    if isinstance(choice, Mapping):
        own = {"optimizer_name": changes["optimizer"]} if "optimizer" in changes else {}
        own |= {key: changes[key] for key in ("learning_rate", "clipnorm") if key in changes}
        choice = dict(choice) | own
    if choice is not None:
        taken["optimizer"] = choice
    same = ("nodes_per_layer", "activation_per_layer", "initializer", "layer_type", "dropout", "epochs")
    taken |= {key: changes[key] for key in (*same, "stopping_patience") if key in changes}
    _spread_activation(taken)
    positivity = parameters.get("positivity")
    first = positivity.get("initial") if isinstance(positivity, Mapping) else None
    first = changes.get("initial", first)
    if first is not None:
        written["positivity"] = dict(written.get("positivity") or {}) | {"initial": first}
    return written | taken


def _spread_activation(parameters: dict[str, Any]) -> None:
    """Replace one name of an activation by those of all layers, the last one linear."""
    activation, nodes = parameters.get("activation_per_layer"), parameters.get("nodes_per_layer")
    if isinstance(activation, list | tuple) and len(activation) == 1:
        [activation] = activation
    if isinstance(activation, str) and isinstance(nodes, list | tuple):
        parameters["activation_per_layer"] = [*[activation] * (len(nodes) - 1), "linear"]


def _check_layers(parameters: Parameters, override: TrialOverride) -> Iterator[Violation]:
    hidden, wanted = len(parameters.nodes_per_layer) - 1, override.number_of_layers
    if wanted is not None and wanted != hidden:
        expected = f"{hidden}, the hidden layers of nodes_per_layer: {list(parameters.nodes_per_layer)}"
        yield Violation.expected(
            ("trial_specs", "override", "number_of_layers"), expected, f"{wanted}", "override nodes_per_layer too"
        )


def _error(violations: Iterator[Violation], name: str) -> RuncardError:
    lines = dict.fromkeys(f"{name}: {format_key(entry.key)}: {entry.message}" for entry in violations)
    return RuncardError("\n".join(lines), hint="trial_specs.override replaces a value of all trials")
