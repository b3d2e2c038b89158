"""Runcards of single trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.scans import old_entry, write_scan

from n3fit.errors import CommandLineError, DataError, RuncardError
from n3fit.results.scan_folder import read_scan
from n3fit.results.trial_card import choose_trial, ensemble_text, trial_card
from n3fit.runcard import parse_runcard
from n3fit.runcard.trial_runcard import complete_runcard

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
SPACE = """\
# the space of the scan
hyperscan_config:
  stopping: {min_epochs: 10, max_epochs: 20}
kfold:
  partitions:
  - datasets: [HERA_CC_318GEV_EM-SIGMARED]
"""


def entry(tid: int, loss: float, **changes: Any) -> dict[str, Any]:
    kept = {
        "threshold_chi2": 1e6,
        "stopping_delta": 0.0,
        "integrability": {"initial": 10},
        "positivity": {"initial": 20.5, "threshold": 1e6},
    }
    return old_entry(tid, loss, **(kept | changes))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scan of four trials, of which number 2 is the best that did not fail."""
    entries = [
        entry(0, 2.0, epochs=100),
        old_entry(1, 1.0, status="fail"),
        entry(2, 1.5, epochs=321, optimizer={"optimizer_name": "RMSprop", "learning_rate": 0.1 + 0.2}),
        entry(3, 1.7, epochs=50),
    ]
    return write_scan(tmp_path / "a_scan", entries, SPACE + CARD)


def test_card_of_the_best_trial(scan: Path) -> None:
    read = read_scan(scan)
    best = choose_trial(read)
    assert best.tid == 2
    text = trial_card(read, best)
    assert text.splitlines()[:2] == ["# trial 2 of the scan a_scan, loss 1.5", "# the space of the scan"]
    assert "hyperscan_config" not in text
    assert "kfold" not in text
    assert "stopping_delta" not in text  # the default
    parameters = parse_runcard(text).parameters
    assert parameters.nodes_per_layer == (5, 4, 8)
    assert parameters.activation_per_layer == ("tanh", "tanh", "linear")
    assert (parameters.epochs, parameters.stopping_patience) == (321, 0.5)
    assert parameters.optimizer.options == {"learning_rate": 0.1 + 0.2}
    assert (parameters.positivity.initial, parameters.positivity.threshold) == (20.5, 1e6)
    assert text.endswith(CARD[CARD.index("fitting:") :])


def test_card_of_another_trial(scan: Path) -> None:
    read = read_scan(scan)
    assert parse_runcard(trial_card(read, choose_trial(read, 0))).parameters.epochs == 100
    with pytest.raises(CommandLineError, match="trial: expected the number of a trial of .*a_scan that has ended, rec"):
        choose_trial(read, 4)


def test_no_trial_ended_well(tmp_path: Path) -> None:
    read = read_scan(write_scan(tmp_path / "scan", [old_entry(0, 1.0, status="fail")]))
    with pytest.raises(DataError, match="expected a trial that did not fail, received 1 that did"):
        choose_trial(read)
    assert ensemble_text(read) == ""


def test_trial_that_is_no_card(tmp_path: Path) -> None:
    entries = [entry(0, 1.0, nodes_per_layer=[4, 3])]
    read = read_scan(write_scan(tmp_path / "scan", entries, SPACE + CARD))
    with pytest.raises(RuncardError, match="trial 0:.*expected 8 nodes in the last layer"):
        trial_card(read, choose_trial(read))
    read = read_scan(write_scan(tmp_path / "other", entries, SPACE + CARD))
    (tmp_path / "other" / "filter.yml").unlink()
    with pytest.raises(DataError, match="filter.yml: missing"):
        trial_card(read_scan(tmp_path / "other"), choose_trial(read))


def test_ensemble_of_the_best_trials_is_a_card(scan: Path) -> None:
    """The proposal in place of the parameters of the card gives the best trial again."""
    read = read_scan(scan)
    text = ensemble_text(read)
    assert "  hyperscan: a_scan\n  thermalization: 0\n  number_of_trials: 3\n" in text
    begin, end = CARD.index("parameters:"), CARD.index("fitting:")
    card = parse_runcard(CARD[:begin] + text + CARD[end:])
    complete = complete_runcard(card, read.ranked[0].parameters, name="best")
    best = parse_runcard(trial_card(read, read.ranked[0]))
    assert complete.parameters.model_dump() == best.parameters.model_dump()
