"""Rules between the keys of a hyperparameter scan, ``hyperscan_config`` and ``kfold``, and the rest of a runcard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from n3fit.errors import did_you_mean
from n3fit.runcard.hyperscan import KEY, HyperscanConfig, NumberRange, ScannedArchitecture, ScannedOptimizer
from n3fit.runcard.pdf_model import NETWORK_ONLY, has_network
from n3fit.runcard.scanned_settings import SCANNED, find_setting_problems
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath
from n3fit.vocabulary import OPTIMIZERS

if TYPE_CHECKING:
    from n3fit.runcard.kfold import KFold
    from n3fit.runcard.schema import Runcard

_expected = Violation.expected


def find_scan_problems(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules of scans."""
    if card.kfold is not None:
        yield from _check_folds(card, card.kfold)
    config = card.hyperscan_config
    if config is not None and config.other_scan is None and card.trial_specs is None:
        yield from find_sampling_problems(config, card)
    if config is not None and config.use_tries_from is not None and not has_network(card):
        expected = f"no trials of another scan beside parameters.model: {card.parameters.model}"
        yield _expected((KEY, "use_tries_from"), expected, config.use_tries_from, "their parameters are of a network")


def _check_folds(card: Runcard, kfold: KFold) -> Iterator[Violation]:
    names = {entry.dataset for entry in card.dataset_inputs}
    for number, fold in enumerate(kfold.partitions):
        for index, name in enumerate(fold.datasets):
            if name not in names:
                key: KeyPath = ("kfold", "partitions", number, "datasets", index)
                hint = did_you_mean(name, names) or "add it to dataset_inputs, or remove it here"
                yield _expected(key, "a data set of the fit", name, hint)
        if names <= set(fold.datasets) and not fold.overfit:
            key = ("kfold", "partitions", number, "datasets")
            yield _expected(key, "some data set of the fit outside of the fold, to train on", "all of them")


def find_sampling_problems(config: HyperscanConfig, card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules of what is sampled.

    Parameters
    ----------
    config : HyperscanConfig
        Of the card, or of the scan that its ``from_hyperscan`` names.
    card : Runcard
    """
    if not has_network(card) and not set(NETWORK_ONLY).isdisjoint(config.sampled_keys):
        expected = f"no network beside parameters.model: {card.parameters.model}"
        hint = "scan model_settings, the optimiser, the stopping or the positivity"
        yield _expected((KEY, "architecture"), expected, "a mapping", hint)
        return
    if config.model_settings and has_network(card):
        expected = "no such key beside parameters.model: network"
        yield _expected(SCANNED, expected, "a mapping", "scan architecture, or name another model")
        return
    yield from find_setting_problems(config.model_settings, card)
    for key in config.sampled_keys:
        if key != SCANNED[-1] and key not in card.parameters.model_fields_set:
            yield _expected(("parameters", key), f"this key, which {KEY} samples", "nothing", "any value will do")
    stopping, positivity = config.stopping, config.positivity
    yield from _check_range("stopping", "epochs", stopping.min_epochs, stopping.max_epochs)
    lowest = 0.0 if stopping.min_patience is None else stopping.min_patience
    highest = 1.0 if stopping.max_patience is None else stopping.max_patience
    yield from _check_range("stopping", "patience", lowest, highest)
    if positivity.min_multiplier is not None or positivity.max_multiplier is not None:
        lowest = 1.0 if positivity.min_multiplier is None else positivity.min_multiplier
        yield from _check_range("positivity", "multiplier", lowest, positivity.max_multiplier)
    yield from _check_range("positivity", "initial", positivity.min_initial, positivity.max_initial)
    for index, optimizer in enumerate(config.optimizer):
        yield from _check_optimizer(index, optimizer)
    yield from _check_architecture(config.architecture, card)


def _check_range(section: str, name: str, lowest: float | None, highest: float | None) -> Iterator[Violation]:
    """Yield the violation of a range whose limits are not both there, or not in their order."""
    smallest, largest = (KEY, section, f"min_{name}"), (KEY, section, f"max_{name}")
    if lowest is None and highest is None:
        return
    if lowest is None or highest is None:
        missing, given = (smallest, largest) if lowest is None else (largest, smallest)
        yield _expected(missing, f"this key beside {given[-1]}", "nothing")
    elif lowest >= highest:
        yield _expected(largest, f"more than {smallest[-1]} = {lowest:g}", f"{highest:g}")


def _check_optimizer(index: int, optimizer: ScannedOptimizer) -> Iterator[Violation]:
    allowed = OPTIMIZERS[optimizer.optimizer_name]
    for option in ("learning_rate", "clipnorm"):
        numbers: NumberRange | None = getattr(optimizer, option)
        key: KeyPath = (KEY, "optimizer", index, option)
        if numbers is None:
            continue
        if option not in allowed:
            expected = f"an option of {optimizer.optimizer_name}: {', '.join(allowed)}"
            yield _expected(key, expected, option, "remove it, or choose another optimizer_name")
        if numbers.min > numbers.max:
            yield _expected((*key, "max"), f"at least min = {numbers.min:g}", f"{numbers.max:g}", "swap the two")
        if numbers.sampling == "log" and numbers.min == 0:
            yield _expected((*key, "min"), "more than 0 for the sampling log", "0")


def _check_architecture(network: ScannedArchitecture, card: Runcard) -> Iterator[Violation]:
    parameters = card.parameters
    if network.n_layers:
        for name in ("min_units", "max_units"):
            if getattr(network, name) is None:
                yield _expected((KEY, "architecture", name), "this key beside n_layers", "nothing")
        hidden = set(parameters.activation_per_layer[:-1])
        lengths = {count + 1 for count in network.n_layers} - {len(parameters.activation_per_layer)}
        if not network.activations and lengths and len(hidden) != 1:
            key: KeyPath = (KEY, "architecture", "activations")
            received = f"nothing, and {', '.join(sorted(hidden)) or 'none'} in parameters.activation_per_layer"
            yield _expected(key, "this key beside n_layers, or one activation for all hidden layers", received)
    for name in ("min_units", "max_units"):
        if getattr(network, name) is not None and not network.n_layers:
            yield _expected((KEY, "architecture", "n_layers"), f"this key beside {name}", "nothing")
    if network.min_units is not None and network.max_units is not None and network.min_units > network.max_units:
        expected = f"at least min_units = {network.min_units:g}"
        yield _expected((KEY, "architecture", "max_units"), expected, f"{network.max_units:g}", "swap the two")
    types = network.layer_types or (parameters.layer_type,)
    if "dense_per_flavour" in types and (network.max_drop is not None or (network.layer_types and parameters.dropout)):
        key = (KEY, "architecture", "max_drop" if network.max_drop is not None else "layer_types")
        yield _expected(key, "no dropout with layer_type: dense_per_flavour", "both", "remove one of the two")
