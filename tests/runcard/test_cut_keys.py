"""Keys of cuts: values, and what they need from each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, parse_runcard

Change = Callable[..., str]
RULE = "{dataset: NNPDF_POS_2P24GEV_F2U, rule: x > 0.1}"
CUTS = "datacuts: {t0pdfset: TOYLH_nnlo,"


def with_rule(changed: Change, text: str) -> str:
    return changed((RULE, f"{{process_type: DIS_ALL, rule: w2 > 20, {text}}}"))


def test_a_rule_with_every_key(changed: Change) -> None:
    keys = "dataset: NMC_X, local_variables: {w2: Q2 * (1 - x) / x, low: 3}, PTO: N3LO-, FNS: FONLL-C, IC: 1, reason: x"
    (rule,) = parse_runcard(with_rule(changed, keys)).added_filter_rules
    assert rule.local_variables == (("w2", "Q2 * (1 - x) / x"), ("low", "3"))
    assert (rule.dataset, rule.process_type, rule.PTO, rule.FNS, rule.IC) == (
        "NMC_X",
        "DIS_ALL",
        "N3LO-",
        "FONLL-C",
        True,
    )


def test_a_dumped_card_is_read_again(changed: Change) -> None:
    card = parse_runcard(with_rule(changed, "local_variables: {w2: Q2 * (1 - x) / x}"))
    assert Runcard.model_validate(card.model_dump()).model_dump() == card.model_dump()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("PTO: NNL", r"\.PTO: expected an order such as NNLO or N3LO"),
        ("PTO: 2", r"\.PTO: expected text"),
        ("IC: 2", r"\.IC: expected true or false, received 2"),
        ("ICC: 1", r"\.ICC: expected a known key"),
        ("local_variables: {w2: open('f')}", "expected an expression such as 'Q2 .*another function is not allowed"),
        ("local_variables: {w2: true}", "expected an expression for the local variable w2"),
        ("local_variables: {w 2: '1'}", "expected names of letters, digits and _ as local variables, not 'w 2'"),
        ("local_variables: [x > 1]", "local_variables: expected"),
    ],
)
def test_wrong_keys_of_rules(changed: Change, text: str, message: str) -> None:
    with pytest.raises(RuncardError, match=rf"card:47: added_filter_rules\[0\].*{message}"):
        parse_runcard(with_rule(changed, text), name="card")


def test_repeated_rules_are_refused_whatever_their_reason(changed: Change) -> None:
    text = changed((f"- {RULE}", f"- {RULE}\nfilter_rules:\n- {RULE.replace('}', ', reason: y}')}"))
    with pytest.raises(
        RuncardError, match=r"added_filter_rules\[0\]: expected every rule once, received that of filter_r"
    ):
        parse_runcard(text)


@pytest.mark.parametrize(
    ("value", "choice"),
    [("internal", "internal"), ("nocuts", "nocuts"), ("false", "nocuts"), ("no", "nocuts")],
)
def test_choices_of_points(changed: Change, value: str, choice: str) -> None:
    assert parse_runcard(changed((CUTS, f"{CUTS} use_cuts: {value},"))).datacuts.use_cuts == choice


@pytest.mark.parametrize(
    ("value", "added", "message"),
    [
        ("intern", "", "use_cuts: expected one of internal, .*did you mean 'internal'"),
        ("true", "", r"fit: expected the folder of a fit \(needed for use_cuts: fromfit\), received nothing"),
        ("fromintersection", "", "cuts_intersection_spec: expected a list of entries"),
        (
            "fromsimilarpredictions",
            "cut_similarity_threshold: 2",
            "cuts_intersection_spec: expected two entries.*received 0",
        ),
        (
            "fromsimilarpredictions",
            "cuts_intersection_spec: [{pdf: A}, {pdf: B, dataset_inputs: [{dataset: C}]}]",
            r"(?s)cut_similarity_threshold: expected a number.*_spec\[0\].dataset_inputs: expected a value",
        ),
    ],
)
def test_what_a_choice_needs(changed: Change, value: str, added: str, message: str) -> None:
    with pytest.raises(RuncardError, match=message):
        parse_runcard(f"{changed((CUTS, f'{CUTS} use_cuts: {value},'))}{added}\n")


def test_lists_of_names_may_be_switched_off(changed: Change) -> None:
    text = changed((CUTS, CUTS))
    assert parse_runcard(text + "drop_internal_rules: false\n").drop_internal_rules == ()
    assert parse_runcard(text + "drop_internal_rules: [A, B]\n").drop_internal_rules == ("A", "B")


def test_places_of_keys_are_those_of_the_file(card_text: str) -> None:
    card = parse_runcard(card_text, name="card.yml")
    assert card.where(("added_filter_rules", 0, "rule")) == "card.yml:47: added_filter_rules[0].rule"
    assert Runcard.model_validate(card.model_dump()).where(("datacuts", "q2min")) == "datacuts.q2min"
