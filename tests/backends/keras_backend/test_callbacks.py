"""Stopping, Lagrange multipliers and timing, on the host."""

import logging

import numpy as np
import pytest

from n3fit.backends import MetaLayer, MetaModel
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callbacks import LagrangeCallback, StoppingCallback, TimerCallback


class Multiplier(MetaLayer):
    """One trainable weight per replica, times a Lagrange multiplier that is not trained."""

    def build(self, shape):
        self.w = self.builder_helper("w", (2,), MetaLayer.init_constant([1.0, 3.0]), replica_axis=0)
        self.lag_mult = self.builder_helper("lagMult", (1,), MetaLayer.init_constant(2.0), trainable=False)

    def call(self, x):
        return x * op.reshape(self.w, (1, 2)) ** 2 * self.lag_mult


def model_of(*names):
    x = op.numpy_to_input(np.ones(1))
    model = MetaModel({"x": x}, [Multiplier(name=name)(x) for name in names])
    model.compile("SGD", learning_rate=1e-3)
    return model


class Stopping:
    """Stop after some epochs and record the calls."""

    def __init__(self, stop_after=10**6):
        self.stop_after = stop_after
        self.seen = []
        self.stopped = 0

    def monitor_chi2(self, training_info, epoch, print_stats=False):
        self.seen.append((epoch, training_info["loss"], print_stats))

    def stop_here(self):
        return len(self.seen) >= self.stop_after

    def make_stop(self):
        self.stopped += 1


class RareStopping(Stopping):
    """The same, called every fourth epoch only."""

    def next_host_epoch(self, epoch):
        return epoch + (-epoch - 1) % 4


def multipliers(model, *names):
    return [float(op.evaluate(model.get_layer(name).lag_mult)[0]) for name in names]


def test_stopping_is_called_in_every_epoch_and_prints_every_log_freq():
    stopping = Stopping()
    history = model_of("a").perform_fit(epochs=6, callbacks=[StoppingCallback(stopping, log_freq=3)])
    assert [epoch for epoch, *_ in stopping.seen] == list(range(6))
    assert [loss for _, loss, _ in stopping.seen] == history["loss"]
    assert [printed for *_, printed in stopping.seen] == [False, False, True] * 2
    assert stopping.stopped == 1


def test_stopping_stops():
    stopping = Stopping(stop_after=3)
    history = model_of("a").perform_fit(epochs=50, callbacks=[StoppingCallback(stopping)])
    assert (len(history["loss"]), stopping.stopped) == (3, 1)


def test_stopping_that_needs_the_host_rarely_lets_the_loop_run():
    stopping = RareStopping()
    model_of("a").perform_fit(epochs=10, callbacks=[StoppingCallback(stopping)])
    assert [epoch for epoch, *_ in stopping.seen] == [3, 7, 9]


def test_weights_are_current_inside_the_callback():
    model = model_of("a")
    losses = []

    class Look(Stopping):
        def monitor_chi2(self, training_info, epoch, print_stats=False):
            losses.append(model.compute_losses()["loss"].sum())
            super().monitor_chi2(training_info, epoch, print_stats)

    history = model.perform_fit(epochs=4, callbacks=[StoppingCallback(Look())])
    assert losses[:3] == pytest.approx(history["loss"][1:], rel=1e-6)


def test_lagrange_multipliers_grow():
    model = model_of("a", "b", "c")
    callback = LagrangeCallback(["a", "c"], [1.5, 3.0], update_freq=4)
    model.perform_fit(epochs=11, callbacks=[callback])
    assert multipliers(model, "a", "b", "c") == pytest.approx([2 * 1.5**2, 2.0, 2 * 3.0**2])


def test_lagrange_multipliers_count_in_the_loss_at_once():
    """Every weight of the layer doubles, so that lambda w^2 grows eightfold."""
    model = model_of("a")
    model.compile("SGD", learning_rate=1e-12)
    losses = model.perform_fit(epochs=5, callbacks=[LagrangeCallback(["a"], [2.0], update_freq=2)])["loss"]
    assert losses == pytest.approx([20.0, 20.0, 160.0, 160.0, 1280.0], rel=1e-5)


def test_layers_are_looked_up_again_in_each_training():
    callback = LagrangeCallback(["a"], [2.0], update_freq=1)
    first, second = model_of("a"), model_of("a")
    first.perform_fit(epochs=1, callbacks=[callback])
    second.perform_fit(epochs=2, callbacks=[callback])
    assert multipliers(first, "a") == [4.0]
    assert multipliers(second, "a") == [8.0]


def test_no_positivity_sets_are_fine():
    callback = LagrangeCallback([], [])
    assert callback.next_host_epoch(0) is None
    assert len(model_of("a").perform_fit(epochs=2, callbacks=[callback])["loss"]) == 2


@pytest.mark.parametrize(("epoch", "expected"), [(0, 99), (99, 99), (100, 199), (250, 299)])
def test_the_host_is_needed_every_hundred_epochs(epoch, expected):
    assert LagrangeCallback(["a"], [2.0]).next_host_epoch(epoch) == expected


def test_timer_times_from_the_second_epoch_on(caplog):
    timer = TimerCallback(count_range=5)
    with caplog.at_level(logging.INFO):
        model_of("a").perform_fit(epochs=12, callbacks=[timer])
    assert len(timer.all_times) == 11
    assert len(timer.every_x) == 2
    assert min(timer.all_times) > 0
    assert timer.every_x[1] == pytest.approx(np.mean(timer.all_times[:9]))
    assert "time per epoch" in caplog.text


@pytest.mark.parametrize("epochs", [0, 1])
def test_timer_without_epochs_does_not_fail(epochs, caplog):
    timer = TimerCallback()
    with caplog.at_level(logging.INFO):
        model_of("a").perform_fit(epochs=epochs, callbacks=[timer])
    assert timer.all_times == []
    assert "not enough epochs" in caplog.text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: LagrangeCallback(["a", "b"], [1.0]), r"2 data sets \(a, b\) and 1 multipliers"),
        (lambda: LagrangeCallback(["a"], [1.0], update_freq=0), "update_freq must be a positive integer, received 0"),
        (lambda: StoppingCallback(Stopping(), log_freq=-1), "log_freq"),
        (lambda: TimerCallback(count_range=0), "count_range"),
        (lambda: model_of("a").perform_fit(callbacks=[LagrangeCallback(["a", "z"], [1.0, 2.0])]), "no layer z"),
    ],
)
def test_wrong_use_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
