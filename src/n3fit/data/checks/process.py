"""Checks of the process of an observable: its type, category and kinematic variables."""

from __future__ import annotations

from difflib import get_close_matches

from n3fit.data.categories import CATEGORY_OF_TYPE, TOTAL_CROSS_SECTION, find_category
from n3fit.data.checks.findings import Place
from n3fit.data.coordinates import names_of_process
from n3fit.data.filter_rules import ALL_DIS
from n3fit.data.library_tables import WITHOUT_DATA
from n3fit.vocabulary import PROCESS_CATEGORIES

_SIMILAR = 0.8
"""Similarity above which an unknown type is taken for a misspelt one."""

OLD_COVERAGE = ["k1", "k2", "k3"]
"""Variables of the oldest form of files, which any process may have."""


def check_process(place: Place, *, set_name: str, category: str) -> None:
    """Check the type of the process of an observable.

    Cuts, the categories of a theory covariance and the coordinates of rules depend on it; see docs/own_data.md.
    """
    received = place.text("process_type")
    if received is None:
        return
    process = received.upper()
    here = place.at("process_type")
    known = (*CATEGORY_OF_TYPE, TOTAL_CROSS_SECTION)
    if process not in known:
        near = get_close_matches(process, known, n=1, cutoff=_SIMILAR)
        if near and process != ALL_DIS:
            here.expect(f"a type of process such as {near[0]}", f"did you mean {near[0]!r}?")
        else:
            here.note(
                f"{received} is not a known type: there are no default cuts for it, and it has no category for "
                "theory covariances",
                f"known types: {', '.join(known)}",
            )
        return
    _check_category(place, set_name=set_name, category=category, process=process)
    _check_coverage(place, process)


def _check_category(place: Place, *, set_name: str, category: str, process: str) -> None:
    expected = find_category(set_name, process)
    here = place.at("process_type")
    if expected is None:
        here.note(
            "the category of a total cross-section is the second word of the name of the set: expected one of Z0, "
            f"WPWM, DY, TTBAR, SINGLETOP there, received {set_name}; it has no category for theory covariances",
        )
    elif category not in PROCESS_CATEGORIES:
        here.problem(
            f"expected one of the categories {', '.join(PROCESS_CATEGORIES)} as nnpdf31_process of the set, received "
            f"{category!r}",
            f"write {expected}",
        )
    elif category != expected:
        here.note(f"n3fit takes the category {expected} of this type, nnpdf that of nnpdf31_process, {category}")


def _check_coverage(place: Place, process: str) -> None:
    coverage = place.at("kinematic_coverage")
    names = coverage.value
    accepted = names_of_process(process)
    if not isinstance(names, list) or names == OLD_COVERAGE or not accepted or process.split("_")[0] in WITHOUT_DATA:
        return
    for index, name in enumerate(names):
        if isinstance(name, str) and not name.startswith("extra_") and name not in (*accepted, "sqrts"):
            coverage.at(index).expect(f"variables of {process}: {', '.join(sorted(accepted))}")
