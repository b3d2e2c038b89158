"""Faults of the devices that a fit survives; the numbers are those of the catalogue of faults."""

import json
import os
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from support import several_devices

from n3fit import api
from n3fit.backends.keras_choice import choose_keras_backend
from n3fit.errors import ResourceError
from n3fit.progress import NullReporter
from n3fit.training import trainer

SMALL_FIT = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
CARD = SMALL_FIT.replace("t0pdfset: toy, ", "").replace("epochs: 120", "epochs: 60")
jax_only = pytest.mark.skipif(choose_keras_backend() != "jax", reason="the variables are those of JAX")


class Listener(NullReporter):
    """Reporter that keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


def fit(place: Path, name: str, listener: NullReporter, replicas: int = 5) -> api.Fit:
    card = place / "card.yml"
    card.write_text(CARD.replace("mcseed: 3", "mcseed: 3\ndouble_precision: true"))
    return api.fit(card, replicas=range(1, replicas + 1), output=place / name, progress=listener)


def limit_memory(monkeypatch: pytest.MonkeyPatch, capacity: int) -> list[int]:
    """Make batches of more replicas fail as on a device without memory; return a list of the sizes that are tried."""
    sizes: list[int] = []
    failed: list[weakref.ref] = []

    class Limited(trainer.Batch):
        def __init__(self, *arguments) -> None:
            assert [model() for model in failed] == [None] * len(failed), "the memory is not free yet"
            super().__init__(*arguments)
            sizes.append(len(self.slots))

        def train(self, callbacks) -> None:
            super().train(callbacks)
            if len(self.slots) > capacity:
                failed.append(weakref.ref(self.model))
                raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 6442450944 bytes.")

    monkeypatch.setattr(trainer, "Batch", Limited)
    return sizes


def test_fault_64_without_memory_the_group_is_halved(place, monkeypatch):
    undivided = fit(place, "undivided", NullReporter())
    sizes, listener = limit_memory(monkeypatch, 3), Listener()
    divided = fit(place, "divided", listener)
    assert sizes == [5, 3, 2]
    assert [text for text in listener.messages if "memory than" in text] == [
        "5 replicas need more memory than there is: training at most 3 at a time instead"
    ]
    assert undivided.manifest.environment["replicas_together"] == 5
    assert divided.manifest.environment["replicas_together"] == 3
    assert divided.replicas.tolist() == undivided.replicas.tolist()
    for name in ("stop_epoch", "best_epoch"):
        received, expected = (getattr(each.results.training, name) for each in (divided, undivided))
        np.testing.assert_array_equal(received, expected)
    scale = np.abs(undivided.pdf).max()
    np.testing.assert_allclose(divided.pdf, undivided.pdf, rtol=0, atol=1e-9 * scale)
    assert np.abs(undivided.pdf[0] - undivided.pdf[1]).max() > 1e-2 * scale


def test_fault_64_without_memory_for_one_replica(place, monkeypatch):
    sizes = limit_memory(monkeypatch, 0)
    with pytest.raises(ResourceError, match="one replica needs more memory than there is: RESOURCE_EXHAUSTED"):
        fit(place, "impossible", NullReporter(), replicas=3)
    assert sizes == [3, 2, 1]
    assert not (place / "impossible").exists()


def run_command(folder: Path, name: str, **environment: str) -> str:
    """Fit five replicas with the command in a process of its own; return what it prints."""
    (folder / "card.yml").write_text(CARD)
    run = subprocess.run(
        [sys.executable, "-m", "n3fit", "fit", "card.yml", "-r", "1-5", "-o", name],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    return run.stdout + run.stderr


@jax_only
def test_fault_65_without_gpu_the_cpu_and_several_of_them(place):
    """Also end to end: five replicas on three of four devices are those of one device."""
    output = run_command(place, "fallback", JAX_PLATFORMS="cuda")
    lines = [line for line in output.splitlines() if "CPU:" in line]
    assert lines == [
        "n3fit: computing on the CPU: JAX_PLATFORMS=cuda cannot be used, no plugin of JAX for GPUs is installed"
    ]
    assert "CPU:" not in run_command(place, "four", **several_devices.split_cpu(4))
    one, four = (api.open_fit(place / name) for name in ("fallback", "four"))
    devices = [json.loads((place / name / "manifest.json").read_text())["environment"] for name in ("fallback", "four")]
    assert devices[1]["replicas_together"] == 5
    assert devices[0]["device"] != devices[1]["device"]
    assert one.results.training.stop_epoch.tolist() == four.results.training.stop_epoch.tolist()
    np.testing.assert_allclose(four.pdf, one.pdf, rtol=0, atol=2e-4 * np.abs(one.pdf).max())
