"""Connections to schedulers that run already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster
from support import cluster_tasks
from support.progress import RecordedSteps

from n3fit.cluster.connections import is_address
from n3fit.cluster.pool import open_pool
from n3fit.progress import NullReporter


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=":0", host="127.0.0.1") as cluster:
        yield cluster


def test_an_address_is_no_file() -> None:
    assert [is_address(text) for text in ("tcp://a:1", "tls://a:1", "a.yml", Path("b/a.yml"))] == [
        True,
        True,
        False,
        False,
    ]


def test_a_worker_of_two_threads_has_one_task_at_a_time(cluster: Any, tmp_path: Path) -> None:
    with open_pool(cluster=cluster.scheduler_address, progress=NullReporter()) as pool:
        assert pool.size == 1
        for number in range(4):
            pool.submit(f"task {number}", cluster_tasks.alone_in, tmp_path)
        assert [pool.next_finished().value for _ in range(4)] == [True] * 4


def test_the_cluster_of_others_goes_on(cluster: Any, tmp_path: Path) -> None:
    path = tmp_path / "cluster.yml"
    path.write_text(f"address: {cluster.scheduler_address}\ntimeout: 20\n")
    progress = RecordedSteps()
    for number in (3, 4):
        with open_pool(cluster=path, progress=progress) as pool:
            pool.submit("square", cluster_tasks.square, number)
            assert pool.next_finished().value == number**2
    assert len(cluster.scheduler_info["workers"]) == 1
    assert progress.messages == []


def test_without_workers_it_waits_and_says_so(tmp_path: Path) -> None:
    progress = RecordedSteps()
    settings = {"n_workers": 0, "dashboard_address": ":0", "host": "127.0.0.1", "protocol": "tcp://"}
    with (
        LocalCluster(**settings) as cluster,
        open_pool(cluster=cluster.scheduler_address, progress=progress) as pool,
    ):

        def start_worker(text: str) -> None:
            progress.messages.append(text)
            cluster.scale(1)

        progress.message = start_worker  # type: ignore[method-assign]
        pool.submit("square", cluster_tasks.square, 3)
        assert pool.next_finished().value == 9
    assert progress.messages == ["waiting for workers: the scheduler has none yet"]
