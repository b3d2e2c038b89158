"""Faults 11, 74 and 75: mistakes in folds, a torn journal, and trials that fail."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.scan_cards import CARD, DEADLY, HASHES, closed_form, evaluate_closed_form, evaluate_or_die, hash_nothing

from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.cluster.pool import open_pool
from n3fit.errors import DataError, ResourceError
from n3fit.hyperopt.scan import ScanOptions, run_scan
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.results.tries import Try, read_tries

Scan = Callable[..., list[Try]]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    (tmp_path / "card.yml").write_text(CARD)

    def do(
        trials: int,
        evaluate: Callable[..., TrialResult] = evaluate_closed_form,
        name: str = "scan",
        workers: int | None = None,
    ) -> list[Try]:
        run_scan(
            tmp_path / "card.yml",
            (1, 2),
            tmp_path / name,
            ScanOptions(trials),
            paths=SearchPaths(),
            progress=NullReporter(),
            open_pool=lambda: open_pool(workers, progress=NullReporter()),
            evaluate=evaluate,
            hash_inputs=hash_nothing,
        )
        return list(read_tries(tmp_path / name))

    return do


def parameters_of(tries: list[Try]) -> list[Mapping[str, Any]]:
    return [trial.parameters for trial in tries]


@pytest.mark.parametrize("command", ["check", "fit"])
def test_fault_11_dataset_of_a_fold_that_is_not_in_the_fit(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "card.yml"
    path.write_text(CARD.replace("[HERA_CC_318GEV_EP-SIGMARED]", "[HERA_CC_318GEV_EP-SIGMRED]"))
    assert run([command, str(path)], Session()) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"n3fit: error: {path}:22: kfold.partitions[1].datasets[0]: expected a data set of the fit, received "
        "HERA_CC_318GEV_EP-SIGMRED (did you mean 'HERA_CC_318GEV_EP-SIGMARED'?)"
    )


def test_fault_11_in_a_scan_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "card.yml"
    path.write_text(CARD.replace("[HERA_CC_318GEV_EP-SIGMARED]", "[LHCB_Z0_8TEV_DIELECTRON_Y]"))
    assert run(["hyperopt", str(path), "--trials", "2", "-o", str(tmp_path / "scan")], Session()) == 2
    assert "(add it to dataset_inputs, or remove it here)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kept", [0.99, 0.7, 0.45])
def test_fault_74_torn_journal(scan: Scan, tmp_path: Path, kept: float) -> None:
    """Cut anywhere, the scan goes on from the last record, and ends like one that was not disturbed."""
    undisturbed = scan(8, name="undisturbed")
    scan(5)
    journal = tmp_path / "scan" / "trials.journal"
    content = journal.read_bytes()
    journal.write_bytes(content[: int(kept * len(content))])
    tries = scan(8)
    assert parameters_of(tries) == parameters_of(undisturbed)
    assert [trial.loss for trial in tries] == [trial.loss for trial in undisturbed]


def test_fault_74_damage_before_the_last_line(scan: Scan, tmp_path: Path) -> None:
    scan(2)
    journal = tmp_path / "scan" / "trials.journal"
    content = journal.read_bytes()
    journal.write_bytes(content[:200] + b"\0" * 50 + content[250:])
    with pytest.raises(DataError, match=r"trials.journal:\d: expected a record of a scan"):
        scan(4)
    assert len(read_tries(tmp_path / "scan")) == 2


KILLED = """\
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from support.scan_cards import evaluate_closed_form, hash_nothing
from n3fit.cluster.pool import open_pool
from n3fit.hyperopt.scan import ScanOptions, run_scan
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter

count = 0

def evaluate(*arguments):
    global count
    count += 1
    if count == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return evaluate_closed_form(*arguments)

card = Path(sys.argv[2])
run_scan(card, (1, 2), card.parent / "scan", ScanOptions(8), paths=SearchPaths(), progress=NullReporter(),
         open_pool=lambda: open_pool(progress=NullReporter()), evaluate=evaluate, hash_inputs=hash_nothing)
"""


def test_fault_74_killed_while_a_trial_runs(scan: Scan, tmp_path: Path) -> None:
    tests = Path(__file__).parents[1]
    command = [sys.executable, "-c", KILLED, str(tests), str(tmp_path / "card.yml")]
    assert subprocess.run(command, check=False, timeout=120).returncode == -9
    assert len(read_tries(tmp_path / "scan")) == 3
    assert parameters_of(scan(8)) == parameters_of(scan(8, name="undisturbed"))


def test_fault_75_trials_without_memory(scan: Scan, tmp_path: Path) -> None:
    """Out of memory, not finite, and with its process lost: recorded, and the scan goes on without them."""
    outcomes = iter([
        TrialResult("fail", reason="out of memory"),
        TrialResult("fail", reason="no finite loss"),
        ResourceError("trial 2: its worker was lost twice"),
    ])  # fmt: skip

    def failing(work: Any, parameters: Mapping[str, Any], hashes: Any, limits: Any) -> TrialResult:
        outcome = next(outcomes, None)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or evaluate_closed_form(work, parameters, HASHES, limits)

    tries = scan(6, failing)
    assert [trial.status for trial in tries] == ["fail"] * 3 + ["ok"] * 3
    assert [trial.reason for trial in tries[:3]] == [
        "out of memory", "no finite loss", "trial 2: its worker was lost twice"
    ]  # fmt: skip
    assert [trial.loss for trial in tries[3:]] == [closed_form(trial.parameters) for trial in tries[3:]]
    entries = json.loads((tmp_path / "scan/nnfit/replica_1/tries.json").read_text())
    assert [entry["result"]["loss"] for entry in entries[:3]] == [None] * 3


@pytest.mark.slow
def test_fault_75_killed_workers(scan: Scan) -> None:
    """A trial whose process is killed, and killed again, failed; the others are done by the workers that follow."""
    tries = scan(6, evaluate_or_die, workers=2)
    deadly = {trial.tid for trial in tries if closed_form(trial.parameters) > DEADLY}
    assert 0 < len(deadly) < 6
    assert {trial.tid for trial in tries if trial.status == "fail"} == deadly
    for trial in tries:
        assert ("its worker was lost 2 times" in trial.reason) == (trial.tid in deadly)
