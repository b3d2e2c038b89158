"""The cost of a checkpoint from the times of chunks of epochs."""

from __future__ import annotations

import json

import pytest


def test_the_share_of_a_checkpoint_follows_from_chunks_with_and_without(load) -> None:
    checkpoints = load("checkpoints")
    row = checkpoints.cost_row(100, [0.5, 0.5, 0.9], [0.6, 0.6, 0.6])
    assert row == ["100", "500", "600", "100", "1.200", "0.333 %"]
    assert checkpoints.cost_row(1000, [1.0], [2.0])[-1] == "0.500 %"  # the interval grows with the cost
    assert checkpoints.cost_row(1, [0.5], [0.4])[3] == "0"


def test_the_first_chunk_with_the_compilation_is_left_out(load) -> None:
    processes, checkpoints = load("processes"), load("checkpoints")
    lines = [(1.0, {"event": "phase", "name": "training"})]
    lines += [(when, {"event": "epoch", "epoch": epoch}) for when, epoch in ((9.0, 100), (9.5, 200), (10.5, 300))]
    finished = processes.Finished(0, 11.0, 0.0, tuple((when, json.dumps(event)) for when, event in lines), "")
    assert checkpoints.chunks(finished) == pytest.approx([0.5, 1.0])
