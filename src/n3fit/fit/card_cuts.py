"""The rules of a runcard: default and added ones, their limits, and the theory that they are for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from n3fit.data import DEFAULT_LIMITS, CommonData, Cuts, FilterRule, TheoryFeatures, default_rules
from n3fit.data.filter_rules import ALL_DIS
from n3fit.data.library import current_name, process_types
from n3fit.data.own_data import all_names, is_dataset
from n3fit.errors import RuncardError, TheoryError, did_you_mean
from n3fit.runcard import CutRule, CutsOfEntry, Runcard, RuncardWarning
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.theory.theories import fits_charm


def theory_features(card: Mapping[str, Any], identifier: int | str) -> TheoryFeatures:
    """Return what rules require of the theory with this card.

    Raises
    ------
    TheoryError
        The card does not have the order or the heavy-quark scheme.
    """
    try:
        return TheoryFeatures(order=int(card["PTO"]), scheme=str(card["FNS"]), fitted_charm=fits_charm(card))
    except (KeyError, TypeError, ValueError) as error:
        raise TheoryError(
            f"the card of theory {identifier}: expected the order PTO and the heavy-quark scheme FNS, on which cuts "
            f"depend, received {card.get('PTO')!r} and {card.get('FNS')!r}"
        ) from error


def cuts_of_card(card: Runcard, theory: TheoryFeatures, entry: int | None = None) -> Cuts:
    """Return the cuts of a runcard.

    Parameters
    ----------
    card : Runcard
    theory : TheoryFeatures
    entry : int, optional
        Number of the entry of ``cuts_intersection_spec`` whose keys take the place of those of the card.

    Raises
    ------
    RuncardError
        A limit has two values.
    """
    changes = CutsOfEntry() if entry is None else card.cuts_intersection_spec[entry]
    inside: KeyPath = () if entry is None else ("cuts_intersection_spec", entry)
    internal = _rules_of(card, changes, inside, "filter_rules")
    added = _rules_of(card, changes, inside, "added_filter_rules") or ()
    names = card.drop_internal_rules if changes.drop_internal_rules is None else changes.drop_internal_rules
    dropped = {current_name(name, None)[0] for name in names}
    kept = (rule for rule in (default_rules() if internal is None else internal) if rule.dataset not in dropped)
    return Cuts(rules=(*kept, *added), limits=_limits(card, changes, inside), theory=theory)


def _rules_of(card: Runcard, changes: CutsOfEntry, inside: KeyPath, name: str) -> tuple[FilterRule, ...] | None:
    """Return the rules of a key of the entry, or of the card where the entry does not have it."""
    own = getattr(changes, name)
    rules, key = (getattr(card, name), (name,)) if own is None else (own, (*inside, name))
    return None if rules is None else tuple(_converted(rules, key))


def _limits(card: Runcard, changes: CutsOfEntry, inside: KeyPath) -> dict[str, float]:
    """Return the limits: ``filter_defaults`` or the default ones, with those of the card in their place."""
    replacement = changes.filter_defaults or card.filter_defaults
    values = dict(DEFAULT_LIMITS) if replacement is None else replacement.model_dump(exclude_none=True)
    for name in DEFAULT_LIMITS:
        own, of_card = getattr(changes, name), getattr(card.datacuts, name)
        value = of_card if own is None else own
        if value is None:
            continue
        if replacement is not None and values.get(name, value) != value:
            key: KeyPath = ("datacuts", name) if own is None else (*inside, name)
            expected = f"the value of filter_defaults.{name}, {values[name]:g}"
            raise RuncardError(
                f"{card.where(key)}: expected {expected}, received {value:g}", hint="remove one of the two"
            )
        values[name] = value
    return values


def _converted(rules: Iterable[CutRule], key: KeyPath) -> Iterator[FilterRule]:
    for index, rule in enumerate(rules):
        yield FilterRule(
            dataset=None if rule.dataset is None else current_name(rule.dataset, None)[0],
            process_type=rule.process_type,
            rule=rule.rule,
            local_variables=dict(rule.local_variables or ()),
            order=rule.PTO,
            scheme=rule.FNS,
            fitted_charm=rule.IC,
            reason=rule.reason or "",
            origin=format_key((*key, index)),
        )


def check_scopes(card: Runcard, cuts: Cuts, datasets: Sequence[CommonData], path: Path | None = None) -> None:
    """Check that every rule of a runcard is about one of the data sets, positivity and integrability sets included.

    ``path`` is a folder of data of the user, besides those that are always searched.

    Raises
    ------
    RuncardError
        A rule, or an entry of ``drop_internal_rules``, names a data set or process type that does not exist.

    Warns
    -----
    RuncardWarning
        For each rule that is about none of the data sets, and each name in ``drop_internal_rules`` without a rule.
    """
    problems = []
    present = {dataset.name for dataset in datasets}
    for list_key in ("filter_rules", "added_filter_rules"):
        for index, rule in enumerate(_converted(getattr(card, list_key) or (), (list_key,))):
            key = (list_key, index)
            hit = any(rule.applies_to(dataset) for dataset in datasets)
            wrong = [*_unknown_dataset(rule.dataset, present, path)]
            wrong += [] if hit else [*_unknown_process(rule.process_type)]
            problems += [f"{card.where((*key, part))}: {text}" for part, text in wrong]
            if not hit and not wrong:
                scope = " or ".join(name for name in (rule.dataset, rule.process_type) if name is not None)
                _warn(f"{card.where(key)}: the rule is about no data set of this fit: {scope} is not in it")
    cut = {rule.dataset for rule in default_rules()} | {rule.dataset for rule in cuts.rules}
    idle = []
    for index, name in enumerate(card.drop_internal_rules):
        today = current_name(name, None)[0]
        unknown = [*_unknown_dataset(today, present | {entry for entry in cut if entry is not None}, path)]
        problems += [f"{card.where(('drop_internal_rules', index))}: {text}" for _, text in unknown]
        if not unknown and (today not in cut or today not in present):
            idle.append(name)
    if problems:
        raise RuncardError("\n".join(problems))
    if idle:
        _warn(f"{card.where(('drop_internal_rules',))}: without effect for {', '.join(idle)}: no such cut in this fit")


def _unknown_dataset(name: str | None, present: set[str], path: Path | None) -> Iterator[tuple[str, str]]:
    if name is not None and name not in present and not is_dataset(name, path):
        yield "dataset", f"expected the name of a data set, received {name}{_guess(name, all_names(path))}"


def _unknown_process(name: str | None) -> Iterator[tuple[str, str]]:
    known = process_types() | {ALL_DIS}
    if name is not None and name not in known:
        yield "process_type", f"expected a type of process, received {name}{_guess(name, known)}"


def _guess(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return f" ({hint})" if hint else ""


def _warn(text: str) -> None:
    warnings.warn(text, RuncardWarning, stacklevel=3)
