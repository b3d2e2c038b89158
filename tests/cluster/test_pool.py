"""Pools: what is submitted comes back, whatever the kind of the pool."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from support import cluster_tasks
from support.progress import RecordedSteps

from n3fit.cluster.inline_pool import InlinePool
from n3fit.cluster.pool import Pool, open_pool
from n3fit.errors import CommandLineError, DataError, ResourceError
from n3fit.progress import NullReporter


class RecordedEpochs(RecordedSteps):
    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[tuple[int, int, dict[str, float], int, int]] = []

    def epoch(self, epoch: int, total: int, losses: object, active: int, replicas: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.epochs.append((epoch, total, dict(losses), active, replicas))  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def progress() -> RecordedEpochs:
    return RecordedEpochs()


@pytest.fixture(scope="module", params=[None, 2])
def pool(request: pytest.FixtureRequest, progress: RecordedEpochs) -> Iterator[Pool]:
    with open_pool(request.param, progress=progress) as opened:
        yield opened


def test_the_size_is_the_number_of_workers(pool: Pool) -> None:
    assert pool.size == (1 if isinstance(pool, InlinePool) else 2)


def test_every_task_comes_back_once(pool: Pool) -> None:
    for number in range(7):
        pool.submit(f"square of {number}", cluster_tasks.square, number)
    finished = [pool.next_finished() for _ in range(7)]
    assert {one.name: one.value for one in finished} == {f"square of {n}": n**2 for n in range(7)}
    assert [one.error for one in finished] == [None] * 7
    with pytest.raises(ValueError, match="none is waiting"):
        pool.next_finished()


def test_tasks_report_their_progress(pool: Pool, progress: RecordedEpochs) -> None:
    progress.epochs.clear()
    pool.submit("training", cluster_tasks.report_epochs, 40)
    assert isinstance(pool.next_finished().value, int)
    assert progress.epochs[-1] == (40, 40, {"training": 0.025}, 2, 2)
    assert "trained" in progress.messages


def test_an_error_of_the_user_comes_back_as_itself(pool: Pool) -> None:
    pool.submit("broken", cluster_tasks.fail, "data")
    finished = pool.next_finished()
    assert type(finished.error) is DataError
    assert str(finished.error) == "set.yml: expected 3 points, received 2 (restore it)"
    pool.submit("extra", cluster_tasks.fail, "extra")
    error = pool.next_finished().error
    assert isinstance(error, ResourceError)
    assert str(error) == "yadism is not installed (pip install 'n3fit[theory]')"


def test_a_bug_is_raised(pool: Pool) -> None:
    pool.submit("bug", cluster_tasks.fail, "bug")
    with pytest.raises(ZeroDivisionError, match="a bug"):
        pool.next_finished()


def test_a_worker_has_its_share_of_cores_and_memory(pool: Pool) -> None:
    cores, memory_mb = cluster_tasks.limits()
    pool.submit("limits", cluster_tasks.limits)
    shares = pool.next_finished().value
    assert shares[0] == max(1, cores // pool.size)
    assert shares[1] == pytest.approx(memory_mb / pool.size, abs=1)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"workers": 2, "cluster": "a.yml"}, "received both --workers and --cluster"),
        ({"workers": 0}, "workers: expected at least 1, received 0"),
        ({"workers": 1, "retries": -1}, "retries: expected 0 or more, received -1"),
    ],
)
def test_the_arguments_are_checked(options: dict[str, object], text: str) -> None:
    with pytest.raises(CommandLineError, match=text):
        open_pool(**options, progress=NullReporter())  # type: ignore[arg-type]
