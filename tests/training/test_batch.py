"""Training with and without compaction: the same fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import problems

from n3fit.model.pdf_model import evaluate_pdf
from n3fit.progress import NullReporter
from n3fit.training.compaction import CompactionRule
from n3fit.training.settings import TensorBoardSettings, TrainingSettings
from n3fit.training.trainer import compaction_rule, train_replicas

EPOCHS, REPLICAS = 600, 8
ALWAYS, NEVER = 1e30, 0.0
CALM = 300
"""Epochs in which rounding stays small. In the most sensitive replica it grows by nine orders of magnitude in a hundred
epochs after these, as a change of the data by 1e-14 does."""
AMPLIFIED = 1e-4
"""Largest effect of rounding until then; a mistake in what goes over to a smaller batch would be of order one."""


class Listener(NullReporter):
    """Reporter that keeps its arguments, and interrupts at a given epoch."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        self.interrupt_at = interrupt_at
        self.heard: list[tuple[int, int, int, int]] = []

    def epoch(self, epoch, total, losses, active, replicas):
        self.heard.append((epoch, total, active, replicas))
        if epoch == self.interrupt_at:
            raise KeyboardInterrupt


def make_settings(**changes) -> TrainingSettings:
    """Return settings with which replicas stop one after the other: small gains do not count."""
    optimizer = {"optimizer_name": "Nadam", "learning_rate": 5e-3}
    settings = problems.make_settings(epochs=EPOCHS, stopping_patience=0.1, stopping_delta=0.5, optimizer=optimizer)
    return replace(settings, **changes)


def train(operations, listener, *, initial_weights=None, eigenbasis=True):
    problem = problems.make_problem(REPLICAS, eigenbasis=eigenbasis)
    problem.data[3] = np.nan  # finishes at once
    return train_replicas(
        make_settings(), problems.make_architecture(), problem, list(range(1, REPLICAS + 1)), progress=listener,
        compaction=CompactionRule(EPOCHS, EPOCHS // 10, operations),
        initial_weights=None if initial_weights is None else [initial_weights] * REPLICAS,
    )  # fmt: skip


def sizes_of(monkeypatch) -> list[int]:
    """Return a list that records the size of every batch that is built."""
    from n3fit.training import trainer

    sizes = []

    class Noted(trainer.Batch):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            sizes.append(len(self.slots))

    monkeypatch.setattr(trainer, "Batch", Noted)
    return sizes


@pytest.fixture(scope="module")
def whole():
    """The training in one batch to the end, what was heard of it, and its weights."""
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)
    listener = Listener()
    trained = train(NEVER, listener)
    found = trained, listener.heard, weights(trained)
    set_initial_state()
    return found


def weights(trained) -> list[np.ndarray]:
    return [variable.numpy() for variable in trained.pdf_model.trainable_variables]


def calm_replicas(trained) -> np.ndarray:
    """Return the replicas that stopped before rounding can have grown."""
    calm = trained.record.stop_epoch < CALM
    assert calm.sum() >= 5
    return calm


def check_same(compacted, whole):
    """Compare everything that a training gives, before rounding has grown."""
    calm = calm_replicas(whole)
    assert len(set(whole.record.stop_epoch.tolist())) >= 6  # staggered
    np.testing.assert_array_equal(compacted.finished, whole.finished)
    for name in ("stop_epoch", "best_epoch", "finite"):
        received, expected = (getattr(trained.record, name)[calm] for trained in (compacted, whole))
        np.testing.assert_array_equal(received, expected, err_msg=name)
    for name in ("training_chi2", "validation_chi2"):
        received, expected = (getattr(trained.record, name)[calm] for trained in (compacted, whole))
        np.testing.assert_allclose(received, expected, rtol=AMPLIFIED, err_msg=name)
    chunks = whole.record.history_epochs < CALM
    np.testing.assert_array_equal(whole.record.history_epochs[chunks], compacted.record.history_epochs[: chunks.sum()])
    for name in ("training_history", "validation_history"):
        received, expected = (getattr(trained.record, name)[:, : chunks.sum()] for trained in (compacted, whole))
        np.testing.assert_allclose(received, expected, rtol=AMPLIFIED, err_msg=name)
    for one, other in zip(weights(compacted), weights(whole), strict=True):
        np.testing.assert_allclose(one[calm], other[calm], rtol=0, atol=AMPLIFIED)
    assert compacted.interruption is None


