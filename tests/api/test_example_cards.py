"""The runcards of the documentation as files of the user."""

from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import OutputExistsError

SHIPPED = Path(__file__).parents[2] / "runcards"


def test_all_runcards_are_written_as_they_are(tmp_path: Path) -> None:
    cards = api.examples(output=tmp_path / "cards")
    written = {path.relative_to(tmp_path / "cards"): path.read_bytes() for path in (tmp_path / "cards").rglob("*.yml")}
    assert written == {path.relative_to(SHIPPED): path.read_bytes() for path in SHIPPED.rglob("*.yml")}
    assert {card.path.relative_to(tmp_path / "cards") for card in cards} == set(written)
    described = {card.path.name: card.description for card in cards}
    assert described["dis.yml"] == "NNLO fit to inclusive deep-inelastic scattering"
    assert described["closure.yml"] == "25 closure tests of level 2"


def test_a_file_of_the_user_is_kept_unless_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    api.examples()
    (tmp_path / "runcards" / "dis.yml").write_text("mine\n")
    (tmp_path / "runcards" / "les_houches.yml").unlink()
    with pytest.raises(OutputExistsError, match=r"dis.yml: exists already, and is not as n3fit has it"):
        api.examples()
    assert not (tmp_path / "runcards" / "les_houches.yml").exists()
    api.examples(force=True)
    api.examples()
    assert (tmp_path / "runcards" / "dis.yml").read_bytes() == (SHIPPED / "dis.yml").read_bytes()
