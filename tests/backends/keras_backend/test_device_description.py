"""Description of the device, for the user and for the manifest of a fit."""

from importlib.metadata import version
from types import SimpleNamespace

import pytest

from n3fit.backends import describe_device, get_physical_gpus


def test_backend_version_and_device_are_named(backend_name):
    description = describe_device()
    distributions = {"jax": ("jax",), "torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu")}
    assert description["backend"] == backend_name
    if not get_physical_gpus():
        assert description["device"] == "CPU"
    if backend_name != "tensorflow":
        assert description["backend_version"] == version(distributions[backend_name][0])
    else:
        assert description["backend_version"].startswith("2.")


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["NVIDIA H200"], "NVIDIA H200"),
        (["NVIDIA H200"] * 4, "4 x NVIDIA H200"),
        (["NVIDIA A100", "NVIDIA H200"], "NVIDIA A100, NVIDIA H200"),
    ],
)
def test_several_devices_are_counted(backend_name, monkeypatch, kinds, expected):
    if backend_name != "jax":
        pytest.skip("TensorFlow and PyTorch compute on one device")
    import jax

    devices = [SimpleNamespace(platform="gpu", device_kind=kind) for kind in kinds]
    monkeypatch.setattr(jax, "local_devices", lambda: devices)
    assert describe_device()["device"] == expected
