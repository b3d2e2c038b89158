"""Losses and histograms, read by TensorBoard."""

import sys

import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callbacks import gen_tensorboard_callback
from n3fit.errors import MissingExtraError


def test_tensorboard_shows_losses_and_histograms(build_model, tmp_path):
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    model = build_model([1, 2])
    model.compile("Adam")
    callback = gen_tensorboard_callback(str(tmp_path / "logs"), histogram_freq=2)
    losses = model.perform_fit(epochs=4, callbacks=[callback])["loss"]
    events = accumulators.EventAccumulator(str(tmp_path / "logs"), {"histograms": 0}).Reload()
    assert {"epoch_loss", "epoch_tr_loss", "epoch_vl_loss"} <= set(events.Tags()["scalars"])
    assert [event.value for event in events.Scalars("epoch_loss")] == pytest.approx(losses, rel=1e-6)
    assert [event.step for event in events.Scalars("epoch_loss")] == [0, 1, 2, 3]
    bias = model.get_layer("pdf").bias
    histograms = events.Histograms(bias.path)
    assert [event.step for event in histograms] == [0, 2]
    assert histograms[0].histogram_value.num == 4
    kernel = op.evaluate(model.get_layer("pdf").kernel)
    last = events.Histograms(model.get_layer("pdf").kernel.path)[-1].histogram_value
    assert np.sum(last.bucket) == kernel.size
    assert last.min <= last.max


def test_a_missing_tensorboard_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"tensorboard is not installed \(pip install 'n3fit\[tensorboard\]'\)"):
        gen_tensorboard_callback(tmp_path)


def test_a_negative_frequency_is_refused(tmp_path):
    pytest.importorskip("tensorboard")
    with pytest.raises(ValueError, match="histogram_freq"):
        gen_tensorboard_callback(tmp_path, histogram_freq=-1)
