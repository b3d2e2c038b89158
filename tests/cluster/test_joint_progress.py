"""The progress of several tasks as that of one fit."""

from __future__ import annotations

import math
from typing import Any

from support.progress import RecordedSteps

from n3fit.cluster.joint_progress import JointProgress


class Recorded(RecordedSteps):
    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[tuple[int, int, dict[str, float], int, int]] = []

    def epoch(self, epoch: int, total: int, losses: Any, active: int, replicas: int) -> None:
        self.epochs.append((epoch, total, dict(losses), active, replicas))


def epoch(number: int, loss: float, active: int, replicas: int) -> dict[str, Any]:
    counts = {"epoch": number, "total": 100, "active": active, "replicas": replicas}
    return {"kind": "epoch", "losses": {"training": loss}, **counts}


def test_epochs_and_losses_are_means_over_the_replicas() -> None:
    progress = Recorded()
    joint = JointProgress(progress)
    joint.receive("a", epoch(50, 2.0, 3, 3))
    joint.receive("b", epoch(10, 6.0, 1, 1))
    assert progress.epochs == [(50, 100, {"training": 2.0}, 3, 3), (40, 100, {"training": 3.0}, 4, 4)]
    joint.finish("a")
    joint.receive("b", epoch(20, 5.0, 1, 1))
    assert progress.epochs[-1] == (80, 100, {"training": 5.0}, 1, 4)
    joint.receive("b", epoch(100, 5.0, 0, 1))
    assert math.isnan(progress.epochs[-1][2]["training"])


def test_what_all_workers_say_is_said_once() -> None:
    progress = Recorded()
    joint = JointProgress(progress)
    for task in ("a", "b"):
        joint.receive(task, {"kind": "message", "text": "computing on CPU"})
        joint.receive(task, {"kind": "started", "worker": "tcp://1"})
    joint.receive("b", {"kind": "started", "worker": "tcp://2"}, again=True)
    assert progress.messages == ["computing on CPU", "b: its worker was lost, goes on at tcp://2"]
