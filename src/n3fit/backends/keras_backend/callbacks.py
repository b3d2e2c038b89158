"""Callbacks of the training, on the host and on the device.

A callback on the host costs a return from the compiled loop. It says with ``next_host_epoch`` when it needs that; one
without this method is called after every epoch, as Keras does. A :class:`DeviceCallback` lives inside the loop.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, runtime_checkable

import numpy as np

from n3fit.backends.keras_backend.callback_protocol import Callback, DeviceCallback

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
    """What :class:`StoppingCallback` asks of the object that decides."""

    def monitor_chi2(self, training_info: Mapping[str, float], epoch: int, print_stats: bool = False) -> Any:
        """Look at the losses after an epoch."""

    def stop_here(self) -> bool:
        """Tell whether the training must stop now."""

    def make_stop(self) -> Any:
        """Take note that the training has ended."""


class StoppingCallback(Callback):
    """Let an object watch the fit and stop it.

    Parameters
    ----------
    stopping_object : StoppingObject
        Its ``monitor_chi2(losses, epoch, print_stats=...)`` is called after every epoch, then ``stop_here()``; at the
        end of the training ``make_stop()``. If it has a method ``next_host_epoch(epoch)``, it is only called then.
    log_freq : int
        Every how many epochs ``print_stats`` is true.

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
        """Give what the stopping object asks for, else every epoch."""
        asked = getattr(self.stopping_object, "next_host_epoch", None)
        return epoch if asked is None else asked(epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Let the stopping object judge; ``logs`` are the training losses before this epoch's update."""
        print_stats = (epoch + 1) % self.log_freq == 0
        self.stopping_object.monitor_chi2(logs or {}, epoch, print_stats=print_stats)
        if self.stopping_object.stop_here():
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Tell the stopping object that the training has ended."""
        self.stopping_object.make_stop()


class LagrangeCallback(Callback):
    """Multiply the weights of some layers by a number every ``update_freq`` epochs.

    Parameters
    ----------
    datasets : sequence of str
        Names of the layers.
    multipliers : sequence of float
        One factor for each.
    update_freq : int
        Every how many epochs.

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
        """Give the next epoch with an update, None if there is nothing to update."""
        return epoch + (-epoch - 1) % self.update_freq if self.datasets else None

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Look the layers up in the model that is about to be trained."""
        known = {layer.name: layer for layer in self.model.layers}
        missing = [name for name in self.datasets if name not in known]
        if missing:
            raise ValueError(f"the model has no layer {', '.join(missing)}")
        self.updateable_weights = [list(known[name].weights) for name in self.datasets]

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Multiply, if it is time."""
        if (epoch + 1) % self.update_freq:
            return
        for weights, multiplier in zip(self.updateable_weights, self.multipliers, strict=True):
            for weight in weights:
                weight.assign(weight * multiplier)


class TimerCallback(Callback):
    """Time the epochs, from the second on (the first one compiles).

    Parameters
    ----------
    count_range : int
        Every how many epochs the host is asked for and the mean of the latest 100 epochs is kept.

    Attributes
    ----------
    all_times : list of float
        Seconds per epoch; epochs that ran in one piece share their mean.
    every_x : list of float
        The means.
    """

    WARM_UP = 110
    """Epochs left out of the mean at the end."""

    def __init__(self, count_range: int = 100) -> None:
        super().__init__()
        self.count_range = _positive("count_range", count_range)
        self._forget()

    def _forget(self) -> None:
        self.all_times: list[float] = []
        self.every_x: list[float] = []
        self.started: float | None = None
        self.latest: tuple[int, float] | None = None

    def next_host_epoch(self, epoch: int) -> int | None:
        """Ask for the first epoch and the end of each range."""
        return 0 if epoch == 0 else epoch + (-epoch - 1) % self.count_range

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Forget an earlier training."""
        self._forget()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Take the time."""
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
    """Give a callback that writes losses and weight histograms for TensorBoard.

    Parameters
    ----------
    log_dir : path
        Folder for the details.
    profiling : bool
        Whether to profile a few epochs too (TensorFlow only).
    histogram_freq : int
        Every how many epochs to write histograms of the weights; 0 for never.

    Raises
    ------
    n3fit.errors.MissingExtraError
        Nothing that can write TensorBoard files is installed.
    """
    from n3fit.backends.keras_backend.tensorboard import TensorBoardCallback

    return TensorBoardCallback(Path(log_dir), profiling=profiling, histogram_freq=histogram_freq)


def _positive(name: str, value: int) -> int:
    if int(value) != value or value < 1:
        raise ValueError(f"{name} must be a positive integer, received {value!r}")
    return int(value)
