"""Identifiers and folders of theories that are built from a card."""

from pathlib import Path

import pytest

from n3fit.errors import TheoryError
from n3fit.theory.theory_folders import user_theories_folder
from n3fit.theory.theory_names import check_identifier, choose_folder, derive_identifier


@pytest.mark.parametrize(
    ("source", "card", "settings", "identifier"),
    [
        ("708", {"ID": 708}, [], "708"),
        ("dis_nnlo", {"ID": "dis_nnlo"}, ["PTO=1", "FNS=FONLL-A"], "dis_nnlo_PTO1_FNSFONLL-A"),
        ("cards/mine.yaml", {}, ["alphas=0.119"], "mine_alphas0.119"),
        ("cards/mine.yaml", {"ID": 903}, [], "903"),
        ("708", {"ID": "new"}, ["ID=new", "AS=0.12"], "new_alphas0.12"),
        ("708", {"ID": 708}, ["Comments=a long text"], "708"),
        ("708", {"ID": 708}, ["CKM=[1, 0, 0, 0, 1, 0, 0, 0, 1]"], "708_CKM-1-0-0-0-1-0-0-0-1-"),
    ],
)
def test_the_replaced_keys_are_in_the_name(source, card, settings, identifier):
    assert derive_identifier(source, card, settings) == identifier
    assert choose_folder(source, card, settings=settings) == (
        identifier,
        user_theories_folder() / f"theory_{identifier}",
    )


@pytest.mark.parametrize("identifier", ["", "../up", "a/b", ".hidden", "a b", "é"])
def test_a_name_is_safe_in_a_path(identifier):
    with pytest.raises(TheoryError, match="--name: expected letters"):
        check_identifier(identifier, source="--name")
    with pytest.raises(TheoryError, match="expected letters"):
        derive_identifier("card.yaml", {"ID": identifier}, [])


def test_the_folder_has_the_name_of_the_theory():
    assert choose_folder("708", {}, output=Path("there/theory_new"))[0] == "new"
    assert choose_folder("708", {}, output=Path("theory_new"), name="new") == ("new", Path("theory_new"))
    for output, name in ((Path("there"), None), (Path("theory_new"), "other")):
        with pytest.raises(TheoryError, match="expected a folder named theory_"):
            choose_folder("708", {}, output=output, name=name)
