"""What the evolution and the building of tables can do with the theories of the field."""

from __future__ import annotations

from collections import Counter

import pytest

from n3fit.data.library import package_folder
from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.capabilities import (
    check_building,
    check_evolution,
    check_evolution_keys,
    describe_obstacles,
    evolution_obstacles,
)
from n3fit.theory.theory_card import TheoryCard


def test_every_card_of_the_data_library_is_read():
    """423 cards: which of them the evolution refuses depends on two keys alone."""
    refused, cards = Counter(), 0
    for path in sorted((package_folder() / "theory_cards").glob("*.yaml")):
        content = read_yaml(path)
        card = TheoryCard.from_mapping(content, source=str(path))
        check_evolution_keys(content, source=str(path))
        obstacles = [text.partition(":")[0] for text in evolution_obstacles(card)]
        expected = {"PTO": card.PTO == 3, "QED": card.QED > 0}
        assert set(obstacles) == {key for key, stands in expected.items() if stands}, path
        refused.update(obstacles)
        cards += 1
    assert cards == 423
    assert refused == {"PTO": 208, "QED": 38}


@pytest.mark.parametrize(
    "changes",
    [{"FNS": scheme} for scheme in ("FONLL-A", "FONLL-B", "FONLL-C", "FONLL-D", "FONLL-E", "ZM-VFNS")]
    + [{"TMC": 3}, {"TMC": 2}, {"XIR": 2.0}, {"DAMP": 1}, {"MaxNfPdf": 4}, {"FNS": "FFNS", "NfFF": 4}],
)
def test_making_of_tables_does_not_concern_the_evolution(changes):
    assert evolution_obstacles(TheoryCard.from_mapping(changes)) == []


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"PTO": 3}, r"PTO: 3 \(N3LO evolution\)"),
        ({"QED": 2}, r"QED: 2 \(evolution with the photon\)"),
        ({"HQ": "MSBAR"}, r"HQ: MSBAR \(running quark masses\)"),
        ({"SxRes": 1}, "SxRes: 1"),
        ({"MaxNfPdf": 6}, "MaxNfPdf: 6"),
        ({"FNS": "FFNS", "NfFF": 6, "nf0": 6}, "NfFF: 6"),
        ({"FNS": "FFNS", "NfFF": 3, "nf0": 4}, "nf0: 4 beside NfFF: 3"),
    ],
)
def test_another_evolution_is_refused_wherever_it_would_be_computed(changes, obstacle):
    card = TheoryCard.from_mapping(changes)
    with pytest.raises(TheoryError, match=f"card 7: the evolution of n3fit does not have {obstacle}"):
        check_evolution(card, source="card 7")
    with pytest.raises(TheoryError, match=obstacle):
        EvolutionOperators(card, standard_xgrid())


def test_all_obstacles_are_named_at_once():
    with pytest.raises(TheoryError, match=r"PTO: 3 .*, QED: 2 .*, SxRes: 1"):
        check_evolution(TheoryCard(PTO=3, QED=2, SxRes=1), source="card")


def test_evolution_guesses_no_key():
    with pytest.raises(TheoryError, match="card: the theory card lacks alphas, mb"):
        check_evolution_keys({"PTO": 2, "ModEv": "TRN", "Qref": 91.2, "Q0": 1.65, "mc": 1.5, "mb": None}, source="card")


def test_a_fit_is_told_beforehand():
    card = {"PTO": 2, "ModEv": "TRN", "alphas": 0.118, "Qref": 91.2, "Q0": 1.65, "mc": 1.51, "mb": 4.92}
    assert describe_obstacles(card | {"FNS": "FONLL-B", "TMC": 3}, source="theory 7") == ""
    for changes, text in (({"QED": 2}, "QED: 2"), ({"FNS": "new"}, "FNS: expected"), ({"mb": None}, "lacks mb")):
        note = describe_obstacles(card | changes, source="theory 7")
        assert note.startswith("the fit can be made, but n3fit evolve will refuse it: theory 7: ")
        assert text in note


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"PTO": 3}, r"PTO: 3 \(N3LO evolution\)"),
        ({"QED": 1}, "QED: 1"),
        ({"HQ": "MSBAR"}, "HQ: MSBAR"),
        ({"FNS": "FONLL-D"}, r"FNS: FONLL-D \(ZM-VFNS, FONLL-A, FONLL-B, FONLL-C, FFNS, FFN0 are there\)"),
        ({"FNS": "FONLL-FFNS"}, "FNS: FONLL-FFNS"),
        ({"PTO": 1}, r"FNS: FONLL-C beside PTO: 1 \(FONLL-C is NNLO\)"),
        ({"FNS": "FONLL-A"}, r"FNS: FONLL-A beside PTO: 2 \(FONLL-A is LO or NLO\)"),
        ({"FNS": "FONLL-B", "PTO": 0}, "FONLL-B is NLO"),
        ({"DAMP": 1}, "DAMP: 1 beside IC: 1"),
        ({"DAMP": 2, "IC": 0}, "DAMP: 2"),
        ({"nf0": 5, "Q0": 5.0}, "nf0: 5 at Q0: 5"),
        ({"nf0": 3}, "nf0: 3 at Q0: 1.65"),
        ({"nf0": 4, "Q0": 1.4}, "nf0: 4 at Q0: 1.4"),
        ({"MaxNfPdf": 3}, "nf0: 4 beside MaxNfPdf: 3"),
        ({"FNS": "FFNS", "NfFF": 3}, "nf0: 4 beside NfFF: 3"),
    ],
)
def test_tables_that_n3fit_cannot_build(changes, obstacle):
    with pytest.raises(TheoryError, match=f"the tables of n3fit do not have .*{obstacle}"):
        check_building(TheoryCard(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PTO": 1, "FNS": "FONLL-A"},
        {"PTO": 0, "FNS": "FONLL-A"},
        {"PTO": 1, "FNS": "FONLL-B", "DAMP": 1, "IC": 0, "nf0": 3, "Q0": 1.0},
        {"FNS": "ZM-VFNS", "PTO": 1},
        {"FNS": "FFNS", "NfFF": 3, "nf0": 3},
        {"FNS": "FFNS", "NfFF": 5, "nf0": 5},
        {"TMC": 3},
        {"IC": 0},
        {"MaxNfPdf": 4},
        {"Q0": 1.25, "nf0": 3},
        {"Q0": 4.9},
        {"Q0": 1.51, "nf0": 3, "IC": 0},
    ],
)
def test_tables_that_n3fit_can_build(changes):
    check_building(TheoryCard(**changes))


@pytest.mark.parametrize("scheme", ["None", "expanded", "exponentiated"])
def test_varied_scales_can_be_built_and_evolved(scheme):
    check_building(TheoryCard(XIF=0.5, XIR=2.0, ModSV=scheme))
