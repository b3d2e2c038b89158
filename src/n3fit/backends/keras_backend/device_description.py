"""Description of the backend and of the devices that it computes on."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

import keras

from n3fit.backends.keras_backend.local_devices import local_devices

CPU = "CPU"


def describe_device() -> dict[str, str]:
    """Return the Keras backend in use, its version and the devices that it computes on.

    Returns
    -------
    dict of str to str
        ``backend``, ``backend_version`` and ``device``: such as ``CPU``, ``NVIDIA H200`` or ``4 x NVIDIA H200``.
    """
    backend = keras.backend.backend()
    names = {"jax": _jax_devices, "tensorflow": _tensorflow_devices, "torch": _torch_devices}[backend]()
    counts = Counter(names or [CPU])
    return {
        "backend": backend,
        "backend_version": _version(backend),
        "device": ", ".join(name if count == 1 else f"{count} x {name}" for name, count in counts.items()),
    }


def _version(backend: str) -> str:
    if backend == "tensorflow":
        import tensorflow

        return str(tensorflow.__version__)
    return version(backend)


def _jax_devices() -> list[str]:
    """Return the name of each device on which replicas are computed."""
    return [CPU if device.platform == "cpu" else device.device_kind for device in local_devices()]


def _tensorflow_devices() -> list[str]:
    """Return the name of the first GPU, the only one that is used."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")) for gpu in gpus[:1]]


def _torch_devices() -> list[str]:
    """Return the name of the current GPU, the only one that is used."""
    import torch

    return [torch.cuda.get_device_name()] if torch.cuda.is_available() else []
