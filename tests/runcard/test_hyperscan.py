"""What a scan samples, and the rules between it, the folds and the rest of a card."""

import warnings
from collections.abc import Callable

import pytest
from support.scan_cards import CARD, with_config

from n3fit.errors import RuncardError
from n3fit.hyperopt.scan_card import parse_scan_card
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.hyperscan import NumberRange

Config = Callable[[str], str]


def lines_of(text: str) -> list[str]:
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text, name="card", scanned=True)
    return caught.value.message.splitlines()


def notes_of(text: str, *, scanned: bool) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuncardWarning)
        parse_runcard(text, name="card", scanned=scanned)
    return [str(warning.message) for warning in caught]


def test_all_keys_are_read() -> None:
    config = """\
  stopping: {min_epochs: 1e3, max_epochs: 2e3, min_patience: 0.10, max_patience: 0.40}
  positivity: {min_multiplier: 1.01, max_multiplier: 1.10, min_initial: 1, max_initial: 100}
  optimizer:
  - {optimizer_name: Adadelta, learning_rate: {min: 0.008, max: 0.07}}
  - {optimizer_name: RMSprop, learning_rate: 0.5, clipnorm: {sampling: log, min: 1.0, max: 2.0}}
  architecture:
    {initializers: ALL, max_drop: 0.15, n_layers: [2, 3], min_units: 10, max_units: 50, activations: [tanh],
     layer_types: [dense]}
"""
    scan = parse_scan_card(with_config(config), "card", warn=False).hyperscan_config
    assert scan is not None
    assert (scan.stopping.min_epochs, scan.stopping.max_patience) == (1000, 0.4)
    assert scan.optimizer[0].learning_rate == NumberRange(min=0.008, max=0.07, sampling="uniform")
    assert scan.optimizer[0].clipnorm is None
    assert scan.optimizer[1].learning_rate == NumberRange(min=0.5, max=0.5)
    assert scan.optimizer[1].learning_rate.fixed
    assert scan.optimizer[1].clipnorm == NumberRange(min=1, max=2, sampling="log")
    assert scan.architecture.initializers == ("glorot_normal", "glorot_uniform", "random_uniform")
    assert scan.sampled_keys == (
        "epochs", "stopping_patience", "positivity", "optimizer", "nodes_per_layer", "activation_per_layer",
        "initializer", "layer_type", "dropout",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("  stopping: {min_epochs: 50}", "stopping.max_epochs: expected this key beside min_epochs, received nothing"),
        (
            "  stopping: {min_epochs: 50, max_epochs: 50}",
            "stopping.max_epochs: expected more than min_epochs = 50, received 50",
        ),
        ("  stopping: {min_patience: 1}", "stopping.max_patience: expected more than min_patience = 1, received 1"),
        ("  positivity: {min_initial: 1}", "positivity.max_initial: expected this key beside min_initial"),
        ("  positivity: {min_multiplier: 1}", "positivity.max_multiplier: expected this key beside min_multiplier"),
        (
            "  positivity: {max_multiplier: 0.9}",
            "positivity.max_multiplier: expected more than min_multiplier = 1, received 0.9",
        ),
        (
            "  optimizer: [{optimizer_name: Adam, learning_rate: {min: 0, max: 1, sampling: log}}]",
            "optimizer[0].learning_rate.min: expected more than 0 for the sampling log, received 0",
        ),
        (
            "  optimizer: [{optimizer_name: Adam, learning_rate: {min: 2, max: 1}}]",
            "optimizer[0].learning_rate.max: expected at least min = 2, received 1 (swap the two)",
        ),
        (
            "  optimizer: [{optimizer_name: Adamax, learning_rate: 0.1}]",
            "optimizer[0].learning_rate: expected an option of Adamax: clipnorm, received learning_rate",
        ),
        ("  optimizer: [{optimizer_name: Nadm}]", "received 'Nadm' (did you mean 'Nadam'?)"),
        (
            "  optimizer: [{optimizer_name: Adam, learning_rate: fast}]",
            "optimizer[0].learning_rate: expected a number, or a mapping with min, max and sampling, received 'fast'",
        ),
        (
            "  optimizer: [{optimizer_name: Adam, learning_rate: {min: 1, mx: 2}}]",
            "optimizer[0].learning_rate.mx: expected a known key, received 'mx' (did you mean 'max'?)",
        ),
        (
            "  optimizer: [{optimizer_name: Adam, learning_rate: {min: 1, max: 2, sampling: lin}}]",
            "sampling: expected one of uniform, log, received 'lin'",
        ),
        ("  architecture: {n_layers: [2], min_units: 4}", "max_units: expected this key beside n_layers"),
        ("  architecture: {max_units: 4}", "n_layers: expected this key beside max_units, received nothing"),
        (
            "  architecture: {n_layers: [1], min_units: 9, max_units: 4}",
            "max_units: expected at least min_units = 9, received 4",
        ),
        ("  architecture: {activations: [than]}", "activations[0]: expected one of"),
        ("  architecture: {max_drop: 1.0}", "architecture.max_drop: expected less than 1, received 1"),
        (
            "  architecture: {max_drop: 0.1, layer_types: [dense_per_flavour]}",
            "max_drop: expected no dropout with layer_type: dense_per_flavour, received both",
        ),
        ("  architecure: {max_drop: 0.1}", "received 'architecure' (did you mean 'architecture'?)"),
    ],
)
def test_mistakes_are_named(config: str, message: str) -> None:
    lines = lines_of(with_config(config + "\n"))
    assert any(message in line and "hyperscan_config" in line for line in lines), lines


