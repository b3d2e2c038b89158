"""Description of the device in the manifest of a fit."""

from importlib.metadata import version

from n3fit.backends import describe_device


def test_backend_version_and_device_are_named(backend_name):
    description = describe_device()
    distributions = {"jax": ("jax",), "torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu")}
    assert description["backend"] == backend_name
    assert "cpu" in description["device"].lower() or "gpu" in description["device"].lower()
    if backend_name != "tensorflow":
        assert description["backend_version"] == version(distributions[backend_name][0])
    else:
        assert description["backend_version"].startswith("2.")
