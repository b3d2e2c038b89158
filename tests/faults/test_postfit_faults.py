"""Faults 86, 87, 90 and 91, and what interrupts a choice of replicas."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import outcomes
from support.data import chi2_values

from n3fit import api
from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.errors import DataError, ResourceError
from n3fit.results import FitFolder, TooFewReplicasError
from n3fit.results.ensembles import choose_replicas
from n3fit.results.reader import read_fit_folder
from n3fit.storage.locks import lock_folder


@pytest.fixture
def make_fit(tmp_path: Path) -> Callable[..., FitFolder]:
    """Write a fit of ten replicas; 3 and 4 fail positivity, 6 integrability."""

    def make(**changes: Any) -> FitFolder:
        outcome = outcomes.make_outcome(10, sets=outcomes.SMALL_SETS)
        integrability = np.full((10, 5), 0.1)
        integrability[5, 4] = 3.0
        values = {
            "positivity_passed": ~np.isin(np.arange(10), (2, 3)),
            "integrability": integrability,
            "arc_lengths": np.linspace(1, 2, 10)[:, np.newaxis] * np.ones(5),
        }
        return outcomes.write_outcome(replace(outcome, **values | changes), tmp_path / "toy")

    return make


def test_fault_86_too_few_replicas_are_an_error_with_the_next_step(
    make_fit: Callable[..., FitFolder],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = make_fit()
    kept = api.postfit(fit.path, count=7).file.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert run(["postfit", "toy", "-n", "9"], Session()) == TooFewReplicasError.exit_code == 5
    out, err = capsys.readouterr()
    assert err == (
        "n3fit: error: toy: 7 of 10 replicas pass, expected 9; vetoed by positivity 2 (3-4), integrability 1 (6) "
        "(about 4 more replicas are needed: `n3fit fit toy.yml -r 11-14 -o toy --add`, then postfit again)\n"
    )
    assert "      6  integrability  integrability of T8" in out
    assert (fit.path / "postfit.json").read_bytes() == kept


def test_fault_48_a_replica_that_fails_positivity_is_marked_and_vetoed(make_fit: Callable[..., FitFolder]) -> None:
    """What the training leaves of a positivity that is never satisfied: POS_VETO, in the words of the field."""
    fit = make_fit()
    states = [
        json.loads((fit.path / "nnfit" / f"replica_{number}" / "toy.json").read_text())["pos_state"]
        for number in range(1, 11)
    ]
    assert states == ["POS_PASS" if number not in (3, 4) else "POS_VETO" for number in range(1, 11)]
    selection = api.postfit(fit.path, count=3).selection
    assert selection.vetoed_by()["positivity"] == (3, 4)
    assert not {3, 4} & set(selection.chosen)


def test_fault_86_when_no_replica_passes_nothing_is_estimated(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit(positivity_passed=np.zeros(10, bool))
    with pytest.raises(
        TooFewReplicasError, match="0 of 10 replicas pass, expected 1; vetoed by positivity 10"
    ) as caught:
        api.postfit(fit.path)
    assert "n3fit report" in caught.value.hint
    assert "more replicas are needed" not in caught.value.hint
    assert not (fit.path / "postfit.json").exists()


def break_exportgrid(folder: Path) -> Path:
    path = folder / "nnfit" / "replica_5" / "toy.exportgrid"
    text = path.read_text()
    path.write_text(text.replace("e-", "e+", 1))  # of the right size
    return path


def break_weights(folder: Path) -> Path:
    path = folder / "nnfit" / "replica_5" / "weights.weights.h5"
    path.unlink()
    return path


@pytest.mark.parametrize("damage", [break_exportgrid, break_weights])
def test_fault_87_a_damaged_replica_is_named_and_skipped_by_a_flag_alone(
    make_fit: Callable[..., FitFolder], damage: Callable[[Path], Path]
) -> None:
    fit = make_fit()
    path = damage(fit.path)
    with pytest.raises((DataError, ResourceError)) as caught:
        api.postfit(fit.path)
    assert str(path) in caught.value.message
    assert "--skip-damaged" in caught.value.hint
    assert not (fit.path / "postfit.json").exists()

    selection = api.postfit(fit.path, count=6, skip_damaged=True).selection
    assert selection.chosen == (1, 2, 7, 8, 9, 10)
    (entry,) = selection.damaged
    assert entry.replica == 5
    assert str(path) in entry.reason
    # from now on everything is made without it, and no flag is needed
    whole = outcomes.make_outcome(10, sets=outcomes.SMALL_SETS)
    opened = read_fit_folder(fit.path)
    rows = [0, 1, 6, 7, 8, 9]
    assert choose_replicas(opened, "passing") == choose_replicas(opened, "chosen") == [1, 2, 7, 8, 9, 10]
    mean = whole.predictions[rows].mean(axis=0)
    np.testing.assert_allclose(opened.mean_prediction, mean, rtol=1e-15)
    expected = float(chi2_values(mean, whole.central, whole.t0_covariance)) / 10
    assert opened.summary().total.t0 == pytest.approx(expected, rel=2e-6)
    by_replica = chi2_values(whole.predictions[rows], whole.central, whole.t0_covariance) / 10
    assert opened.summary().total.replicas_mean == pytest.approx(by_replica.mean(), rel=1e-12)


def test_fault_87_nothing_is_left_when_all_are_damaged(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    for path in fit.path.glob("nnfit/replica_*/toy.json"):
        path.write_bytes(b" " * path.stat().st_size)
    with pytest.raises(DataError, match="contains no undamaged replica"):
        api.postfit(fit.path, skip_damaged=True)


def test_fault_90_postfit_twice_changes_nothing(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()

    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(fit.path.rglob("*")) if path.is_file()}

    before = content()
    file = api.postfit(fit.path, count=4).file
    first = content()
    choice = (str(file), str(fit.path / "postfit" / ""))
    assert {key: value for key, value in first.items() if not key.startswith(choice)} == before
    api.postfit(fit.path, count=4)
    assert content() == first


def test_fault_91_the_mean_is_that_of_the_chosen_replicas(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    selection = api.postfit(fit.path, count=4).selection
    assert selection.chosen == (1, 2, 5, 7)
    opened = read_fit_folder(fit.path)
    assert choose_replicas(opened, "chosen") == choose_replicas(opened, "central") == [1, 2, 5, 7]
    assert choose_replicas(opened, "passing") == [1, 2, 5, 7, 8, 9, 10]
    assert choose_replicas(opened, "finite") == list(range(1, 11))
    whole = outcomes.make_outcome(10, sets=outcomes.SMALL_SETS)
    rows = [0, 1, 4, 6]
    np.testing.assert_allclose(opened.mean_prediction, whole.predictions[rows].mean(axis=0), rtol=1e-15)
    np.testing.assert_array_equal(opened.pdf[opened.chosen], whole.pdf[rows])


def hold(folder: str, ready: Any, done: Any) -> None:
    with lock_folder(Path(folder)):
        ready.set()
        done.wait(60)


def test_fault_60_a_folder_that_is_being_written_is_left_alone(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(str(fit.path), ready, done))
    process.start()
    try:
        assert ready.wait(60)
        with pytest.raises(ResourceError, match=f"process {process.pid} on .* is writing this fit at the moment"):
            api.postfit(fit.path)
    finally:
        done.set()
        process.join()
    assert not (fit.path / "postfit.json").exists()
    api.postfit(fit.path)


KILLED = """
import os, signal, sys
from pathlib import Path
from n3fit import api, storage
original = Path.replace
Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
api.postfit(Path(sys.argv[1]), count=2)
"""


def test_fault_58_a_kill_leaves_the_previous_choice(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    kept = api.postfit(fit.path, count=5).file
    before = kept.read_bytes()
    assert subprocess.run([sys.executable, "-c", KILLED, str(fit.path)], check=False).returncode == -signal.SIGKILL
    assert kept.read_bytes() == before
    assert api.postfit(fit.path, count=2).selection.chosen == (1, 2)


def test_fault_59_a_full_disk_leaves_the_previous_choice(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    kept = api.postfit(fit.path, count=5).file
    before = kept.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(ResourceError, match="cannot be written"):
            api.postfit(fit.path, count=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept.read_bytes() == before
    assert [path.name for path in fit.path.glob(".*")] == []


def test_fault_59_a_folder_that_cannot_be_written_to(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    if os.geteuid() == 0:
        pytest.skip("root writes anywhere")
    fit.path.chmod(0o500)
    with pytest.raises(ResourceError, match="cannot be written"):
        api.postfit(fit.path)
    fit.path.chmod(0o700)
