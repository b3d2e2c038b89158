"""Tables of varied theories beside the theories that n3fit has built."""

from pathlib import Path

import pytest
from support.theories import write_varied_theory

from n3fit.errors import TheoryError
from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS
from n3fit.theory.covariance.theories import variation_theories
from n3fit.theory.covariance.variation_tables import VARIATIONS_FILE, built_variations, record_variations
from n3fit.theory.theories import read_theory_card

SEVEN = PRESCRIPTIONS["7 point"]
BUILT = {name: f"dis_nnlo_{number}" for number, name in enumerate((SEVEN.reference, *SEVEN.variations))}


def test_variations_of_the_embedded_theory_are_found(tmp_path: Path) -> None:
    assert built_variations("dis_nnlo", path=tmp_path) == {}
    record_variations(tmp_path, "dis_nnlo", read_theory_card("dis_nnlo"), BUILT)
    built = built_variations("dis_nnlo", path=tmp_path)
    assert built == BUILT
    assert variation_theories([SEVEN], "dis_nnlo", {}, built=built) == BUILT
    named = variation_theories([SEVEN], "dis_nnlo", {"2 1": 99}, built=built)
    assert named == BUILT | {"2 1": 99}
    # the table of the releases precedes
    assert variation_theories([SEVEN], 708, {}, built=built)["2 1"] == 711


def test_more_variations_are_added_and_those_of_another_card_are_replaced(tmp_path: Path) -> None:
    card = read_theory_card("dis_nnlo")
    record_variations(tmp_path, "dis_nnlo", card, {"2 1": "a"})
    record_variations(tmp_path, "other", card, {"2 1": "b"})
    record_variations(tmp_path, "dis_nnlo", card, {"1 2": "c"})
    assert built_variations("dis_nnlo", path=tmp_path) == {"2 1": "a", "1 2": "c"}
    record_variations(tmp_path, "dis_nnlo", dict(card) | {"alphas": 0.119}, {"0.5 1": "d"})
    # these are the variations of another theory of this name
    assert built_variations("dis_nnlo", path=tmp_path) == {}
    record_variations(tmp_path, "dis_nnlo", card, {"1 2": "c"})
    assert built_variations("dis_nnlo", path=tmp_path) == {"1 2": "c"}


def test_a_theory_of_the_same_name_with_another_card_has_no_variations(tmp_path: Path) -> None:
    write_varied_theory(tmp_path, "mine", [], 0.0)
    record_variations(tmp_path, "mine", read_theory_card("mine", path=tmp_path), BUILT)
    assert built_variations("mine", path=tmp_path) == BUILT
    card = tmp_path / "theory_mine" / "theory.yaml"
    card.write_text(card.read_text().replace("alphas: 0.118", "alphas: 0.12"))
    assert built_variations("mine", path=tmp_path) == {}


@pytest.mark.parametrize("text", ["- 1\n", "dis_nnlo: 3\n", "dis_nnlo: {theories: {}}\n", "a: [\n"])
def test_damaged_tables_are_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / VARIATIONS_FILE).write_text(text)
    with pytest.raises(TheoryError, match=VARIATIONS_FILE) as error:
        built_variations("dis_nnlo", path=tmp_path)
    assert "\n" not in error.value.message


def test_the_hint_of_a_theory_without_variations_names_the_command() -> None:
    with pytest.raises(TheoryError) as error:
        variation_theories([SEVEN], "dis_nnlo", {})
    assert "n3fit theory build dis_nnlo --scale-variations 7" in error.value.hint
