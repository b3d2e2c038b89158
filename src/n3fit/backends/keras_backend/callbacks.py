"""Callbacks of the training, on the host and inside the compiled loop.

A callback on the host costs a return from the compiled loop, at the epochs that its method ``next_host_epoch`` returns;
one without this method is called after every epoch, as by Keras. A :class:`DeviceCallback` is compiled into the loop.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, runtime_checkable

import numpy as np

from n3fit.backends.keras_backend.callback_protocol import Callback, DeviceCallback, requested_epoch

__all__ = [
    "Callback",
    "DeviceCallback",
    "LagrangeCallback",
    "StoppingCallback",
    "StoppingObject",
    "TimerCallback",
    "gen_tensorboard_callback",
]

logger = logging.getLogger(__name__)


@runtime_checkable
class StoppingObject(Protocol):
    """Methods of the object that decides for :class:`StoppingCallback` when a training stops."""

    def monitor_chi2(self, training_info: Mapping[str, float], epoch: int, print_stats: bool = False) -> Any:
        """Record the losses of an epoch."""

    def stop_here(self) -> bool:
        """Return whether the training must stop now."""

    def make_stop(self) -> Any:
        """Record that the training has ended."""


class StoppingCallback(Callback):
    """Callback that passes the losses of each epoch to an object, and stops the training when this requests it.

    Parameters
    ----------
    stopping_object : StoppingObject
        Its ``monitor_chi2(losses, epoch, print_stats=...)`` is called after every epoch, then ``stop_here()``; at the
        end of the training ``make_stop()``. If it has a method ``next_host_epoch(epoch)``, only the epochs that this
        returns count.
    log_freq : int
        Number of epochs between those in which ``print_stats`` is true.

    Raises
    ------
    ValueError
        ``log_freq`` is not positive.
    """

    def __init__(self, stopping_object: StoppingObject, log_freq: int = 100) -> None:
        super().__init__()
        self.log_freq = _positive("log_freq", log_freq)
        self.stopping_object = stopping_object

    def next_host_epoch(self, epoch: int) -> int | None:
        """Return the epoch that the stopping object requests, by default every epoch."""
        return requested_epoch(self.stopping_object, epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Call the stopping object; ``logs`` are the training losses before the update of this epoch."""
        print_stats = (epoch + 1) % self.log_freq == 0
        self.stopping_object.monitor_chi2(logs or {}, epoch, print_stats=print_stats)
        if self.stopping_object.stop_here():
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Call ``make_stop`` of the stopping object."""
        self.stopping_object.make_stop()


class LagrangeCallback(Callback):
    """Callback that multiplies the weights of some layers by a number every ``update_freq`` epochs.

    Parameters
    ----------
    datasets : sequence of str
        Names of the layers.
    multipliers : sequence of float
        One factor for each.
    update_freq : int
        Number of epochs between updates.

    Raises
    ------
    ValueError
        The two sequences differ in length, ``update_freq`` is not positive or, when the training begins, the model
        has no layer of one of the names.
    """

    def __init__(self, datasets: Sequence[str], multipliers: Sequence[float], update_freq: int = 100) -> None:
        super().__init__()
        if len(datasets) != len(multipliers):
            raise ValueError(
                f"there must be one multiplier per data set, received {len(datasets)} data sets "
                f"({', '.join(datasets)}) and {len(multipliers)} multipliers"
            )
        self.datasets = list(datasets)
        self.multipliers = [float(multiplier) for multiplier in multipliers]
        self.update_freq = _positive("update_freq", update_freq)
        self.updateable_weights: list[list[Any]] = []

    def next_host_epoch(self, epoch: int) -> int | None:
        """Return the next epoch with an update, None without layers."""
        return epoch + (-epoch - 1) % self.update_freq if self.datasets else None

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Find the layers in the model that is trained."""
        known = {layer.name: layer for layer in self.model.layers}
        missing = [name for name in self.datasets if name not in known]
        if missing:
            raise ValueError(f"the model has no layer {', '.join(missing)}")
        self.updateable_weights = [list(known[name].weights) for name in self.datasets]

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Multiply the weights if this is an epoch with an update."""
        if (epoch + 1) % self.update_freq:
            return
        for weights, multiplier in zip(self.updateable_weights, self.multipliers, strict=True):
            for weight in weights:
                weight.assign(weight * multiplier)


class TimerCallback(Callback):
    """Callback that measures the time of the epochs, from the second one on (the first one compiles).

    Parameters
    ----------
    count_range : int
        Number of epochs after which the host is needed and the mean of the latest 100 epochs is recorded.

    Attributes
    ----------
    all_times : list of float
        Seconds per epoch; epochs of one compiled chunk have their mean.
    every_x : list of float
        The means.
    """

    WARM_UP = 110
    """Epochs left out of the mean at the end."""

    def __init__(self, count_range: int = 100) -> None:
        super().__init__()
        self.count_range = _positive("count_range", count_range)
        self._reset()

    def _reset(self) -> None:
        self.all_times: list[float] = []
        self.every_x: list[float] = []
        self.started: float | None = None
        self.latest: tuple[int, float] | None = None

    def next_host_epoch(self, epoch: int) -> int | None:
        """Return the first epoch or the end of the range."""
        return 0 if epoch == 0 else epoch + (-epoch - 1) % self.count_range

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Remove the times of an earlier training."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Record the time."""
        now = perf_counter()
        if self.latest is None:
            self.started = now
        else:
            previous, then = self.latest
            passed = max(1, epoch - previous)
            self.all_times += [(now - then) / passed] * passed
        self.latest = (epoch, now)
        if self.all_times and (epoch + 1) % self.count_range == 0:
            self.every_x.append(float(np.mean(self.all_times[-100:])))
            logger.info("mean time of the latest epochs: %.3g s", self.every_x[-1])

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Log the mean time of an epoch, its spread, and the total."""
        if self.started is None or self.latest is None or not self.all_times:
            logger.info("not enough epochs to time")
            return
        times = np.array(self.all_times[self.WARM_UP :] or self.all_times)
        total = (self.latest[1] - self.started) / 60
        logger.info("time per epoch: %.3g +- %.2g s, total: %.3g minutes", times.mean(), times.std(), total)


def gen_tensorboard_callback(log_dir: str | Path, profiling: bool = False, histogram_freq: int = 0) -> Any:
    """Return a callback that writes losses and histograms of the weights for TensorBoard.

    Parameters
    ----------
    log_dir : path
        Folder of the files.
    profiling : bool
        Whether to profile a few epochs too (TensorFlow only).
    histogram_freq : int
        Number of epochs between histograms of the weights; 0 for none.

    Raises
    ------
    n3fit.errors.MissingExtraError
        TensorBoard is not installed.
    """
    from n3fit.backends.keras_backend.tensorboard import TensorBoardCallback

    return TensorBoardCallback(Path(log_dir), profiling=profiling, histogram_freq=histogram_freq)


def _positive(name: str, value: int) -> int:
    if int(value) != value or value < 1:
        raise ValueError(f"{name} must be a positive integer, received {value!r}")
    return int(value)
