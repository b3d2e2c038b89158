"""Faults of workers and schedulers; the numbers are those of the list of faults."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support import cluster_tasks
from support.progress import RecordedSteps

from n3fit.cluster.pool import LostTaskError, open_pool
from n3fit.errors import ResourceError
from n3fit.progress import NullReporter


def test_fault_69_the_task_of_a_lost_worker_goes_to_another(tmp_path: Path) -> None:
    progress = RecordedSteps()
    with open_pool(2, progress=progress) as pool:
        for number in (3, 4):
            pool.submit(f"square of {number}", cluster_tasks.die_at_first, tmp_path, 1 if number == 3 else 0, number)
        finished = {one.name: one.value for one in (pool.next_finished(), pool.next_finished())}
    assert finished == {"square of 3": 9, "square of 4": 16}
    assert [text for text in progress.messages if text.startswith("square of 3: its worker was lost")]


@pytest.mark.parametrize("retries", [0, 1])
def test_fault_69_a_worker_more_than_the_retries_is_an_error(tmp_path: Path, retries: int) -> None:
    with open_pool(1, retries=retries, progress=NullReporter()) as pool:
        pool.submit("square of 3", cluster_tasks.die_at_first, tmp_path, retries + 1, 3)
        error = pool.next_finished().error
        pool.submit("square of 4", cluster_tasks.square, 4)
        assert pool.next_finished().value == 16
    assert isinstance(error, LostTaskError)
    assert error.message.startswith("square of 3: its worker was lost ")
    assert len(list(tmp_path.iterdir())) == retries + 1


def test_fault_69_a_worker_that_is_ended_lets_its_task_stop_first(tmp_path: Path) -> None:
    with open_pool(1, retries=0, progress=NullReporter()) as pool:
        pool.submit("process", os.getpid)
        process = pool.next_finished().value
        pool.submit("training", cluster_tasks.train_until_stopped, tmp_path)
        _end_when_started(process, tmp_path / "started")
        finished = pool.next_finished()
    assert (tmp_path / "stopped").exists()
    assert (finished.value, finished.error) == ("finished", None)


def test_fault_57_the_client_lets_the_tasks_stop_first(tmp_path: Path) -> None:
    def work() -> None:
        with open_pool(1, progress=NullReporter()) as pool:
            pool.submit("training", cluster_tasks.train_until_stopped, tmp_path)
            _end_when_started(os.getpid(), tmp_path / "started", signal.SIGINT)
            pool.next_finished()

    with pytest.raises(KeyboardInterrupt):
        work()
    assert (tmp_path / "stopped").exists()


def test_fault_71_a_scheduler_that_is_not_there() -> None:
    from n3fit.cluster.connections import connect

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ResourceError, match=rf"tcp://127.0.0.1:{port}: the scheduler cannot be reached within 1 s"):
        connect(f"tcp://127.0.0.1:{port}", timeout=1)


def test_fault_71_a_scheduler_that_does_not_answer() -> None:
    from n3fit.cluster.connections import connect

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ResourceError, match=rf"127.0.0.1:{port}: the scheduler cannot be reached within 1 s"):
            connect(f"tcp://127.0.0.1:{port}", timeout=1)


def test_fault_71_a_scheduler_that_ends_during_the_work(tmp_path: Path) -> None:
    from n3fit.cluster.connections import start_local
    from n3fit.cluster.dask_pool import DaskPool

    connection = start_local(1, retries=1)
    with DaskPool(connection, 1, NullReporter()) as pool:
        pool.submit("training", cluster_tasks.train_until_stopped, tmp_path)
        connection.cluster.close()
        with pytest.raises(ResourceError, match="the connection to the scheduler of dask is lost"):
            pool.next_finished()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("__version__ = '0.0.1'", "has n3fit 0.0.1, this process has "),
        ("raise ImportError('no n3fit here')", "has no n3fit (no n3fit here), this process has "),
    ],
)
def test_fault_72_workers_with_another_version_are_refused(tmp_path: Path, content: str, text: str) -> None:
    from distributed import LocalCluster

    other = tmp_path / "n3fit"
    other.mkdir()
    (other / "__init__.py").write_text(content)
    with LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1", protocol="tcp://") as cluster:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-dashboard"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DASK_LOGGING__DISTRIBUTED": "critical"}
        worker = subprocess.Popen([*command, "--no-nanny"], env=environment, cwd=tmp_path)
        try:
            cluster.wait_for_workers(1, timeout=60)
            with pytest.raises(ResourceError) as caught:
                open_pool(cluster=cluster.scheduler_address, progress=NullReporter())
        finally:
            worker.terminate()
            worker.wait()
    assert caught.value.message.startswith("worker tcp://127.0.0.1:")
    assert text in caught.value.message


def test_fault_73_objects_that_cannot_be_sent() -> None:
    with open_pool(1, progress=NullReporter()) as pool:
        with pytest.raises(ResourceError, match=r"^lock: the arguments: cannot be sent between"):
            pool.submit("lock", cluster_tasks.square, threading.Lock())
        pool.submit("lock", cluster_tasks.return_a_lock)
        error = pool.next_finished().error
    assert isinstance(error, ResourceError)
    assert error.message.startswith("lock: the result: cannot be sent between processes (cannot pickle")


def _end_when_started(process: int, started: Path, number: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal to a process as soon as a file is there."""

    def wait() -> None:
        pause = threading.Event()
        while not started.exists():
            pause.wait(0.02)
        os.kill(process, number)

    threading.Thread(target=wait, daemon=True).start()
