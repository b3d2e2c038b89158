"""Consistency of a runcard: rules between keys whose values are each valid on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import mul

from n3fit.defaults import DEFAULT_T0_SET
from n3fit.errors import RuncardError
from n3fit.runcard.basis_checks import check_basis, check_last_layer
from n3fit.runcard.closure import ClosureTest
from n3fit.runcard.cut_consistency import find_cut_problems
from n3fit.runcard.data_keys import LagrangeDataset
from n3fit.runcard.parameters import LagrangeMultipliers
from n3fit.runcard.pdf_model import find_model_problems, has_network
from n3fit.runcard.scan_checks import find_scan_problems
from n3fit.runcard.schema import Runcard
from n3fit.runcard.theory_covariance import find_covariance_inconsistencies
from n3fit.runcard.violations import Violation
from n3fit.runcard.vocabulary import INTEGRABILITY_PREFIXES, POSITIVITY_PREFIXES
from n3fit.storage.key_path import KeyPath
from n3fit.vocabulary import OPTIMIZERS

_PENALTY_SETS = (
    ("positivity", "posdatasets", POSITIVITY_PREFIXES),
    ("integrability", "integdatasets", INTEGRABILITY_PREFIXES),
)

_expected = Violation.expected


def find_inconsistencies(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules between keys."""
    yield from _check_datasets(card)
    yield from _check_penalty_sets(card, card.positivity.posdatasets, card.parameters.positivity, *_PENALTY_SETS[0])
    yield from _check_penalty_sets(
        card, card.integrability.integdatasets, card.parameters.integrability, *_PENALTY_SETS[1]
    )
    yield from find_cut_problems(card)
    yield from _check_initial_weights(card)
    yield from _check_seeds_and_split(card)
    yield from check_basis(card)
    yield from _check_regularizer(card)
    if card.trial_specs is None:
        yield from find_model_problems(card)
        if has_network(card):
            yield from check_last_layer(card)
            yield from _check_network(card)
        yield from _check_optimizer(card)
    yield from find_scan_problems(card)
    if card.theorycovmatconfig is not None:
        yield from find_covariance_inconsistencies(card.theorycovmatconfig)
    if card.closuretest is not None and card.closure_level is not None:
        yield from _check_closure_test(card, card.closuretest, card.closure_level)


def _repeated(names: Iterable[str], *parents: str) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            key: KeyPath = (*parents, index, "dataset")
            yield _expected(key, "every data set once", f"{name} for the second time", "remove one of them")
        seen.add(name)


def _check_datasets(card: Runcard) -> Iterator[Violation]:
    yield from _repeated((entry.dataset for entry in card.dataset_inputs), "dataset_inputs")
    for index, entry in enumerate(card.dataset_inputs):
        for kind, list_key, prefixes in _PENALTY_SETS:
            if entry.dataset.startswith(prefixes):
                key = ("dataset_inputs", index, "dataset")
                hint = f"move it to {kind}.{list_key}"
                yield _expected(key, "a measurement", f"the {kind} set {entry.dataset}", hint)
        if entry.sys is not None and entry.variant:
            both = f"sys: {entry.sys} and variant: {entry.variant}"
            hint = "sys is the variant of old names, such as legacy_10 for 10: keep one of the two"
            yield _expected(("dataset_inputs", index, "sys"), "sys or variant", both, hint)
        for cfactor, count in Counter(entry.cfac).items():
            if count > 1:
                yield _expected(("dataset_inputs", index, "cfac"), "every K-factor once", f"{cfactor} {count} times")


def _check_penalty_sets(
    card: Runcard,
    entries: Iterable[LagrangeDataset],
    growth: LagrangeMultipliers,
    kind: str,
    list_key: str,
    prefixes: tuple[str, ...],
) -> Iterator[Violation]:
    yield from _repeated((entry.dataset for entry in entries), kind, list_key)
    for index, entry in enumerate(entries):
        key = (kind, list_key, index)
        if not entry.dataset.startswith(prefixes):
            name = f"the name of a {kind} set, starting with {prefixes[0]}"
            yield _expected((*key, "dataset"), name, entry.dataset, "measurements belong under dataset_inputs")
        if card.trial_specs is not None:
            continue  # the schedule depends on the trial
        try:
            growth.schedule(entry.maxlambda, card.parameters.epochs)
        except RuncardError as error:
            received = f"maxlambda {entry.maxlambda:g} and multiplier {growth.multiplier}"
            multiplier = ("parameters", kind, "multiplier")
            yield _expected(multiplier, "a finite initial value of the multipliers", received, error.hint)


