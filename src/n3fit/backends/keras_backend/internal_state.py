"""State of Keras and of the backend: seeds, precision, threads, eager mode, devices."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path
from typing import Any

import keras
import numpy as np

from n3fit.backends.keras_backend.forked_processes import check_not_forked
from n3fit.backends.keras_backend.keras_private import jax_has_started, keep_float64
from n3fit.backends.keras_backend.matrix_precision import refuse_bfloat16
from n3fit.machine import usable_cores
from n3fit.storage import cache_directory

logger = logging.getLogger(__name__)

DEBUG_SEED = 13
HYPEROPT_SEED = "HYPEROPT_FMIN_SEED"
TORCH_COMPILATION = "PYTORCH_JIT"
"""Environment variable of PyTorch that is 0 where its functions are to run as plain Python."""
OWN_HYPEROPT_SEED = "N3FIT_SET_HYPEROPT_FMIN_SEED"
"""Environment variable with the seed of hyperopt that was set here, so that a later call can remove it."""


def set_initial_state(
    debug: bool = False,
    external_seed: int | None = None,
    max_cores: int | None = None,
    double_precision: bool = False,
) -> None:
    """Set seeds, precision and threads; each call replaces everything that an earlier one has set.

    Parameters
    ----------
    debug : bool
        Seed numpy, ``random``, hyperopt and the backend with a fixed number, and use one core unless ``max_cores`` is
        given. For reproducible runs ``PYTHONHASHSEED=0`` may be needed too, outside the program.
    external_seed : int, optional
        Seed them with this number (0 included). numpy and ``HYPEROPT_FMIN_SEED`` have the number itself; the seeds of
        ``random`` and of the backend are drawn from numpy.
    max_cores : int, optional
        Maximum number of cores, as in :func:`set_number_of_cores`.
    double_precision : bool
        Compute in float64 instead of float32.

    Raises
    ------
    ResourceError
        The backend started in another process, from which this one was forked.
    """
    check_not_forked()
    seed = DEBUG_SEED if debug and external_seed is None else external_seed
    _remove_hyperopt_seed()
    if seed is not None:
        np.random.seed(seed)  # noqa: NPY002  other libraries draw from the old generator
        derived = np.random.randint(0, 2**31 - 1, size=2).tolist()  # noqa: NPY002
        keras.utils.set_random_seed(derived[0])
        random.seed(derived[1])
        np.random.seed(seed)  # noqa: NPY002
        os.environ[HYPEROPT_SEED] = os.environ[OWN_HYPEROPT_SEED] = str(int(seed))
    clear_backend_state()
    refuse_bfloat16()
    _set_precision(double_precision)
    if debug and max_cores is None:
        set_number_of_cores(max_cores=1, max_threads=1)
    else:
        set_number_of_cores(max_cores=max_cores)


def _remove_hyperopt_seed() -> None:
    """Remove the seed of hyperopt if an earlier call has set it, not if the user has."""
    ours = os.environ.pop(OWN_HYPEROPT_SEED, None)
    if ours is not None and os.environ.get(HYPEROPT_SEED) == ours:
        del os.environ[HYPEROPT_SEED]


def _set_precision(double_precision: bool) -> None:
    keras.config.set_floatx("float64" if double_precision else "float32")
    if keras.backend.backend() == "jax":
        _configure_jax("jax_enable_x64", double_precision)
    keep_float64(double_precision or keras.backend.backend() == "tensorflow")


def _configure_jax(option: str, value: Any) -> None:
    import jax

    jax.config.update(option, value)  # type: ignore[no-untyped-call]


def set_number_of_cores(max_cores: int | None = None, max_threads: int | None = None) -> None:
    """Limit the number of cores that the backend uses.

    It is at most the number of physical cores, and of those that the affinity and the control group of the process
    allow. JAX and TensorFlow create their thread pools in the first computation: for a limit set later a warning is
    logged.

    Parameters
    ----------
    max_cores : int, optional
        Maximum number of cores; all usable ones by default.
    max_threads : int, optional
        Maximum number of threads per operation; the number of cores by default.

    Raises
    ------
    ValueError
        One of them is not positive.
    """
    for name, value in (("max_cores", max_cores), ("max_threads", max_threads)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be positive, received {value}")
    cores = min(usable_cores(), max_cores or usable_cores())
    threads = min(cores, max_threads or cores)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        _limit_tensorflow(cores, threads)
    elif backend == "torch":
        import torch

        torch.set_num_threads(threads)
    else:
        _limit_jax(threads, requested=max_cores is not None or max_threads is not None)


def _limit_tensorflow(cores: int, threads: int) -> None:
    import tensorflow as tf

    try:
        tf.config.threading.set_inter_op_parallelism_threads(cores)
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    except RuntimeError:
        current = tf.config.threading.get_intra_op_parallelism_threads()
        if current != threads:
            logger.warning("TensorFlow runs with %s threads; the limit %d has no effect", current or "all", threads)


def _limit_jax(threads: int, *, requested: bool) -> None:
    """Set the size of the thread pool that XLA creates in the first computation; warn if it exists already."""
    current = os.environ.get("NPROC")
    os.environ["NPROC"] = str(threads)
    if requested and jax_has_started() and current != str(threads):
        logger.warning("JAX runs with %s threads; the limit %d has no effect", current or "all", threads)


def clear_backend_state() -> None:
    """Clear the layer names, the global state of Keras and the compiled programs."""
    keras.utils.clear_session()
    if keras.backend.backend() == "jax":
        import jax

        jax.clear_caches()  # type: ignore[no-untyped-call]


def set_eager(flag: bool = True) -> None:
    """Switch compilation off (or on again), to examine single operations; this is very slow."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(flag)
    elif backend == "jax":
        _configure_jax("jax_disable_jit", bool(flag))
    elif flag:
        os.environ[TORCH_COMPILATION] = "0"
    else:
        os.environ.pop(TORCH_COMPILATION, None)


def get_physical_gpus() -> list[Any]:
    """Return the devices of the backend that are GPUs."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return list(tf.config.list_physical_devices("GPU"))
    if backend == "torch":
        import torch

        return [torch.device("cuda", number) for number in range(torch.cuda.device_count())]
    import jax

    return [device for device in jax.devices() if device.platform == "gpu"]


def set_compilation_cache(directory: Path | None = None) -> Path:
    """Set the folder in which JAX keeps compiled programs for later processes; without effect on other backends.

    Parameters
    ----------
    directory : Path, optional
        By default the folder ``jax`` of :func:`n3fit.storage.cache_directory`.

    Returns
    -------
    Path
        The folder.
    """
    folder = directory if directory is not None else cache_directory() / "jax"
    if keras.backend.backend() == "jax":
        folder.mkdir(parents=True, exist_ok=True)
        _configure_jax("jax_compilation_cache_dir", str(folder))
        _configure_jax("jax_persistent_cache_min_compile_time_secs", 0.0)
    return folder
