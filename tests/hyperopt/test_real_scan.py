"""A scan with real fits of small networks to three data sets of the embedded theory."""

import json
from pathlib import Path

import pytest
from support.runcards import change
from support.scan_cards import CARD, CONFIG

from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.errors import OutputExistsError
from n3fit.results.tries import Try, read_tries
from n3fit.runcard import read_runcard

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    path = place / "card.yml"
    path.write_text(change(CARD, ("t0pdfset: toy", "t0pdfset: n3fit_dis_t0"), ("threshold: 20.0", "threshold: 1.0e+9")))
    return path


def scan(card: Path, folder: str, trials: int, *words: str) -> list[Try]:
    place = card.parent / folder
    arguments = ["hyperopt", str(card), "--trials", str(trials), "-r", "1-2", "-o", str(place), *words]
    assert run(arguments, Session()) == 0
    return list(read_tries(place))


def losses_of(tries: list[Try]) -> list[float]:
    return [trial.loss for trial in tries]


def test_a_scan_in_two_parts_is_the_same(card: Path) -> None:
    together = scan(card, "together", 3)
    scan(card, "parts", 2)
    parts = scan(card, "parts", 3)
    assert [trial.parameters for trial in parts] == [trial.parameters for trial in together]
    assert losses_of(parts) == pytest.approx(losses_of(together), rel=1e-4)
    assert all(trial.ended_well for trial in parts)
    for trial in parts:
        folds = trial.result["kfold_meta"]
        assert [len(row) for row in folds["hyper_losses"]] == [2, 2]
        assert len(folds["validation_losses"]) == 2
    hashes = json.loads((card.parent / "parts" / "manifest.json").read_text())["settings"]["inputs"]
    assert any("HERA_CC_318GEV_EM-SIGMARED" in name for name in hashes)


def test_workers_do_the_same_trials(card: Path) -> None:
    """Before the sampler learns, trials do not depend on each other; losses are those of one process."""
    alone = scan(card, "alone", 3, "--sampler", "random")
    workers = scan(card, "workers", 3, "--sampler", "random", "--workers", "2")
    assert [trial.parameters for trial in workers] == [trial.parameters for trial in alone]
    assert losses_of(workers) == pytest.approx(losses_of(alone), rel=1e-4)


def test_trials_of_one_network_train_together(card: Path) -> None:
    path = card.parent / "one_network.yml"
    path.write_text(
        change(card.read_text(), ("  architecture: {n_layers: [1, 2], min_units: 4, max_units: 12, ", "  #"))
    )
    alone, together = (
        scan(path, f"{count}_at_once", 3, "--sampler", "tpe", "--together", count) for count in ("1", "3")
    )
    assert [trial.parameters for trial in together] == [trial.parameters for trial in alone]
    assert losses_of(together) == pytest.approx(losses_of(alone), rel=1e-3)


def test_other_inputs_are_refused(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan(card, "same", 1)
    arguments = ["hyperopt", str(card), "--trials", "2", "-r", "1-3", "-o", str(card.parent / "same")]
    assert run(arguments, Session()) == OutputExistsError.exit_code
    assert "received replicas 1-3 instead of 1-2" in capsys.readouterr().err


def test_settings_of_a_model(card: Path) -> None:
    """Trials with other settings are those of scans with these settings alone, and the best one is a runcard."""
    text = change(
        card.read_text(),
        (CONFIG, "hyperscan_config:\n  model_settings: {nodes: [6, 9]}\n"),
        ("  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n", "  model: grid\n"),
        ("  dropout: 0.0\n  initializer: glorot_normal\n  layer_type: dense\n", ""),
    )
    losses = {}
    for values in ("6, 9", "6", "9"):
        path = card.parent / f"settings_{len(values)}_{values[-1]}.yml"
        path.write_text(text.replace("[6, 9]", f"[{values}]"))
        tries = scan(path, path.stem, 2, "--sampler", "grid")
        losses[values] = {trial.parameters["model_settings"]["nodes"]: trial.loss for trial in tries}
    assert losses["6, 9"] == pytest.approx(losses["6"] | losses["9"], rel=1e-4)
    best = min(losses["6, 9"], key=losses["6, 9"].__getitem__)
    output = card.parent / "best.yml"
    assert run(["hyperopt", "best", str(card.parent / "settings_4_9"), "-o", str(output)], Session()) == 0
    assert read_runcard(output).parameters.model_settings == {"nodes": best}
    assert run(["hyperopt", "report", str(card.parent / "settings_4_9")], Session()) == 0
