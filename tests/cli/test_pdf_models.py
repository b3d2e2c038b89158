"""The whole chain with other PDF models than the network: from the runcard to set, report and next runcard."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.plug_ins import PAGE, install_example
from support.runcards import SMALL_FIT, change

from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import check_set
from n3fit.results import read_fit_folder
from n3fit.runcard import build_runcard
from n3fit.runcard.pdf_model import make_model
from n3fit.runcard.yaml_reader import parse_yaml

NETWORK = "  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n"
MODELS = {
    "les_houches": "  model: les_houches\n",
    "grid": "  model: grid\n  model_settings: {nodes: 10}\n",
    "bernstein": "  model: bernstein\n  model_settings: {degree: 3}\n",
}


@pytest.fixture
def write_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Write a small card with a model; the example of the documentation is installed."""
    monkeypatch.delitem(sys.modules, "bernstein_pdf", raising=False)
    monkeypatch.syspath_prepend(install_example(tmp_path / "package"))
    monkeypatch.chdir(tmp_path)

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.yml"
        path.write_text(change(SMALL_FIT, (NETWORK, MODELS[name]), ("epochs: 120", "epochs: 60")))
        return path

    return write


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_whole_chain(name: str, write_card: Callable[[str], Path], operator_cache: Path) -> None:
    card = write_card(name)
    loose = ("--chi2", "1e9", "--arc-length", "1e9", "--integrability", "1e9")
    assert run(["check", str(card)], Session()) == 0
    assert run(["fit", str(card), "-r", "1-3", "-o", "chain"], Session()) == 0
    assert run(["postfit", "chain", "-n", "2", *loose], Session()) == 0
    assert run(["evolve", "chain"], Session()) == 0
    assert run(["report", "chain"], Session()) == 0
    assert run(["next-runcard", "chain"], Session()) == 0
    folder = read_fit_folder(Path("chain"), checksums=True)
    assert folder.replicas.tolist() == [1, 2, 3]
    _, sum_rules = check_set(PDFSet(folder.path / "postfit" / "chain"))
    assert sum_rules
    assert all(row.passed for row in sum_rules)
    text = Path("chain_next.yml").read_text()
    assert MODELS[name] in text
    assert run(["check", "chain_next.yml", "--pdf-path", "chain/postfit"], Session()) == 0


@pytest.mark.usefixtures("write_card")
def test_the_runcards_of_the_documentation() -> None:
    """Each piece, with the other keys of the small fit."""
    content = parse_yaml(SMALL_FIT, "small").data
    pieces = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(pieces) == 3
    for piece in pieces:
        given = parse_yaml(piece, "piece").data
        parameters = {**content["parameters"], **given.get("parameters", {"model": "grid"})}
        card = build_runcard({**content, **given, "parameters": parameters})
        assert make_model(card) is not None


def test_the_example_of_the_documentation(write_card: Callable[[str], Path]) -> None:
    card = write_card("bernstein")
    assert run(["check", str(card)], Session()) == 0
    card.write_text(card.read_text().replace("degree: 3", "degree: 21"))
    assert run(["check", str(card)], Session()) == 2
