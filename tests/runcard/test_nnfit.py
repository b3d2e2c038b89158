"""Cards of nnfit, which have a genetic algorithm in place of a network."""

from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard

Change = Callable[..., str]


@pytest.fixture
def nnfit_card(changed: Change) -> str:
    text = changed()
    begin, end = text.index("parameters:"), text.index("fitting:")
    return changed(
        (text[begin:end], ""),
        ("trvlseed: 1\nnnseed: 2\nmcseed: 3\ngenrep: true\n", ""),
        (
            "fitting:",
            "fitting:\n  seed: 65532133529\n  genrep: true\n  fitmethod: NGA\n  ngen: 30000\n  nnodes: [2, 5, 3, 1]",
        ),
    )


def test_network_and_training_are_those_of_nnpdf40(nnfit_card: str) -> None:
    with pytest.warns(RuncardWarning) as caught:
        card = parse_runcard(nnfit_card, name="card")
    assert len(caught) == 3
    assert "card:12: fitting: a card of nnfit, whose genetic algorithm n3fit does not have" in str(caught[2].message)
    parameters = card.parameters
    assert parameters.nodes_per_layer == (25, 20, 8)
    assert parameters.activation_per_layer == ("tanh", "tanh", "linear")
    assert parameters.optimizer.options == {"learning_rate": 2.621e-3, "clipnorm": 6.073e-6}
    assert (parameters.epochs, parameters.stopping_patience, parameters.threshold_chi2) == (17000, 0.1, 3.5)
    assert (parameters.positivity.initial, parameters.integrability.initial) == (184.8, 10)
    assert {card.trvlseed, card.nnseed, card.mcseed} == {65532133529 % 2**32}
    assert card.genrep


def test_seeds_are_never_invented(nnfit_card: str) -> None:
    with pytest.raises(RuncardError, match="trvlseed: expected this key, received nothing"):
        parse_runcard(nnfit_card.replace("  seed: 65532133529\n", ""))


def test_other_cards_need_their_parameters(changed: Change) -> None:
    text = changed()
    begin, end = text.index("parameters:"), text.index("fitting:")
    with pytest.raises(RuncardError, match="parameters: expected this key"):
        parse_runcard(changed((text[begin:end], "")))
