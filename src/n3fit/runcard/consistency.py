"""Contradictions between keys of a runcard that are each right on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from n3fit.errors import RuncardError, did_you_mean
from n3fit.runcard.closure import closure_contradictions
from n3fit.runcard.vocabulary import (
    FITTING_BASES,
    INTEGRABILITY_PREFIXES,
    POSITIVITY_PREFIXES,
)
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.vocabulary import OPTIMIZERS

if TYPE_CHECKING:
    from n3fit.runcard.schema import Runcard


@dataclass(frozen=True)
class Contradiction:
    """A key whose value does not go with another one."""

    key: KeyPath
    expected: str
    received: str
    hint: str = ""

    def describe(self) -> str:
        """Give one line without the file and the line number."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{format_key(self.key)}: expected {self.expected}, received {self.received}{hint}"


def find_contradictions(card: Runcard) -> Iterator[Contradiction]:
    """Give every contradiction in the card."""
    yield from _check_datasets(card)
    yield from _check_penalties(card)
    yield from _check_filter_rules(card)
    yield from _check_seeds_and_split(card)
    yield from _check_basis(card)
    yield from _check_network(card)
    yield from _check_optimizer(card)
    for contradiction in closure_contradictions(card):
        yield Contradiction(*contradiction)


def _repeated(names: Iterable[str], *parents: str) -> Iterator[Contradiction]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield Contradiction(
                (*parents, index, "dataset"), "every data set once", f"{name} for the second time", "remove one of them"
            )
        first.setdefault(name, index)


def _check_datasets(card: Runcard) -> Iterator[Contradiction]:
    names = [entry.dataset for entry in card.dataset_inputs]
    yield from _repeated(names, "dataset_inputs")
    for index, name in enumerate(names):
        for kind, home, prefixes in (
            ("positivity", "positivity.posdatasets", POSITIVITY_PREFIXES),
            ("integrability", "integrability.integdatasets", INTEGRABILITY_PREFIXES),
        ):
            if name.startswith(prefixes):
                yield Contradiction(
                    ("dataset_inputs", index, "dataset"),
                    "a measurement",
                    f"the {kind} set {name}",
                    f"move it to {home}",
                )
    for index, entry in enumerate(card.dataset_inputs):
        for cfactor, count in Counter(entry.cfac).items():
            if count > 1:
                yield Contradiction(
                    ("dataset_inputs", index, "cfac"), "every K-factor once", f"{cfactor} {count} times"
                )


def _check_penalties(card: Runcard) -> Iterator[Contradiction]:
    for kind, key, prefixes, entries, growth in (
        (
            "positivity",
            "posdatasets",
            POSITIVITY_PREFIXES,
            card.positivity.posdatasets,
            card.parameters.positivity,
        ),
        (
            "integrability",
            "integdatasets",
            INTEGRABILITY_PREFIXES,
            card.integrability.integdatasets,
            card.parameters.integrability,
        ),
    ):
        yield from _repeated((entry.dataset for entry in entries), kind, key)
        for index, entry in enumerate(entries):
            where = (kind, key, index)
            if not entry.dataset.startswith(prefixes):
                yield Contradiction(
                    (*where, "dataset"),
                    f"the name of a {kind} set, starting with {prefixes[0]}",
                    entry.dataset,
                    "measurements belong under dataset_inputs",
                )
            if growth.multiplier is None and growth.initial is not None and growth.initial > entry.maxlambda:
                yield Contradiction(
                    (*where, "maxlambda"),
                    f"at least parameters.{kind}.initial = {growth.initial:g}",
                    f"{entry.maxlambda:g}",
                    "the multiplier would shrink",
                )
                continue
            try:
                growth.schedule(entry.maxlambda, card.parameters.epochs)
            except RuncardError as error:
                received = f"maxlambda {entry.maxlambda:g} and multiplier {growth.multiplier}"
                yield Contradiction(
                    ("parameters", kind, "multiplier"), "a finite start of the multipliers", received, error.hint
                )


