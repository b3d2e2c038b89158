"""Devices of this machine that the backend computes on, and the CPU where no GPU can be used.

JAX divides the replicas of a model among all local devices, TensorFlow and PyTorch compute on one device.
"""

from __future__ import annotations

import logging
import pkgutil
from importlib.util import find_spec
from typing import Any

import keras

from n3fit.backends.keras_backend.keras_private import JAX_DEVICE_LOGGER, jax_has_started

logger = logging.getLogger(__name__)

GPU_PLUGINS = ("xla_cuda", "xla_rocm")
"""Beginnings of the names of the plugins with which JAX computes on GPUs."""

GPU_PLATFORMS = frozenset({"gpu", "cuda", "rocm"})
"""Values of the environment variable ``JAX_PLATFORMS`` that request a GPU."""

UNKNOWN_PLATFORM = "is not in the list of known backends"
"""Part of the message of JAX about a platform without plugin."""

NOT_VISIBLE = "no GPU is visible"

LONGEST_REASON = 200
"""Characters of the reason that a library reports."""


def local_devices() -> list[Any]:
    """Return the devices that replicas are divided among: those of JAX in this process; [] on the other backends.

    A default device that the user has set in JAX is the only one.
    """
    if keras.backend.backend() != "jax":
        return []
    import jax

    chosen = getattr(jax.config, "jax_default_device", None)
    if chosen is None:
        return list(jax.local_devices())
    return [jax.local_devices(backend=chosen)[0] if isinstance(chosen, str) else chosen]


def padded_replicas(replicas: int) -> int:
    """Return the size of a batch of which every device holds an equal share: ``replicas`` or a few more."""
    return padded_size(replicas, len(local_devices()))


def padded_size(replicas: int, devices: int) -> int:
    """Return the smallest size from ``replicas`` on that puts no more on a device than an even division does.

    With ``devices`` devices the largest share is n, ``replicas / devices`` rounded up; the size is the next multiple
    of n, so that some devices may stay without replicas.

    >>> [padded_size(5, 4), padded_size(6, 4), padded_size(7, 4), padded_size(3, 8)]
    [6, 6, 8, 3]
    """
    share = -(-replicas // max(devices, 1)) or 1
    return -(-replicas // share) * share


def start_devices() -> None:
    """Set up the devices of the backend; where a GPU is expected and none can be used, the CPU.

    A warning of one line reports the CPU with the reason, in place of the exceptions, long messages and tracebacks of
    JAX, also where the environment variable ``JAX_PLATFORMS`` requests a GPU. When the devices of JAX have been set up
    before, nothing changes; the other backends choose the CPU themselves.
    """
    if keras.backend.backend() == "jax" and not jax_has_started():
        reason = _start_jax()
        if reason:
            logger.warning("computing on the CPU: %s", reason)


def _start_jax() -> str:
    """Set up the devices of JAX, and return why none of those expected can be used; '' if they can."""
    import jax

    requested = getattr(jax.config, "jax_platforms", None) or ""
    messages = _Messages()
    jax_logger = logging.getLogger(JAX_DEVICE_LOGGER)
    jax_logger.addFilter(messages)
    error: BaseException | None = None
    try:
        jax.local_devices()
    except (RuntimeError, AssertionError) as caught:  # JAX asserts that a platform is left
        error = caught
        jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]
        jax.local_devices()
    finally:
        jax_logger.removeFilter(messages)
    if jax.local_devices()[0].platform != "cpu" or requested.startswith("cpu"):
        return ""
    reported = messages.reason or _first_line(str(error or ""))
    if requested:
        return f"JAX_PLATFORMS={requested} cannot be used, {_explain(requested, reported)}"
    return reported or (NOT_VISIBLE if _gpu_plugin_installed() else "")


def _explain(requested: str, reported: str) -> str:
    """Return why requested platforms cannot be used, from what JAX reports about them."""
    if GPU_PLATFORMS.isdisjoint(requested.split(",")):
        return reported
    if not _gpu_plugin_installed():
        return "no plugin of JAX for GPUs is installed"
    # with the alias gpu JAX tries the platforms of all makers, and reports those without a plugin
    return reported if reported and UNKNOWN_PLATFORM not in reported else NOT_VISIBLE


class _Messages(logging.Filter):
    """Filter that keeps warnings and errors from the handlers, and the reason in the first of them."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = ""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        self.reason = self.reason or _first_line(str(error) if error is not None else record.getMessage())
        return False


def _first_line(text: str) -> str:
    """Return the first line of a message of JAX, without its prefix and its advice in parentheses at the end."""
    line = text.strip().partition("\n")[0].partition(" (set ")[0].partition(" (you may ")[0]
    line = line.partition("': ")[2] if line.startswith("Unable to initialize backend") else line
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}..."


def _gpu_plugin_installed() -> bool:
    plugins = find_spec("jax_plugins")
    folders = plugins.submodule_search_locations if plugins is not None else None
    return any(module.name.startswith(GPU_PLUGINS) for module in pkgutil.iter_modules(folders or []))
