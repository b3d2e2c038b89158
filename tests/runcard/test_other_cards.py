"""Cards for validphys."""

import pytest

from n3fit.runcard import NotAFitError, RuncardWarning, parse_runcard


def test_a_card_of_actions_is_named() -> None:
    text = "pdf: A\npdfs: [B, {id: C}, A]\nNeig: 50\nactions_:\n- mc2hessian\n- report(main=true)\n"
    with pytest.raises(
        NotAFitError, match="card: expected a card of a fit, received one with the actions mc2h"
    ) as caught:
        parse_runcard(text, name="card")
    assert caught.value.actions == ("mc2hessian", "report(main=true)")
    assert caught.value.pdf_sets == ("A", "B")
    assert caught.value.exit_code == 2


def test_actions_in_a_card_of_a_fit_have_no_effect(card_text: str) -> None:
    with pytest.warns(RuncardWarning, match="card:1: actions_: without effect: keys of validphys"):
        card = parse_runcard("actions_: [datacuts]\n" + card_text, name="card")
    assert card.model_dump() == parse_runcard(card_text).model_dump()
