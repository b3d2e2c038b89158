"""Consistency of a runcard about the fitted flavours: basis, preprocessing, sum rules, last layer, polarised fits."""

from __future__ import annotations

from collections.abc import Iterator

from n3fit.errors import did_you_mean
from n3fit.runcard.pdf_model import has_network, has_preprocessing
from n3fit.runcard.schema import Runcard
from n3fit.runcard.violations import Violation
from n3fit.runcard.vocabulary import SUM_RULE_CHOICES
from n3fit.theory.bases import FITTING_BASES, FittingBasis
from n3fit.theory.sum_rules import AXIAL_SUM_RULES, NORMALISATIONS

_SQUARE_SINGLET = "square_singlet"
_SQUARED = ("sng", "g")

_expected = Violation.expected


def check_basis(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules about the fitted flavours."""
    basis = FITTING_BASES[card.fitting.fitbasis]
    yield from _check_flavours(card, basis)
    yield from _check_preprocessing(card)
    yield from _check_sum_rules(card, basis)
    yield from _check_boundary(card, basis)


def _check_flavours(card: Runcard, basis: FittingBasis) -> Iterator[Violation]:
    flavours = card.fitting.flavours
    for index, name in enumerate(flavours):
        key = ("fitting", "basis", index, "fl")
        if name not in basis.flavours:
            expected = f"a flavour of {basis.name}: {', '.join(basis.flavours)}"
            yield _expected(key, expected, name, did_you_mean(name, basis.flavours))
        elif name in flavours[:index]:
            yield _expected(key, "every flavour once", f"{name} again")


def _check_preprocessing(card: Runcard) -> Iterator[Violation]:
    if not has_preprocessing(card):
        return
    scaling = card.parameters.feature_scaling_points is not None and has_network(card)
    for index, entry in enumerate(card.fitting.basis):
        key = ("fitting", "basis", index, "largex")
        if scaling and entry.largex is not None and any(entry.largex):
            expected = "no largex, or [0, 0], beside parameters.feature_scaling_points"
            yield _expected(key, expected, f"{list(entry.largex)}", "remove one of the two")
        if not scaling and entry.largex is None:
            yield _expected(key, "[lowest, highest]", "nothing", "only feature scaling needs no largex")


def _check_sum_rules(card: Runcard, basis: FittingBasis) -> Iterator[Violation]:
    rules = card.fitting.sum_rules
    key = ("fitting", "sum_rules")
    if basis.polarised and rules not in ((AXIAL_SUM_RULES,), ()):
        names = [name for name, chosen in SUM_RULE_CHOICES.items() if chosen == rules and isinstance(name, str)]
        expected = f"{AXIAL_SUM_RULES} or false in the polarised basis {basis.name}"
        yield _expected(key, expected, names[0], f"set sum_rules: {AXIAL_SUM_RULES}")
        return
    if not set(card.fitting.flavours) <= set(basis.flavours):
        return
    for element in [factor.integral for rule in rules for factor in NORMALISATIONS[rule]]:
        needed = _flavours_of(basis, element)
        if needed and not needed.intersection(card.fitting.flavours):
            expected = f"sum rules of PDFs that are fitted, but {element} is zero"
            hint = f"add {' or '.join(sorted(needed))} to fitting.basis, or choose other sum rules"
            yield _expected(key, expected, ", ".join(rules), hint)


def _flavours_of(basis: FittingBasis, element: str) -> frozenset[str]:
    """Return the flavours of which an element of the FK basis is made; none for combinations of several quarks."""
    if basis.quarks:
        return frozenset(("g",)) if element == "g" else frozenset()
    return frozenset(basis.combinations.get(element, ()))


def check_last_layer(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules about the last layer of the network."""
    basis = FITTING_BASES[card.fitting.fitbasis]
    nodes, flavours = card.parameters.nodes_per_layer, card.fitting.flavours
    if nodes[-1] != len(flavours):
        expected = f"{len(flavours)} nodes in the last layer, one for each flavour of fitting.basis"
        yield _expected(("parameters", "nodes_per_layer"), expected, f"{nodes[-1]} in {list(nodes)}")
    if card.parameters.activation_per_layer[-1] != _SQUARE_SINGLET:
        return
    key = ("parameters", "activation_per_layer")
    if not basis.square_singlet:
        allowed = ", ".join(name for name, other in FITTING_BASES.items() if other.square_singlet)
        yield _expected(key, f"{_SQUARE_SINGLET} with one of the fitting bases {allowed}", basis.name, "use linear")
    elif sorted(flavours[:2]) != sorted(_SQUARED):
        expected = f"{' and '.join(_SQUARED)} first in fitting.basis, because {_SQUARE_SINGLET} squares these outputs"
        yield _expected(key, expected, ", ".join(flavours[:2]), "change the order of fitting.basis")


def _check_boundary(card: Runcard, basis: FittingBasis) -> Iterator[Violation]:
    if basis.polarised and card.positivity_bound is None:
        expected = "the unpolarised PDF set (unpolarized_bc) of a polarised fit"
        yield _expected(("positivity_bound",), expected, "nothing", "add positivity_bound: {unpolarized_bc: <PDF set>}")
    if basis.polarised:
        yield from _check_polarised_theory(card)
        return
    if card.positivity_bound is not None:
        expected = f"no such key in the unpolarised basis {basis.name}"
        yield _expected(("positivity_bound",), expected, "a mapping", "remove it, or choose a POLARIZED basis")
    if card.datacuts.unpolarized_bc is not None:
        expected = f"no such key in the unpolarised basis {basis.name}"
        yield _expected(("datacuts", "unpolarized_bc"), expected, card.datacuts.unpolarized_bc, "remove it")
    config = card.theorycovmatconfig
    if config is not None and config.unpolarized_bc is not None:
        expected = f"no such key in the unpolarised basis {basis.name}"
        yield _expected(("theorycovmatconfig", "unpolarized_bc"), expected, config.unpolarized_bc, "remove it")


def _check_polarised_theory(card: Runcard) -> Iterator[Violation]:
    """Yield keys whose predictions do not distinguish polarised and unpolarised PDFs yet."""
    if card.datacuts.use_cuts == "fromsimilarpredictions":
        expected = "cuts that need no predictions in a polarised fit"
        yield _expected(("datacuts", "use_cuts"), expected, card.datacuts.use_cuts, "not supported yet")
