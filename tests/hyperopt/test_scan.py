"""Scans from the card to the folder, with closed forms in place of fits."""

import json
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from support.scan_cards import (
    CARD,
    HASHES,
    NUMBERS,
    closed_form,
    evaluate_closed_form,
    hash_nothing,
    result_of,
    with_config,
)
from support.scans import old_entry

from n3fit.cluster.pool import Finished, open_pool
from n3fit.errors import CommandLineError, DataError, MissingExtraError, OutputExistsError, ResourceError
from n3fit.hyperopt.scan import ScanOptions, run_scan
from n3fit.hyperopt.scan_loop import MOST_ERRORS
from n3fit.hyperopt.trial_result import TrialResult
from n3fit.paths import SearchPaths
from n3fit.results.tries import Try, read_tries

Scan = Callable[..., list[Try]]


class Messages(list[str]):
    """A reporter that keeps messages and phases."""

    def phase(self, name: str) -> None:
        self.append(name)

    def epoch(self, *arguments: Any) -> None:
        pass

    def step(self, name: str, done: int, total: int) -> None:
        self.append(f"{name} {done}/{total}")

    def message(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def scan(tmp_path: Path, messages: Messages) -> Scan:
    """Return a function that does a scan and returns its trials."""

    def do(
        trials: int,
        text: str = CARD,
        *,
        folder: str = "scan",
        replicas: tuple[int, ...] = (1, 2),
        pool: Any = None,
        evaluate: Callable[..., TrialResult] = evaluate_closed_form,
        evaluate_together: Callable[..., list[TrialResult]] | None = None,
        hashes: Callable[..., Mapping[str, str]] = hash_nothing,
        **options: Any,
    ) -> list[Try]:
        card = tmp_path / "card.yml"
        card.write_text(text)
        messages.clear()

        def together(work: Any, trials: Any, *others: Any) -> list[TrialResult]:
            return [evaluate(work, trial, *others) for trial in trials]

        found = run_scan(
            card,
            replicas,
            tmp_path / folder,
            ScanOptions(trials, **options),
            paths=SearchPaths(),
            progress=messages,
            open_pool=lambda: open_pool(progress=messages) if pool is None else nullcontext(pool),
            evaluate=evaluate,
            evaluate_together=evaluate_together or together,
            hash_inputs=hashes,
        )
        assert found == tmp_path / folder
        return list(read_tries(found))

    return do


def losses_of(tries: list[Try]) -> list[float]:
    return [trial.loss for trial in tries]


def test_a_scan_and_its_messages(scan: Scan, messages: Messages, tmp_path: Path) -> None:
    tries = scan(3)
    assert [trial.tid for trial in tries] == [0, 1, 2]
    assert losses_of(tries) == [closed_form(trial.parameters) for trial in tries]
    best = min(tries, key=lambda trial: trial.loss)
    assert messages[:3] == ["reading the runcard", "reading data and theory", "scanning"]
    assert messages[-2:] == [
        f"trial 2: loss {tries[2].loss:.4g} (0 s); best {best.loss:.4g}, trial {best.tid}", "trials 3/3"
    ]  # fmt: skip
    assert (tmp_path / "scan" / "filter.yml").read_text() == CARD
    manifest = json.loads((tmp_path / "scan" / "manifest.json").read_text())
    assert manifest["settings"]["inputs"] == HASHES


def test_a_planted_optimum_is_found(scan: Scan) -> None:
    assert min(losses_of(scan(60))) < 1.03


def test_the_same_command_continues(scan: Scan, messages: Messages) -> None:
    whole = scan(14, folder="whole")
    first = scan(6)
    assert losses_of(scan(14)) == losses_of(whole)
    assert losses_of(first) == losses_of(whole)[:6]
    assert "trials 7/14" in messages
    scan(14)
    assert messages[-1] == "nothing to do: 14 trials are done"


def test_an_interrupted_scan_continues(scan: Scan, messages: Messages, tmp_path: Path) -> None:
    whole = scan(12, folder="whole")
    seen = 0

    def interrupted(*arguments: Any) -> TrialResult:
        nonlocal seen
        seen += 1
        if seen == 4:
            signal.raise_signal(signal.SIGINT)
        return evaluate_closed_form(*arguments)

    with pytest.raises(KeyboardInterrupt):
        scan(12, evaluate=interrupted)
    assert losses_of(list(read_tries(tmp_path / "scan"))) == losses_of(whole)[:3]
    assert losses_of(scan(12)) == losses_of(whole)
    assert messages[2] == "interrupted before, run again: trial 3"


def test_an_interruption_while_a_trial_is_recorded_waits(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from n3fit.hyperopt import scan_loop as module

    write = module.write_tries

    def interrupted(folder: Path, entries: list[Any]) -> None:
        if len(entries) == 2:
            signal.raise_signal(signal.SIGINT)
        write(folder, entries)

    monkeypatch.setattr(module, "write_tries", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scan(5)
    assert len(read_tries(tmp_path / "scan")) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": CARD + "# other\n"}, "received another runcard"),
        ({"seed": 7}, "seed 7 instead of 42"),
        ({"sampler": "random"}, "sampler random instead of tpe"),
        ({"replicas": (1, 2, 3)}, "replicas 1-3 instead of 1-2"),
        ({"hashes": lambda work: {**HASHES, "data": "3"}}, r"other inputs \(data\)"),
    ],
)
def test_another_scan_in_the_folder(scan: Scan, changes: dict[str, Any], message: str) -> None:
    scan(2)
    with pytest.raises(OutputExistsError, match=message):
        scan(2, **changes)
    if "seed" in changes:
        assert losses_of(scan(1, force=True, **changes)) != losses_of(scan(1, folder="other"))[:1]


def test_failed_trials_are_recorded(scan: Scan, messages: Messages) -> None:
    def failing(work: Any, parameters: Mapping[str, Any], *others: Any) -> TrialResult:
        if parameters["optimizer"]["optimizer_name"] == "Adam":
            return TrialResult("fail", reason="out of memory")
        return evaluate_closed_form(work, parameters, *others)

    tries = scan(8, evaluate=failing)
    failed = [trial for trial in tries if trial.status == "fail"]
    assert 0 < len(failed) < 8
    assert {trial.reason for trial in failed} == {"out of memory"}
    assert {trial.parameters["optimizer"]["optimizer_name"] for trial in failed} == {"Adam"}
    assert any(line.startswith("trial ") and "failed: out of memory" in line for line in messages)


def test_a_lost_worker_is_a_failed_trial(scan: Scan) -> None:
    seen = 0

    def lost(*arguments: Any) -> TrialResult:
        nonlocal seen
        seen += 1
        if seen % 2:
            raise ResourceError("trial: its worker was lost", hint="see its memory")
        return evaluate_closed_form(*arguments)

    tries = scan(6, evaluate=lost)
    assert [trial.status for trial in tries] == ["fail", "ok"] * 3
    assert tries[0].reason == "trial: its worker was lost (see its memory)"


def test_errors_of_every_trial_end_the_scan(scan: Scan, tmp_path: Path) -> None:
    def broken(*arguments: Any) -> TrialResult:
        raise DataError("data.yaml: gone", hint="restore it")

    with pytest.raises(DataError, match=f"data.yaml: gone .*{MOST_ERRORS} trials in a row ended with an error"):
        scan(50, evaluate=broken)
    assert len(read_tries(tmp_path / "scan")) == MOST_ERRORS


def test_nothing_is_written_when_inputs_are_missing(scan: Scan, tmp_path: Path) -> None:
    def missing(work: Mapping[str, Any]) -> dict[str, str]:
        assert work["replicas"] == (1, 2)
        raise DataError("no data")

    with pytest.raises(DataError, match="no data"):
        scan(2, hashes=missing)
    assert [path.name for path in tmp_path.iterdir()] == ["card.yml"]


def test_a_missing_library_is_named_first(scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"optuna is not installed \(pip install 'n3fit\[hyperopt\]'\)"):
        scan(2)
    assert [path.name for path in tmp_path.iterdir()] == ["card.yml"]


def test_a_grid_ends_with_its_last_point(scan: Scan, messages: Messages) -> None:
    text = with_config("  architecture: {activations: [tanh, relu, sigmoid]}\n")
    tries = scan(10, text, sampler="grid")
    assert {trial.parameters["activation_per_layer"] for trial in tries} == {"tanh", "relu", "sigmoid"}
    assert len(tries) == 3
    assert "the grid has 3 points, fewer than 10 trials" in messages


def test_limits_of_pruning_are_passed_on(scan: Scan) -> None:
    """The first fold of a trial of loss x has x - 0.5."""
    seen: list[Any] = []

    def recorded(work: Any, parameters: Any, hashes: Any, limits: Any) -> TrialResult:
        seen.append(limits)
        return result_of(float(len(seen)))

    scan(7, evaluate=recorded, prune=True)
    assert seen[:5] == [[]] * 5
    assert seen[5:] == [[2.5], [3.0]]
    seen.clear()
    scan(2, evaluate=recorded, folder="without")
    assert seen == [None, None]


def write_scan(folder: Path, *entries: dict[str, Any], card: str = CARD) -> None:
    (folder / "nnfit/replica_1").mkdir(parents=True)
    (folder / "nnfit/replica_1/tries.json").write_text(json.dumps(list(entries)))
    (folder / "filter.yml").write_text(card)


def test_trials_of_an_earlier_scan(scan: Scan, tmp_path: Path) -> None:
    """With a loss far below the others a trial is drawn first; failed ones never."""
    write_scan(
        tmp_path / "earlier",
        *(old_entry(tid, 100.0, epochs=tid) for tid in range(5)),
        old_entry(5, 1.0, epochs=5),
        old_entry(6, 0.1, epochs=6, status="fail"),
    )
    text = with_config("  use_tries_from: earlier\n")
    evaluated: list[Mapping[str, Any]] = []

    def recorded(work: Any, parameters: Mapping[str, Any], *others: Any) -> TrialResult:
        evaluated.append(parameters)
        return result_of(1.0)

    tries = scan(4, text, evaluate=recorded)
    assert tries[0].parameters["epochs"] == 5
    assert len({trial.parameters["epochs"] for trial in tries}) == 4
    assert evaluated[0]["optimizer"] == {"optimizer_name": "Nadam", "learning_rate": 0.01, "clipnorm": 1.0}
    more = scan(6, text, evaluate=recorded)
    assert [trial.parameters["epochs"] for trial in more[:4]] == [trial.parameters["epochs"] for trial in tries]
    with pytest.raises(DataError, match="expected at least 7 trials that did not fail, received 6"):
        scan(7, text, evaluate=recorded)


def test_the_space_of_another_scan(scan: Scan, tmp_path: Path) -> None:
    write_scan(tmp_path / "earlier", card=with_config("  architecture: {activations: [relu]}\n"))
    tries = scan(2, with_config("  from_hyperscan: earlier\n"))
    assert [trial.parameters["activation_per_layer"] for trial in tries] == ["relu", "relu"]
    assert tries[0].parameters["optimizer"]["optimizer_name"] == "Nadam"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("  architecture: {n_layers: [1]}\n", "hyperscan_config of the scan earlier: .*min_units: expected this key"),
        ("  architecure: {n_layers: [1]}\n", "hyperscan_config of the scan earlier: .*architecure: expected a known"),
        ("  from_hyperscan: first\n", "expected a scan with its own space, received from_hyperscan"),
    ],
)
def test_mistakes_in_the_space_of_another_scan(scan: Scan, tmp_path: Path, config: str, message: str) -> None:
    write_scan(tmp_path / "earlier", card=with_config(config))
    with pytest.raises(Exception, match=message):
        scan(2, with_config("  from_hyperscan: earlier\n"))


