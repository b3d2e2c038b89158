"""Losses and histograms of weights as TensorBoard files, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import Callback
from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.errors import MissingExtraError

BINS = 30


class TensorBoardCallback(Callback):
    """Callback that writes the losses of every epoch, and histograms of the weights every ``histogram_freq`` epochs.

    Parameters
    ----------
    log_dir : Path
        Folder of the files.
    profiling : bool
        Whether to profile the training (on JAX: a trace for the profile plugin of TensorBoard).
    histogram_freq : int
        Number of epochs between histograms, 0 for none.

    Raises
    ------
    n3fit.errors.MissingExtraError
        TensorBoard is not installed.
    ValueError
        ``histogram_freq`` is negative.
    """

    def __init__(self, log_dir: Path, *, profiling: bool = False, histogram_freq: int = 0) -> None:
        super().__init__()
        if find_spec("tensorboard") is None:
            raise MissingExtraError("tensorboard", "tensorboard")
        if histogram_freq < 0:
            raise ValueError(f"histogram_freq must not be negative, received {histogram_freq}")
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.profiling = profiling
        self._writer: Any = None
        self._profiler: Any = None

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Open the file."""
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(str(self.log_dir))
        if self.profiling:
            self._profiler = _start_profiler(self.log_dir)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the losses and, in the epochs for it, the histograms."""
        proto = _summary_proto()
        values = [proto.Summary.Value(tag=f"epoch_{name}", simple_value=value) for name, value in (logs or {}).items()]
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            values += [_histogram(proto, weight.path, evaluate(weight)) for weight in self.model.weights]
        self._write(epoch, proto.Summary(value=values))

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Close the file."""
        self._writer.close()
        if self._profiler is not None:
            self._profiler()
            self._profiler = None

    def _write(self, epoch: int, summary: Any) -> None:
        from time import time

        from tensorboard.compat.proto.event_pb2 import Event

        self._writer.add_event(Event(wall_time=time(), step=epoch, summary=summary))


def _summary_proto() -> ModuleType:
    from tensorboard.compat.proto import summary_pb2

    module: ModuleType = summary_pb2
    return module


def _histogram(proto: ModuleType, tag: str, values: NDArray[Any]) -> Any:
    """Compute the histogram of the finite entries of a weight."""
    finite = values[np.isfinite(values)].astype(float)
    counts, edges = np.histogram(finite if finite.size else [0.0], bins=BINS)
    histogram = proto.HistogramProto(
        min=edges[0],
        max=edges[-1],
        num=float(finite.size),
        sum=float(finite.sum()),
        sum_squares=float((finite**2).sum()),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.astype(float).tolist(),
    )
    return proto.Summary.Value(tag=tag, histo=histogram)


def _start_profiler(log_dir: Path) -> Any:
    """Start the profiler of the backend in use and return the function that stops it."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        jax.profiler.start_trace(str(log_dir))
        return jax.profiler.stop_trace
    if backend == "tensorflow":
        import tensorflow as tf

        tf.profiler.experimental.start(str(log_dir))
        return tf.profiler.experimental.stop
    import torch

    profiler = torch.profiler.profile(on_trace_ready=torch.profiler.tensorboard_trace_handler(str(log_dir)))
    profiler.start()
    return profiler.stop