def _check_initial_weights(card: Runcard) -> Iterator[Violation]:
    if card.load is not None and card.load_weights_from_fit is not None:
        expected = "load or load_weights_from_fit"
        yield _expected(("load_weights_from_fit",), expected, "both", "remove one of the two")


def _check_seeds_and_split(card: Runcard) -> Iterator[Violation]:
    datasets = ("dataset_inputs",)
    if card.genrep and card.mcseed is None:
        yield _expected(("mcseed",), "an integer (required when genrep is true)", "nothing", "add a seed")
    if card.diagonal_basis and card.diagonal_frac == 0:
        yield _expected(("diagonal_frac",), "more than 0, so that training has data", "0")
    fractions = [1.0 if card.diagonal_basis else entry.frac for entry in card.dataset_inputs]
    weights = [entry.weight for entry in card.dataset_inputs]
    if not any(fractions):
        yield _expected(datasets, "some frac above 0, so that training has data", "0 everywhere")
    if not any(weights):
        yield _expected(datasets, "some weight above 0, so that data are fitted", "0 everywhere")
    if any(fractions) and any(weights) and not any(map(mul, fractions, weights)):
        expected = "a data set with weight and frac above 0, so that training has data"
        yield _expected(datasets, expected, "weight or frac 0 everywhere")


def _check_network(card: Runcard) -> Iterator[Violation]:
    parameters = card.parameters
    nodes, activations = parameters.nodes_per_layer, parameters.activation_per_layer
    if len(activations) != len(nodes):
        expected = f"{len(nodes)} activations, one for each of nodes_per_layer"
        yield _expected(("parameters", "activation_per_layer"), expected, f"{len(activations)}")
    if parameters.dropout > 0 and parameters.layer_type == "dense_per_flavour":
        expected = "0 with layer_type: dense_per_flavour"
        yield _expected(("parameters", "dropout"), expected, f"{parameters.dropout:g}", "use layer_type: dense")


def _check_regularizer(card: Runcard) -> Iterator[Violation]:
    parameters = card.parameters
    if parameters.regularizer_args is not None and parameters.regularizer is None:
        expected = "l1_l2 beside regularizer_args"
        yield _expected(("parameters", "regularizer"), expected, "nothing", "add regularizer: l1_l2")


def _check_optimizer(card: Runcard) -> Iterator[Violation]:
    optimizer = card.parameters.optimizer
    allowed = OPTIMIZERS[optimizer.optimizer_name]
    for option in optimizer.options:
        if option not in allowed:
            key = ("parameters", "optimizer", option)
            expected = f"an option of {optimizer.optimizer_name}: {', '.join(allowed)}"
            yield _expected(key, expected, option, "remove it, or choose another optimizer_name")


def _check_closure_test(card: Runcard, test: ClosureTest, level: int) -> Iterator[Violation]:
    if test.level is not None and test.fakedata is False:
        key = ("closuretest", "fakedata")
        yield _expected(key, f"true beside level: {test.level}", "false", "remove one of the two")
    if test.fakepdf is None:
        expected = "the PDF set that the data follow from"
        yield _expected(("closuretest", "fakepdf"), expected, "nothing", f"{DEFAULT_T0_SET} comes with n3fit")
    shifted = str(level > 0).lower()
    if test.level is not None and test.fakenoise is not None and test.fakenoise != (level > 0):
        received = str(test.fakenoise).lower()
        yield _expected(("closuretest", "fakenoise"), f"{shifted} for level {level}", received, "remove it")
    if level > 0 and test.filterseed is None:
        expected = f"an integer (required for level {level})"
        yield _expected(("closuretest", "filterseed"), expected, "nothing", "add a seed")
    if test.level is not None and card.genrep != (level == 2):
        genrep, other = ("true", 1) if level == 2 else ("false", 2)
        expected = f"{genrep} for a closure test of level {level}"
        hint = f"set genrep: {genrep}, or closuretest.level: {other}"
        yield _expected(("genrep",), expected, str(card.genrep).lower(), hint)
