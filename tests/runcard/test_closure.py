"""Closure tests in runcards: levels, the older keys, and what does not go together."""

import warnings
from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard

Change = Callable[..., str]
LEGACY = "errorsize: 1.0, rancutmethod: 0, rancutprob: 1.0, rancuttrnval: false"


def with_closure(changed: Change, content: str, genrep: str = "false") -> str:
    return changed(("genrep: true", f"genrep: {genrep}\nclosuretest: {{{content}}}"))


@pytest.mark.parametrize(
    ("content", "genrep", "level"),
    [
        ("level: 0, fakepdf: X", "false", 0),
        ("level: 1, fakepdf: X, filterseed: 5", "false", 1),
        ("level: 2, fakepdf: X, filterseed: 5, fakenoise: true", "true", 2),
        ("fakedata: true, fakepdf: X, fakenoise: false", "false", 0),
        ("fakedata: true, fakepdf: X, fakenoise: false", "true", 0),
        ("fakedata: true, fakepdf: X, fakenoise: true, filterseed: 5", "false", 1),
        ("fakedata: true, fakepdf: X, fakenoise: true, filterseed: 5", "true", 2),
    ],
)
def test_levels_are_given_or_follow_from_the_older_keys(changed: Change, content: str, genrep: str, level: int) -> None:
    card = parse_runcard(with_closure(changed, content, genrep))
    assert card.closure_level == level
    assert card.closuretest is not None
    assert card.closuretest.fakepdf == "X"


@pytest.mark.parametrize("content", [f"fakedata: false, fakepdf: X, fakenoise: true, {LEGACY}", "filterseed: 1"])
@pytest.mark.parametrize("genrep", ["true", "false"])
def test_older_cards_of_measured_data_stay_as_they_are(changed: Change, content: str, genrep: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = parse_runcard(with_closure(changed, content, genrep))
    assert card.closuretest is None
    assert card.closure_level is None


def test_old_keys_of_closure_tests_are_named_once(changed: Change) -> None:
    keys = r"closuretest.\{errorsize, rancutmethod, rancutprob, rancuttrnval\}: without effect"
    with pytest.warns(RuncardWarning, match=keys) as caught:
        card = parse_runcard(with_closure(changed, f"level: 0, fakepdf: X, {LEGACY}"))
    assert (len(caught), card.closure_level) == (1, 0)


def test_a_key_without_effect_is_named(changed: Change) -> None:
    text = with_closure(changed, "level: 0, fakepdf: X, printpdf4gen: true")
    with pytest.warns(RuncardWarning, match=r"closuretest.printpdf4gen: without effect"):
        assert parse_runcard(text).closure_level == 0


@pytest.mark.parametrize(
    ("content", "genrep", "message"),
    [
        ("level: 3, fakepdf: X", "true", r"closuretest\.level: .*2.*received 3"),
        ("level: -1, fakepdf: X", "true", r"closuretest\.level: .*0.*received -1"),
        ("level: 0, fakepdf: X", "true", r"genrep: expected false for a closure test of level 0.*level: 2"),
        ("level: 1, fakepdf: X, filterseed: 1", "true", "genrep: expected false for a closure test of level 1"),
        ("level: 2, fakepdf: X, filterseed: 1", "false", "genrep: expected true for a closure test of level 2"),
        ("level: 0", "false", r"closuretest\.fakepdf: .*received nothing .*n3fit_dis_t0"),
        ("level: 1, fakepdf: X", "false", r"closuretest\.filterseed: expected an integer"),
        ("level: 0, fakepdf: X, fakenoise: true", "false", r"closuretest\.fakenoise: expected false for level 0"),
        ("level: 0, fakepdf: X, fakedata: false", "false", r"closuretest\.fakedata: expected true beside level: 0"),
        ("level: 0, fake_pdf: X", "false", "did you mean 'fakepdf'"),
    ],
)
def test_inconsistent_keys_are_refused(changed: Change, content: str, genrep: str, message: str) -> None:
    with pytest.raises(RuncardError, match=message):
        parse_runcard(with_closure(changed, content, genrep), name="card")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "level: 1, fakepdf: X, filterseed: 1, inconsistent_data_settings: {inconsistent_datasets: [A]}",
            "closuretest.inconsistent_data_settings: without effect beside inconsistent_fakedata: false",
        ),
        (
            "level: 0, fakepdf: X, inconsistent_fakedata: true",
            "closuretest.inconsistent_fakedata: without effect beside level 0, whose data have no noise",
        ),
    ],
)
def test_wrong_uncertainties_without_effect(changed: Change, content: str, message: str) -> None:
    with pytest.warns(RuncardWarning, match=message):
        parse_runcard(with_closure(changed, content))


def test_wrong_uncertainties_are_chosen_by_known_words(changed: Change) -> None:
    settings = "inconsistent_data_settings: {treatment_names: [ADDITIVE], names_uncertainties: [SPECIAL], factor: 2}"
    with pytest.raises(RuncardError) as caught:
        parse_runcard(with_closure(changed, f"level: 1, fakepdf: X, filterseed: 1, {settings}"))
    message = caught.value.message
    assert "treatment_names[0]: expected one of ADD, MULT, received 'ADDITIVE'" in message
    assert "inconsistent_data_settings.factor: expected a known key, received 'factor'" in message
