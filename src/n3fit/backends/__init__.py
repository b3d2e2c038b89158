"""Layers, models, operations and callbacks on JAX, TensorFlow or PyTorch; the only package that imports Keras.

The environment variable ``KERAS_BACKEND`` chooses between ``jax`` (the default), ``tensorflow`` and ``torch``; it is
read before the first import of Keras only.

Raises
------
n3fit.errors.MissingExtraError
    The chosen library is not installed; the message names the extra that installs it.
n3fit.errors.ResourceError
    ``KERAS_BACKEND`` is none of these.

Examples
--------
>>> from n3fit.backends import MetaModel, operations as op
>>> grid = op.numpy_to_input(np.array([[0.1], [0.5]]), name="xgrid")
>>> model = MetaModel({"xgrid": grid}, op.op_log(grid))
>>> model.predict().shape
(1, 2, 1)
"""

from n3fit.backends.keras_choice import choose_keras_backend, unused_by_keras, without_modules

with without_modules(unused_by_keras(choose_keras_backend())):
    import keras  # noqa: F401
from keras.layers import Concatenate, Input, Lambda

import n3fit.backends.keras_backend.callbacks as callbacks
import n3fit.backends.keras_backend.constraints as constraints
import n3fit.backends.keras_backend.operations as operations
from n3fit.backends.keras_backend.base_layers import base_layer_selector, regularizer_selector
from n3fit.backends.keras_backend.device_description import describe_device
from n3fit.backends.keras_backend.device_memory import is_out_of_memory, release_memory
from n3fit.backends.keras_backend.internal_state import (
    clear_backend_state,
    get_physical_gpus,
    set_compilation_cache,
    set_eager,
    set_initial_state,
    set_number_of_cores,
)
from n3fit.backends.keras_backend.local_devices import local_devices, padded_replicas, start_devices
from n3fit.backends.keras_backend.MetaLayer import MetaLayer
from n3fit.backends.keras_backend.MetaModel import MetaModel
from n3fit.backends.keras_backend.multi_dense import MultiDense
from n3fit.backends.keras_backend.multi_initializer import MultiInitializer
from n3fit.backends.keras_backend.optimizers import optimizer_default
from n3fit.backends.keras_backend.replica_assignment import (
    NN_LAYER_ALL_REPLICAS,
    NN_PREFIX,
    PREPROCESSING_LAYER_ALL_REPLICAS,
    ReplicaAssignment,
)
from n3fit.backends.keras_backend.training_state import TrainingState

__all__ = [
    "NN_LAYER_ALL_REPLICAS",
    "NN_PREFIX",
    "PREPROCESSING_LAYER_ALL_REPLICAS",
    "Concatenate",
    "Input",
    "Lambda",
    "MetaLayer",
    "MetaModel",
    "MultiDense",
    "MultiInitializer",
    "ReplicaAssignment",
    "TrainingState",
    "base_layer_selector",
    "callbacks",
    "clear_backend_state",
    "constraints",
    "describe_device",
    "get_physical_gpus",
    "is_out_of_memory",
    "local_devices",
    "operations",
    "optimizer_default",
    "padded_replicas",
    "regularizer_selector",
    "release_memory",
    "set_compilation_cache",
    "set_eager",
    "set_initial_state",
    "set_number_of_cores",
    "start_devices",
]
