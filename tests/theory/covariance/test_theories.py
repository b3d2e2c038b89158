"""The table of theory variations, against the theory cards of the data library."""

from dataclasses import replace

import pytest

from n3fit.data.library import package_folder
from n3fit.errors import TheoryError
from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS
from n3fit.theory.covariance.theories import check_variation_cards, theory_families, variation_theories
from n3fit.theory.theories import Theory, open_theory

SEVEN = PRESCRIPTIONS["7 point"]


def cards(*keys: str) -> dict[int, dict[str, float]]:
    """Return some numbers of all theory cards of the data library."""
    found = {}
    for path in (package_folder() / "theory_cards").glob("*.yaml"):
        lines = [line.split(":", 1) for line in path.read_text().splitlines() if line.split(":")[0] in keys]
        found[int(path.stem)] = {key: float(value) for key, value in lines}
    return found


def test_theories_of_the_table_have_the_scales_and_alphas_of_their_variation() -> None:
    known = cards("XIF", "XIR", "alphas")
    checked = 0
    for family in theory_families():
        assert family.central <= known.keys(), family.name
        for name, theory in family.theories.items():
            words = name.split()
            if words[0] == "alphas":
                assert known[theory]["alphas"] == float(words[1]), (family.name, name)
            elif words[0] not in ("dis", "splitting"):
                scales = (known[theory]["XIF"], known[theory]["XIR"])
                assert scales == (float(words[-2]), float(words[-1])), (family.name, name)
            checked += theory in known
    assert checked == sum(len(family.theories) for family in theory_families()) > 400


def test_no_central_theory_is_in_two_families() -> None:
    centrals = [theory for family in theory_families() for theory in family.central]
    assert len(set(centrals)) == len(centrals)


def test_the_reference_is_the_unvaried_theory_of_the_family() -> None:
    found = variation_theories([SEVEN], 40000000, {})
    assert found == {
        "1 1": 708, "2 1": 711, "0.5 1": 705, "1 2": 709, "1 0.5": 707, "2 2": 712, "0.5 0.5": 704,
    }  # fmt: skip


def test_every_prescription_has_its_theories_where_they_exist() -> None:
    n3lo = variation_theories([PRESCRIPTIONS[name] for name in ("ad ihou", "dis ihou", "3pt hadronic")], 722, {})
    assert (n3lo["splitting central"], n3lo["splitting gg 1"], n3lo["splitting qq 6"]) == (722, 723, 783)
    assert (n3lo["dis lower"], n3lo["dis upper"], n3lo["hadronic 1 2"]) == (792, 793, 797)
    other = variation_theories([PRESCRIPTIONS["fhmruvv ihou"]], 40005027, {})
    assert (other["splitting function 1"], other["splitting function 14"]) == (40005028, 40005041)
    alphas = variation_theories([PRESCRIPTIONS["alphas 0118 0120 0116"]], 708, {})
    assert alphas == {"alphas 0.118": 708, "alphas 0.120": 809, "alphas 0.116": 806}


def test_named_theories_precede_the_table_and_replace_it() -> None:
    assert variation_theories([PRESCRIPTIONS["3f point"]], 708, {"2 1": 99})["2 1"] == 99
    named = {"2 1": "mine_up", "0.5 1": "mine_down"}
    found = variation_theories([PRESCRIPTIONS["3f point"]], "mine", named)
    assert found == {"1 1": "mine", **named}


def test_all_variations_without_a_theory_are_named() -> None:
    with pytest.raises(TheoryError, match=r"NNPDF4.1 NNLO.* lacks .*without a theory: 2 0.5, 0.5 2"):
        variation_theories([PRESCRIPTIONS["9 point"]], 41000000, {})
    with pytest.raises(TheoryError, match=r"theory 400 is in no family .*: 1 1, 2 1, 0.5 1 \(") as raised:
        variation_theories([PRESCRIPTIONS["3f point"]], 400, {})
    assert "theorycovmatconfig.theories" in raised.value.hint


def test_cards_with_other_scales_are_all_named() -> None:
    plain = open_theory("dis_nnlo")

    def theory(**card: float) -> Theory:
        return replace(plain, card=dict(plain.card) | card)

    check_variation_cards({"2 1": theory(XIF=2.0, XIR=1), "1 1": plain, "alphas 0.118": theory(alphas=0.118)})
    wrong = {"2 1": theory(XIF=1.0, XIR=1.0), "alphas 0.120": theory(alphas=0.118), "dis lower": theory(XIF=3.0)}
    with pytest.raises(TheoryError) as raised:
        check_variation_cards(wrong)
    first, second = raised.value.message.splitlines()
    assert first.endswith("XIF: expected 2 for the variation '2 1', received 1.0 in its card")
    assert second.endswith("alphas: expected 0.12 for the variation 'alphas 0.120', received 0.118 in its card")
