"""Worker processes."""

import os

from n3fit.errors import TheoryError
from n3fit.worker_pool import WorkerEndedError, run_tasks


def start():
    return work


def work(task):
    if task == "error":
        raise TheoryError("refused", hint="another")
    if task == "end":
        os._exit(9)
    return task, os.getpid()


def test_tasks_with_results_errors_and_processes_that_end():
    outcomes = dict(run_tasks(start, ["a", "error", "end", "b", "c"], jobs=2))
    assert [outcomes[task][0] for task in "abc"] == ["a", "b", "c"]
    assert (outcomes["error"].message, outcomes["error"].hint) == ("refused", "another")
    assert isinstance(outcomes["end"], WorkerEndedError)
    assert "ended with code 9" in outcomes["end"].message
    assert len({pid for _, pid in (outcomes[task] for task in "abc")} | {os.getpid()}) > 1
