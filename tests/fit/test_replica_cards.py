"""The runcards of replicas that take their networks from the trials of a scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.scans import field_losses, make_entries, old_entry, write_scan

from n3fit.errors import DataError, RuncardError
from n3fit.fit.replica_cards import read_replica_cards
from n3fit.runcard import RuncardWarning, read_runcard
from n3fit.storage import sha256_of_file

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
BEGIN, END = CARD.index("parameters:"), CARD.index("fitting:")


@pytest.fixture
def write_card(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a card with some ``trial_specs``."""

    def write(specs: str) -> Path:
        path = tmp_path / "card.yml"
        kept = "parameters: {threshold_chi2: 1e6, positivity: {threshold: 1e6}}\n"
        path.write_text(f"{CARD[:BEGIN]}trial_specs: {specs}\n{kept}{CARD[END:]}")
        return path

    return write


def test_rule_of_the_field(tmp_path: Path, write_card: Callable[[str], Path]) -> None:
    """Of 420 trials the best three after the first 400 are 404, 415, 407; replica r uses the one at r modulo 3."""
    scan = write_scan(tmp_path / "scan", make_entries(field_losses(420), lambda tid: {"epochs": 1000 + tid}))
    source = write_card("{hyperscan: scan, thermalization: 400, number_of_trials: 3}")
    cards = read_replica_cards(read_runcard(source), source=source)
    assert [trial.tid for trial in cards.trials] == [404, 415, 407]
    assert [cards.of(replica).parameters.epochs for replica in (1, 2, 3, 4, 5, 6)] == [1415, 1407, 1404] * 2
    assert cards.trials[0].loss == 5.0  # 37 * 404 is a multiple of 101
    assert cards.trials[1].hyperparameters["epochs"] == 1415
    assert cards.epochs == 1415
    assert cards.hashes == {"trials of the scan scan": sha256_of_file(scan / "nnfit/replica_1/tries.json")}
    groups = cards.groups([3, 1, 7, 2, 6])
    assert [(card.parameters.epochs, slots.tolist()) for card, slots in groups] == [
        (1404, [0, 4]), (1415, [1, 2]), (1407, [3]),
    ]  # fmt: skip


def test_card_without_trials(tmp_path: Path) -> None:
    source = tmp_path / "card.yml"
    source.write_text(CARD)
    card = read_runcard(source)
    cards = read_replica_cards(card, source=source)
    assert cards.of(7) is cards.first is card
    [(only, slots)] = cards.groups([5, 6, 9])
    assert only is card
    np.testing.assert_array_equal(slots, [0, 1, 2])
    assert (cards.trials, dict(cards.hashes), cards.epochs) == ((), {}, 120)


def test_too_few_trials(tmp_path: Path, write_card: Callable[[str], Path]) -> None:
    broken = old_entry(2, 1.0, status="fail")
    broken["result"]["loss"] = None
    write_scan(tmp_path / "scan", [old_entry(0, 1.0), old_entry(1, 2.0), broken])
    source = write_card("{hyperscan: scan, thermalization: 1, number_of_trials: 2}")
    with pytest.raises(RuncardError) as caught:
        read_replica_cards(read_runcard(source), source=source)
    assert caught.value.message == (
        f"{source}:9: trial_specs.number_of_trials: expected at most 1, the trials with a loss after the first 1 of 3 "
        f"in {tmp_path}/scan/nnfit/replica_1/tries.json, received 2"
    )


def test_failed_trials_are_named(tmp_path: Path, write_card: Callable[[str], Path]) -> None:
    write_scan(tmp_path / "scan", [old_entry(0, 2.0), old_entry(1, 1.0, status="fail"), old_entry(2, 3.0)])
    source = write_card("{hyperscan: scan, number_of_trials: 2}")
    with pytest.warns(RuncardWarning, match=r"failed trials are among the best 2 of .*tries.json: 1$"):
        cards = read_replica_cards(read_runcard(source), source=source)
    assert [trial.tid for trial in cards.trials] == [1, 0]


def test_unsuitable_trial_and_missing_scan(tmp_path: Path, write_card: Callable[[str], Path]) -> None:
    write_scan(tmp_path / "scan", [old_entry(0, 1.0), old_entry(1, 2.0, nodes_per_layer=[5, 7])])
    source = write_card("{hyperscan: scan, number_of_trials: 2}")
    with pytest.raises(RuncardError, match=r"tries.json: trial 1: parameters.nodes_per_layer: expected 8 nodes in the"):
        read_replica_cards(read_runcard(source), source=source)
    source = write_card("{hyperscan: elsewhere, number_of_trials: 2}")
    with pytest.raises(DataError, match=r"card.yml:9: trial_specs.hyperscan: expected the folder of a scan"):
        read_replica_cards(read_runcard(source), source=source)