def test_a_card_without_a_scan(scan: Scan) -> None:
    begin, end = CARD.index("kfold:"), CARD.index("parameters:")
    with pytest.raises(Exception, match="kfold: expected this key for a scan, received nothing"):
        scan(2, CARD[:begin] + CARD[end:])


class ReversedPool:
    """A pool of three workers that finishes the last task first."""

    size = 3

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = []
        self.most = 0

    def submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> None:
        self.waiting.append((name, function, arguments))
        self.most = max(self.most, len(self.waiting))

    def next_finished(self) -> Finished:
        name, function, arguments = self.waiting.pop()
        return Finished(name, function(*arguments))


def test_several_workers(scan: Scan) -> None:
    """Trials are recorded as they end, under their numbers."""
    pool = ReversedPool()
    tries = scan(10, pool=pool)
    assert pool.most == 3
    assert [trial.tid for trial in tries] == list(range(10))
    assert losses_of(tries) == [closed_form(trial.parameters) for trial in tries]


def test_cma_refuses_the_card(scan: Scan) -> None:
    with pytest.raises(CommandLineError, match="expected a scan of numbers alone"):
        scan(2, sampler="cmaes")


class Together:
    """Evaluates trials together, and keeps the sizes of their groups."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, work: Any, trials: Any, hashes: Any, limits: Any) -> list[TrialResult]:
        self.sizes.append(len(trials))
        return [evaluate_closed_form(work, trial, hashes, limits) for trial in trials]


def test_samplers_that_do_not_learn_choose_trials_of_one_network_at_once(scan: Scan) -> None:
    """Two folds of two replicas: 25 trials have 100; the trials are those of a scan one by one."""
    together = Together()
    text = with_config(NUMBERS)
    tries = scan(28, text, sampler="random", evaluate_together=together)
    assert together.sizes == [25, 3]
    assert [trial.tid for trial in tries] == list(range(28))
    single = scan(28, text, sampler="random", folder="single", together=1)
    assert [trial.parameters for trial in single] == [trial.parameters for trial in tries]
    assert losses_of(tries) == losses_of(single) == [closed_form(trial.parameters) for trial in tries]


def test_trials_of_other_networks_are_in_other_groups(scan: Scan) -> None:
    together = Together()
    text = with_config(NUMBERS + "  architecture: {activations: [tanh, relu]}\n")
    tries = scan(12, text, sampler="random", evaluate_together=together)
    counts = [sum(trial.parameters["activation_per_layer"] == name for trial in tries) for name in ("tanh", "relu")]
    assert sorted(together.sizes) == sorted(counts)


@pytest.mark.parametrize("options", [{}, {"sampler": "random", "prune": True}])
def test_trials_that_depend_on_others_are_chosen_one_by_one(scan: Scan, options: dict[str, Any]) -> None:
    together = Together()
    scan(12, with_config(NUMBERS), evaluate_together=together, **options)
    assert together.sizes == []


def test_trials_of_tpe_at_once(scan: Scan) -> None:
    together = Together()
    tries = scan(22, with_config(NUMBERS), evaluate_together=together, together=5)
    assert together.sizes == [5, 5, 5, 5, 2]
    assert len({trial.parameters["epochs"] for trial in tries}) > 10


def test_a_group_with_an_error_runs_one_by_one(scan: Scan, messages: Messages) -> None:
    def lost(*arguments: Any) -> list[TrialResult]:
        raise ResourceError("its worker was lost")

    tries = scan(4, with_config(NUMBERS), sampler="random", evaluate_together=lost)
    assert losses_of(tries) == [closed_form(trial.parameters) for trial in tries]
    assert "trials 0, 1, 2, 3: its worker was lost; one by one instead" in messages
    assert messages[-1] == "trials 4/4"


def test_workers_share_the_trials(scan: Scan) -> None:
    together = Together()
    pool = ReversedPool()
    tries = scan(11, with_config(NUMBERS), sampler="random", evaluate_together=together, pool=pool)
    assert pool.most == 3
    assert sorted(together.sizes) == [2, 3, 4]
    assert [trial.tid for trial in tries] == list(range(11))


def test_trials_of_an_interrupted_group_run_again(scan: Scan, messages: Messages) -> None:
    """With their parameters."""
    text = with_config(NUMBERS)
    whole = scan(8, text, sampler="random", folder="whole")

    def interrupted(*arguments: Any) -> list[TrialResult]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(4, text, sampler="random", evaluate_together=interrupted)
    assert losses_of(scan(8, text, sampler="random")) == losses_of(whole)
    assert messages[2] == "interrupted before, run again: trial 0, 1, 2, 3"
