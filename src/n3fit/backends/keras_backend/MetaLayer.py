"""Base class of the layers of n3fit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from inspect import signature
from typing import Any, ClassVar

import keras

from n3fit.backends.keras_backend.array_initializer import ArrayConstant
from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.matrix_precision import FullPrecisionLayer
from n3fit.backends.keras_backend.registry import Registry, build_registry, look_up
from n3fit.backends.keras_backend.replica_assignment import assign_axis
from n3fit.vocabulary import INITIALIZERS

logger = logging.getLogger(__name__)


class MetaLayer(FullPrecisionLayer, keras.layers.Layer):
    """Layer with methods that keep custom layers independent of the backend.

    A subclass overrides ``__init__`` and ``call`` (or ``meta_call``, which then replaces ``call``), creates its weights
    with :meth:`builder_helper` and computes with :mod:`n3fit.backends.operations`.

    Attributes
    ----------
    initializers : dict
        Name -> (class, default arguments). Users may add entries; no call changes them.
    weight_inits : list of (variable, initializer)
        The trainable weights of this layer, in the order of creation, each with its initialiser.

    Examples
    --------
    >>> from n3fit.backends import MetaLayer, operations
    >>> class Scale(MetaLayer):
    ...     def build(self, input_shape):
    ...         self.factor = self.builder_helper("factor", (1,), MetaLayer.init_constant(2.0))
    ...     def meta_call(self, x):
    ...         return self.factor * x
    >>> layer = Scale()
    >>> operations.evaluate(layer(np.ones((1, 3)))).tolist()
    [[2.0, 2.0, 2.0]]
    >>> tuple(layer.get_weight_by_name("factor").shape)
    (1,)
    """

    initializers: ClassVar[Registry] = build_registry(
        {
            "random_uniform": keras.initializers.RandomUniform,
            "glorot_uniform": keras.initializers.GlorotUniform,
            "glorot_normal": keras.initializers.GlorotNormal,
        },
        INITIALIZERS,
    )
    weight_inits: list[tuple[Any, Any]] = []  # noqa: RUF012  documented as an attribute; each instance has its own list

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Keras' own __setattr__ would track the variables a second time
        object.__setattr__(self, "weight_inits", [])

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "meta_call" in vars(cls) and "call" not in vars(cls):
            cls.call = vars(cls)["meta_call"]

    def builder_helper(
        self,
        name: str,
        kernel_shape: Sequence[int],
        initializer: Any,
        trainable: bool = True,
        constraint: Any = None,
        *,
        replica_axis: int | None = None,
    ) -> Any:
        """Create a weight of the layer; the caller stores it as an attribute.

        Parameters
        ----------
        name : str
            Name of the weight.
        kernel_shape : sequence of int
            Its shape.
        initializer : keras initializer or str
            Computes its first value.
        trainable : bool
            Whether the optimiser changes it.
        constraint : keras constraint, optional
            Applied after every step.
        replica_axis : int, optional
            Axis along which the slices belong to different replicas. By default the first one when ``initializer`` is
            a :class:`~n3fit.backends.keras_backend.multi_initializer.MultiInitializer`, and in layers inside a model
            that are named ``preprocessing_factor`` or ``all_NNs``.

        Returns
        -------
        keras.Variable
            The weight, with an attribute ``replica_axis``.
        """
        weight = self.add_weight(
            name=name,
            shape=tuple(int(size) for size in kernel_shape),
            initializer=initializer,
            trainable=trainable,
            constraint=constraint,
        )
        if replica_axis is None:
            replica_axis = getattr(initializer, "replica_axis", None)
        assign_axis(weight, replica_axis)
        if trainable:
            self.weight_inits.append((weight, initializer))
        return weight

    def get_weight_by_name(self, weight_name: str, internal_count: int = 0) -> Any:
        """Return a weight of this layer, None if there is none of this name.

        Parameters
        ----------
        weight_name : str
            Name of the weight, with or without the prefix ``layer/`` and the suffix ``:0``.
        internal_count : int
            Index among the weights of the same name.
        """
        name = weight_name.removeprefix(f"{self.name}/")
        stem, _, count = name.partition(":")
        if count.isdigit():
            name, internal_count = stem, int(count)
        found = [weight for weight in self.weights if name in (weight.name, weight.path)]
        return found[internal_count] if 0 <= internal_count < len(found) else None

    @staticmethod
    def init_constant(value: Any) -> Any:
        """Return an initialiser that sets a weight to ``value`` (a number, an array or a tensor)."""
        if not isinstance(value, (int, float)):
            value = evaluate(value)
        return ArrayConstant(value)

    @staticmethod
    def select_initializer(ini_name: str, seed: int | None = None, **kwargs: Any) -> Any:
        """Return a new initialiser by name, with its default arguments and the given ones.

        Parameters
        ----------
        ini_name : str
            Name in :attr:`initializers`.
        seed : int, optional
            Seed of the initialiser.
        **kwargs
            Arguments that replace the defaults; those that this initialiser does not have are dropped.

        Raises
        ------
        NotImplementedError
            There is no initialiser of this name.
        """
        initializer_class, defaults = look_up(MetaLayer.initializers, ini_name, "initializer")
        accepted = signature(initializer_class).parameters
        ignored = sorted(set(kwargs) - set(accepted))
        if ignored:
            logger.debug("initializer %s does not use %s", ini_name, ", ".join(ignored))
        used = {key: value for key, value in kwargs.items() if key in accepted}
        if "seed" in accepted:
            used["seed"] = None if seed is None else int(seed)
        return initializer_class(**{**defaults, **used})
