"""The PDF model that a runcard names: its settings, its keys without effect, and what it excludes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from n3fit.runcard.schema import Runcard
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath
from n3fit.vocabulary import NETWORK_MODEL

if TYPE_CHECKING:
    from n3fit.pdf_models import PDFModel
    from n3fit.pdf_models.registry import KnownModel

MODEL: KeyPath = ("parameters", "model")
SETTINGS: KeyPath = ("parameters", "model_settings")

NETWORK_ONLY = (
    *("nodes_per_layer", "activation_per_layer", "initializer", "layer_type", "dropout"),
    *("regularizer", "regularizer_args", "feature_scaling_points"),
)
"""Keys of ``parameters`` that only the network has."""

_expected = Violation.expected


def names_another_model(parameters: Any) -> bool:
    """Return whether the content of ``parameters`` names a model other than the network."""
    return isinstance(parameters, Mapping) and parameters.get("model", NETWORK_MODEL) not in (None, NETWORK_MODEL)


def has_network(card: Runcard) -> bool:
    """Return whether a card has the network, not another model."""
    return getattr(card.parameters, "model", NETWORK_MODEL) == NETWORK_MODEL


def make_model(card: Runcard) -> PDFModel | None:
    """Return the model of a valid card, None for the network."""
    known = known_model(card)
    return None if known is None else known.kind.model_validate(card.parameters.model_settings or {})


def known_model(card: Runcard) -> KnownModel | None:
    """Return the class of the model of a valid card and its package, None for the network."""
    from n3fit.pdf_models.registry import find_model

    return None if has_network(card) else find_model(card.parameters.model)


def has_preprocessing(card: Runcard) -> bool:
    """Return whether n3fit's preprocessing applies to the model of a card, which need not be valid."""
    from n3fit.pdf_models.registry import PDFModelError, find_model

    if has_network(card):
        return True
    try:
        return find_model(card.parameters.model).kind.preprocessing
    except PDFModelError:
        return True


def find_model_problems(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules about ``parameters.model``; the model is imported."""
    from n3fit.pdf_models.registry import FAILURES, PDFModelError, check_model, describe_failure, find_model

    if has_network(card):
        if card.trial_specs is None and card.parameters.model_settings is not None:
            expected = "no such key beside model: network, whose settings are the other keys of parameters"
            yield _expected(SETTINGS, expected, "a mapping", "remove it, or name another model")
        return
    name = card.parameters.model
    try:
        kind = find_model(name).kind
    except PDFModelError as error:
        yield _expected(MODEL, error.expected, error.received, error.hint)
        return
    settings = card.parameters.model_settings or {}
    try:
        model = kind.model_validate(settings)
    except ValidationError as error:
        for found in schema_violations(error, settings, kind):
            yield Violation((*SETTINGS, *found.key), found.message, found.missing)
        return
    except FAILURES as error:
        yield _expected(SETTINGS, f"settings of {name}", describe_failure(error, kind), "see docs/pdf_models.md")
        return
    try:
        check_model(name, model, card.fitting.fitbasis, card.fitting.flavours)
    except PDFModelError as error:
        yield _expected(MODEL, error.expected, error.received, error.hint)


def idle_model_keys(card: Runcard) -> Iterator[tuple[KeyPath, str]]:
    """Yield the keys that another model than the network leaves without effect, each with the reason."""
    if has_network(card):
        return
    model = make_model(card)
    assert model is not None
    reason = f"parameters.model: {card.parameters.model}"
    for name in NETWORK_ONLY:
        if name in card.parameters.model_fields_set:
            yield ("parameters", name), reason
    if not model.sum_rules and "sum_rules" in card.fitting.model_fields_set:
        yield ("fitting", "sum_rules"), f"{reason}, which has its own"
    if not model.positivity:
        for name in sorted(card.parameters.positivity.model_fields_set - {"threshold"}):
            yield ("parameters", "positivity", name), f"{reason}, which has its own: the sets are only checked"
    if not model.preprocessing:
        for index, entry in enumerate(card.fitting.basis):
            for name in ("smallx", "largex", "trainable"):
                if name in entry.model_fields_set:
                    yield ("fitting", "basis", index, name), f"{reason}, which has its own preprocessing"