def _check_filter_rules(card: Runcard) -> Iterator[Contradiction]:
    for index, rule in enumerate(card.added_filter_rules):
        if (rule.dataset is None) == (rule.process_type is None):
            received = "neither" if rule.dataset is None else "both"
            yield Contradiction(("added_filter_rules", index), "either dataset or process_type", received)


def _check_seeds_and_split(card: Runcard) -> Iterator[Contradiction]:
    if card.genrep and card.mcseed is None:
        yield Contradiction(("mcseed",), "an integer, for genrep: true draws pseudodata", "nothing", "give a seed")
    if card.diagonal_basis and card.diagonal_frac == 0:
        yield Contradiction(("diagonal_frac",), "more than 0, or nothing is left for training", "0")
    if not card.diagonal_basis and all(entry.frac == 0 for entry in card.dataset_inputs):
        yield Contradiction(("dataset_inputs",), "some frac above 0, or nothing is left for training", "0 everywhere")
    if all(entry.weight == 0 for entry in card.dataset_inputs):
        yield Contradiction(("dataset_inputs",), "some weight above 0, or nothing is fitted", "0 everywhere")


def _check_basis(card: Runcard) -> Iterator[Contradiction]:
    fitbasis, flavours = card.fitting.fitbasis, card.fitting.flavours
    known = FITTING_BASES[fitbasis]
    for index, name in enumerate(flavours):
        if name not in known:
            yield Contradiction(
                ("fitting", "basis", index, "fl"),
                f"a flavour of {fitbasis}: {', '.join(known)}",
                name,
                did_you_mean(name, known),
            )
        elif name in flavours[:index]:
            yield Contradiction(("fitting", "basis", index, "fl"), "every flavour once", f"{name} again")
    missing = [name for name in known if name not in flavours]
    if missing and all(name in known for name in flavours):
        yield Contradiction(
            ("fitting", "basis"),
            f"the {len(known)} flavours of {fitbasis}: {', '.join(known)}",
            f"a list without {', '.join(missing)}",
        )
    scaling = card.parameters.feature_scaling_points is not None
    for index, entry in enumerate(card.fitting.basis):
        if scaling and entry.largex is not None:
            yield Contradiction(
                ("fitting", "basis", index, "largex"),
                "no largex, for parameters.feature_scaling_points is given",
                f"{list(entry.largex)}",
                "remove one of the two",
            )
        if not scaling and entry.largex is None:
            yield Contradiction(
                ("fitting", "basis", index, "largex"),
                "[lowest, highest]",
                "nothing",
                "only feature scaling goes without",
            )


def _check_network(card: Runcard) -> Iterator[Contradiction]:
    parameters = card.parameters
    nodes, activations = parameters.nodes_per_layer, parameters.activation_per_layer
    outputs = len(FITTING_BASES[card.fitting.fitbasis])
    if nodes[-1] != outputs:
        yield Contradiction(
            ("parameters", "nodes_per_layer"),
            f"{outputs} nodes in the last layer, one for each flavour of {card.fitting.fitbasis}",
            f"{nodes[-1]} in {list(nodes)}",
        )
    if len(activations) != len(nodes):
        yield Contradiction(
            ("parameters", "activation_per_layer"),
            f"{len(nodes)} activations, one for each of nodes_per_layer",
            f"{len(activations)}",
        )
    if parameters.dropout > 0 and parameters.layer_type == "dense_per_flavour":
        yield Contradiction(
            ("parameters", "dropout"), "0 with layer_type: dense_per_flavour", f"{parameters.dropout:g}", "use dense"
        )
    if parameters.regularizer_args is not None and parameters.regularizer is None:
        yield Contradiction(
            ("parameters", "regularizer"), "l1_l2, for regularizer_args is given", "nothing", "add regularizer: l1_l2"
        )


def _check_optimizer(card: Runcard) -> Iterator[Contradiction]:
    optimizer = card.parameters.optimizer
    allowed = OPTIMIZERS[optimizer.optimizer_name]
    for option in optimizer.options:
        if option not in allowed:
            yield Contradiction(
                ("parameters", "optimizer", option),
                f"an option of {optimizer.optimizer_name}: {', '.join(allowed)}",
                option,
                "remove it, or choose another optimizer_name",
            )
