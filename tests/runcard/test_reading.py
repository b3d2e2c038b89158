"""Reading runcards from files."""

from pathlib import Path

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import read_runcard

PEER_CARDS = Path(__file__).parents[3] / "shared" / "peer" / "runcards"


def test_reading_a_file(tmp_path: Path, card_text: str) -> None:
    path = tmp_path / "card.yml"
    path.write_text(card_text)
    card = read_runcard(path)
    assert card.description == "a small fit"
    assert card.source_text == card_text
    assert read_runcard(str(path)) == card


def test_messages_name_the_file(tmp_path: Path, card_text: str) -> None:
    path = tmp_path / "card.yml"
    path.write_text(card_text.replace("nnseed", "nseed"))
    with pytest.raises(RuncardError) as caught:
        read_runcard(path)
    assert str(caught.value) == (f"{path}:12: nseed: expected a known key, received 'nseed' (did you mean 'nnseed'?)")


def test_cards_of_others_are_accepted() -> None:
    paths = sorted(PEER_CARDS.glob("*.yml"))
    if not paths:
        pytest.skip("no other cards beside this checkout")
    for path in paths:
        card = read_runcard(path)
        assert card.theory.theoryid == 400
        assert len(card.dataset_inputs) in (19, 40)
        assert len(card.positivity.posdatasets) == 15


def test_cards_of_this_project_are_accepted() -> None:
    for path in sorted((Path(__file__).parents[2] / "runcards").glob("*.yml")):
        assert read_runcard(path, scanned=path.stem.endswith("_scan")).fitting.flavours
