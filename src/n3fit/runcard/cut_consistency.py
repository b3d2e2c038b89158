"""Consistency of the runcard keys of kinematic cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from n3fit.runcard.cut_keys import FROM_FIT, FROM_INTERSECTION, FROM_SIMILAR, CutRule
from n3fit.runcard.schema import Runcard
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath, format_key

_expected = Violation.expected


def find_cut_problems(card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules between the keys of cuts."""
    yield from _check_rules(
        [(("filter_rules",), card.filter_rules), (("added_filter_rules",), card.added_filter_rules)]
    )
    for index, entry in enumerate(card.cuts_intersection_spec):
        key: KeyPath = ("cuts_intersection_spec", index)
        lists = [((*key, "filter_rules"), entry.filter_rules), ((*key, "added_filter_rules"), entry.added_filter_rules)]
        yield from _check_rules(lists)
    yield from _check_choice(card)


def _check_rules(lists: Iterable[tuple[KeyPath, tuple[CutRule, ...] | None]]) -> Iterator[Violation]:
    seen: dict[CutRule, KeyPath] = {}
    for key, rules in lists:
        for index, rule in enumerate(rules or ()):
            place = (*key, index)
            if rule.dataset is None and rule.process_type is None:
                yield _expected(place, "dataset, process_type or both", "neither")
            known = rule.model_copy(update={"reason": None})
            if known in seen:
                yield _expected(place, "every rule once", f"that of {format_key(seen[known])} again", "remove it")
            seen.setdefault(known, place)


def _check_choice(card: Runcard) -> Iterator[Violation]:
    """Yield what the choice of points needs and the card does not have."""
    choice = card.datacuts.use_cuts
    needed = f"needed for use_cuts: {choice}"
    if choice == FROM_FIT and not card.fit:
        yield _expected(("fit",), f"the folder of a fit ({needed})", "nothing")
    if choice == FROM_INTERSECTION and not card.cuts_intersection_spec:
        yield _expected(("cuts_intersection_spec",), f"a list of entries ({needed})", "nothing")
    if choice == FROM_SIMILAR:
        count = len(card.cuts_intersection_spec)
        if count != 2:
            yield _expected(("cuts_intersection_spec",), f"two entries ({needed})", str(count))
        if card.cut_similarity_threshold is None:
            yield _expected(("cut_similarity_threshold",), f"a number ({needed})", "nothing", "2 is usual")
        for index, entry in enumerate(card.cuts_intersection_spec):
            for name in ("dataset_inputs", "pdf"):
                if not getattr(entry, name):
                    yield _expected(("cuts_intersection_spec", index, name), f"a value ({needed})", "nothing")
