"""Trainings on one CPU that is split into several devices, which JAX must know before it starts: in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

TESTS = Path(__file__).parents[1]
COLLECTIVES = ("all-reduce", "all-gather", "all-to-all", "collective-permute", "reduce-scatter")
STAGGERED = 7
"""Replicas of the training in which they stop one after the other."""


def split_cpu(devices: int) -> dict[str, str]:
    """Return the environment of a process whose CPU is split into several devices."""
    paths = [str(TESTS), str(TESTS.parent / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "KERAS_BACKEND": "jax",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def train_on(devices: int, output: Path, precision: str, jobs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return what :func:`main` computes with a CPU that is split into several devices."""
    warnings = ("-W", "error", "-W", "ignore::DeprecationWarning")  # of numpy, about Keras
    command = [sys.executable, *warnings, "-m", "support.several_devices", str(output), precision, *jobs]
    run = subprocess.run(command, env=split_cpu(devices), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    with np.load(output) as arrays:
        return dict(arrays)


def train(replicas: int) -> dict[str, np.ndarray]:
    """Train some replicas for 40 epochs; the first of five, of which a copy fills the batch, has nan as its data."""
    from n3fit.progress import NullReporter
    from n3fit.training.trainer import train_replicas
    from support import problems

    problem = problems.make_problem(replicas)
    if replicas == 5:
        problem.data[0] = np.nan
    settings = problems.make_settings(epochs=40, optimizer={"optimizer_name": "Nadam", "learning_rate": 5e-3})
    numbers = list(range(1, replicas + 1))
    return results_of(train_replicas(settings, problems.make_architecture(), problem, numbers, progress=NullReporter()))


def train_staggered(operations: float) -> dict[str, np.ndarray]:
    """Train replicas that stop one after the other, as in the tests of the compaction; return the sizes of batches too.

    Parameters
    ----------
    operations : float
        Of one replica in one epoch; 0 keeps the batch.
    """
    from n3fit.progress import NullReporter
    from n3fit.training import trainer
    from n3fit.training.compaction import CompactionRule
    from support import problems

    sizes = []

    class Noted(trainer.Batch):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            sizes.append((len(self.slots), self.padding))

    problem = problems.make_problem(STAGGERED)
    problem.data[[3, 6]] = np.nan  # these finish at once, so that four are left after 100 epochs
    optimizer = {"optimizer_name": "Nadam", "learning_rate": 5e-3}
    settings = problems.make_settings(epochs=600, stopping_patience=0.1, stopping_delta=0.5, optimizer=optimizer)
    rule = CompactionRule(600, 60, operations)
    numbers = list(range(1, STAGGERED + 1))
    with mock.patch.object(trainer, "Batch", Noted):
        trained = trainer.train_replicas(
            settings, problems.make_architecture(), problem, numbers, progress=NullReporter(), compaction=rule
        )
    return results_of(trained) | {"sizes": np.array(sizes)}


def results_of(trained: Any) -> dict[str, np.ndarray]:
    """Return weights, PDFs and the record of a training; everything has the replicas along the first axis."""
    from n3fit.model.pdf_model import evaluate_pdf

    weights = {f"weight_{n}": variable.numpy() for n, variable in enumerate(trained.pdf_model.trainable_variables)}
    names = ("stop_epoch", "best_epoch", "finite", "training_chi2", "validation_chi2", "training_history")
    record = {name: getattr(trained.record, name) for name in names}
    return weights | record | {"pdf": evaluate_pdf(trained.pdf_model, np.geomspace(1e-4, 0.9, 7))}


def place(replicas: int) -> dict[str, np.ndarray]:
    """Train a model on all devices; return where its arrays are and how often its program needs other devices."""
    from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
    from n3fit.model.training_model import build_training_model
    from n3fit.training.stopping import ReplicaStopping, StoppingRules
    from support import problems

    problem = problems.make_problem(replicas, nonlinear=True)
    pdf_model = build_pdf_model(problems.make_architecture(), list(range(1, replicas + 1)))
    model = build_training_model(pdf_model, problem)
    problems.compile_as_trainer(model)
    before = model.compute_losses()["loss"]
    rules = StoppingRules(problem.training_points, problem.validation_points, problems.make_settings().stopping)
    model.perform_fit(epochs=20, callbacks=[ReplicaStopping(rules)])
    loop = model._loop
    carry, constant = loop._carry(), [variable.value for variable in loop._other]
    arguments = (carry, constant, loop._inputs, loop._targets, np.int32(0), np.int32(1))
    text = loop._program.lower(*arguments).compile().as_text()
    divided, copied = Counter(), Counter()
    for value in [*carry[0], *constant, *carry[2], *loop._states[0].values(), *loop._inputs.values()]:
        assert len(value.devices()) == len(value.sharding.device_set)
        counter = copied if value.is_fully_replicated else divided
        counter[len(value.devices())] += 1
        if counter is divided:
            assert {shard.data.shape[0] for shard in value.addressable_shards} == {replicas // len(value.devices())}
    return {
        "before": before,
        "losses": model.compute_losses()["loss"],
        "pdf": evaluate_pdf(pdf_model, problem.xgrid),
        "first_weights": pdf_model.get_replica_weights(replicas - 1)["all_NNs"][0],
        "divided": np.array(sorted(divided.items())),
        "copied": np.array(sorted(copied.items())),
        "collectives": np.array([text.count(f" {name}(") for name in COLLECTIVES]),
        "programs": np.array(loop._program._cache_size()),
    }


def main(output: str, precision: str, *jobs: str) -> None:
    """Do the jobs ``train:R``, ``place:R`` and ``staggered:OPERATIONS`` and write their results to a file."""
    import n3fit.backends as backends

    backends.set_initial_state(double_precision=precision == "double")
    arrays: dict[str, np.ndarray] = {"devices": np.array(len(backends.local_devices()))}
    functions = {"train": train, "place": place, "staggered": train_staggered}
    for job in jobs:
        name, _, argument = job.partition(":")
        results = functions[name](float(argument) if name == "staggered" else int(argument))
        arrays |= {f"{job}/{key}": np.asarray(value) for key, value in results.items()}
    np.savez(output, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