def test_sampled_keys_must_be_parameters() -> None:
    card = with_config("  architecture: {max_drop: 0.1}\n", ("  dropout: 0.0\n", ""))
    assert lines_of(card) == [
        "card:19: parameters.dropout: expected this key, which hyperscan_config samples, received nothing "
        "(any value will do)"
    ]


def test_hidden_layers_without_one_activation() -> None:
    config = "  architecture: {n_layers: [1, 3], min_units: 4, max_units: 9}\n"
    two = ("[6, 8]", "[6, 5, 8]"), ("[tanh, linear]", "[tanh, relu, linear]")
    assert "activations: expected this key beside n_layers, or one activation" in lines_of(with_config(config, *two))[0]
    one = ("[6, 8]", "[6, 5, 8]"), ("[tanh, linear]", "[tanh, tanh, linear]")
    assert parse_runcard(with_config(config, *one), scanned=True).hyperscan_config is not None


def test_a_fold_that_leaves_nothing() -> None:
    names = "HERA_CC_318GEV_EM-SIGMARED, HERA_CC_318GEV_EP-SIGMARED, HERA_NC_300GEV_EP-SIGMARED"
    everything = CARD.replace("[HERA_CC_318GEV_EM-SIGMARED]", f"[{names}]")
    (line,) = lines_of(everything)
    assert "kfold.partitions[0].datasets: expected some data set of the fit outside of the fold" in line
    assert parse_runcard(everything.replace(f"[{names}]", f"[{names}], overfit: true").replace(
        "- datasets: [HERA_CC_318GEV_EM", "- {datasets: [HERA_CC_318GEV_EM"
    ).replace("overfit: true", "overfit: true}"), scanned=True).kfold is not None  # fmt: skip


def test_without_effect_in_a_fit() -> None:
    assert notes_of(CARD, scanned=False) == [
        "card:12: hyperscan_config, kfold: without effect in a fit: of scans, `n3fit hyperopt`"
    ]
    assert notes_of(CARD, scanned=True) == []


def test_points_are_split_in_a_scan() -> None:
    """Eigenvectors belong to no data set: cards that split them are read, and said to be treated otherwise."""
    card = CARD.replace("diagonal_basis: false\n", "")
    assert notes_of(card, scanned=True) == [
        "card:17: kfold: its folds leave data sets out, so that points are split and not eigenvectors: "
        "diagonal_basis: false"
    ]
    assert any("dataset_inputs[].frac: without effect" in note for note in notes_of(card, scanned=False))


def test_what_sampled_positivity_replaces_is_named() -> None:
    card = with_config("  positivity: {max_multiplier: 1.2}\n")
    assert notes_of(card, scanned=True) == [
        "card:26: parameters.positivity.{initial, threshold}: without effect beside hyperscan_config.positivity, "
        "which replaces parameters.positivity"
    ]
    both = with_config("  positivity: {max_multiplier: 1.2, min_initial: 1, max_initial: 2}\n")
    assert "parameters.positivity.threshold: without effect" in notes_of(both, scanned=True)[0]


def test_keys_beside_another_scan_have_no_effect() -> None:
    card = with_config("  from_hyperscan: earlier\n  architecture: {max_drop: 0.1}\n", ("  dropout: 0.0\n", ""))
    assert notes_of(card, scanned=True) == [
        "card:14: hyperscan_config.architecture: without effect beside hyperscan_config.from_hyperscan"
    ]


def test_integrability_is_not_sampled() -> None:
    card = CARD.replace(
        "hyperscan_config:\n", "hyperscan_config:\n  integrability: {min_initial: 2, max_initial: 50}\n"
    )
    assert notes_of(card, scanned=True) == [
        "card:13: hyperscan_config.integrability: without effect: scans sample no multipliers of the integrability sets"
    ]
