"""Worker processes."""

import os
import subprocess
import sys

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


UNGUARDED = """
from functools import partial
from operator import attrgetter
from n3fit.worker_pool import run_tasks
print(sorted(result for _, result in run_tasks(partial(attrgetter, "imag"), [1j, 2j, 3j], jobs=2)))
"""


def test_a_script_without_a_guard_runs_once(tmp_path):
    (tmp_path / "script.py").write_text(UNGUARDED)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr, done.returncode) == ("[1.0, 2.0, 3.0]\n", "", 0)
