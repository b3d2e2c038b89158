"""Description of the backend and its device."""

from __future__ import annotations

from importlib.metadata import version

import keras


def describe_device() -> dict[str, str]:
    """Return the Keras backend in use, its version and the kind of device that it computes on."""
    backend = keras.backend.backend()
    devices = keras.distribution.list_devices() if backend != "torch" else []
    return {
        "backend": backend,
        "backend_version": _version(backend),
        "device": ", ".join(devices) or ("cpu" if not _torch_has_gpu(backend) else "gpu"),
    }


def _version(backend: str) -> str:
    if backend == "tensorflow":
        import tensorflow

        return str(tensorflow.__version__)
    return version(backend)


def _torch_has_gpu(backend: str) -> bool:
    if backend != "torch":
        return False
    import torch

    return bool(torch.cuda.is_available())