def check_sizes(sizes):
    """The batches became smaller."""
    assert sizes[0] == REPLICAS
    assert len(sizes) >= 2
    assert sizes == sorted(set(sizes), reverse=True)


def test_compaction_changes_nothing(whole, double_precision, monkeypatch):
    sizes = sizes_of(monkeypatch)
    listener = Listener()
    compacted = train(ALWAYS, listener)
    trained, heard, _ = whole
    check_sizes(sizes)
    check_same(compacted, trained)
    assert [call for call in listener.heard if call[0] <= CALM] == [call for call in heard if call[0] <= CALM]


@pytest.mark.slow
def test_compaction_of_a_split_point_by_point(double_precision, monkeypatch):
    trained = train(NEVER, NullReporter(), eigenbasis=False)
    sizes = sizes_of(monkeypatch)
    compacted = train(ALWAYS, NullReporter(), eigenbasis=False)
    check_sizes(sizes)
    check_same(compacted, trained)


@pytest.mark.slow
def test_loaded_exponents_survive_the_change_of_batches(double_precision):
    """The exponents are not trained: they come from the loaded weights, in every batch."""
    start = train(NEVER, NullReporter()).pdf_model.get_replica_weights(1)
    start["preprocessing_factor"] = [0.9 * value for value in start["preprocessing_factor"]]
    whole, compacted = (train(operations, NullReporter(), initial_weights=start) for operations in (NEVER, ALWAYS))
    x = np.geomspace(1e-4, 0.9, 20)
    np.testing.assert_allclose(evaluate_pdf(compacted.pdf_model, x), evaluate_pdf(whole.pdf_model, x), rtol=1e-6)
    np.testing.assert_array_equal(
        compacted.pdf_model.get_replica_weights(5)["preprocessing_factor"], start["preprocessing_factor"]
    )


def test_an_interruption_keeps_the_replicas_of_every_batch(whole, double_precision, monkeypatch):
    sizes = sizes_of(monkeypatch)
    trained, _, expected = whole
    cut = train(ALWAYS, Listener(interrupt_at=400))
    assert sizes[-1] < REPLICAS
    assert isinstance(cut.interruption, KeyboardInterrupt)
    np.testing.assert_array_equal(cut.finished, trained.record.stop_epoch < 400)
    assert 0 < cut.finished.sum() < REPLICAS
    for one, other in zip(weights(cut), expected, strict=True):
        np.testing.assert_allclose(one[cut.finished], other[cut.finished], rtol=0, atol=1e-8)


def test_settings_with_which_the_batch_does_not_shrink():
    problem = problems.make_problem(2)
    architecture = problems.make_architecture()
    assert compaction_rule(make_settings(), architecture, problem).operations > 1e4
    for settings, chosen in (
        (make_settings(deterministic=True), architecture),
        (make_settings(tensorboard=TensorBoardSettings(Path("logs"))), architecture),
        (make_settings(), problems.make_architecture(dropout=0.1)),
    ):
        assert compaction_rule(settings, chosen, problem).operations == 0


def test_copies_that_fill_a_batch_change_nothing(double_precision, monkeypatch):
    from n3fit.training import batch

    def train_five():
        problem, listener = problems.make_problem(5), Listener()
        problem.data[0] = np.nan  # copied too
        settings = replace(make_settings(), epochs=40)
        rule = CompactionRule(40, 4, NEVER)
        numbers = list(range(1, 6))
        trained = train_replicas(
            settings, problems.make_architecture(), problem, numbers, progress=listener, compaction=rule
        )
        return trained, listener.heard

    alone, heard = train_five()
    monkeypatch.setattr(batch, "padded_replicas", lambda replicas: replicas + 3)
    filled, heard_filled = train_five()
    assert heard_filled == heard
    assert heard[-1][3] == 5
    np.testing.assert_array_equal(filled.record.stop_epoch, alone.record.stop_epoch)
    for name in ("training_chi2", "validation_chi2", "training_history"):
        received, expected = getattr(filled.record, name), getattr(alone.record, name)
        np.testing.assert_allclose(received, expected, rtol=1e-6, err_msg=name)
    for one, other in zip(weights(filled), weights(alone), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-8)
