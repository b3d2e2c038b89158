"""The base class of layers whose arrays do not change."""

from __future__ import annotations

from typing import Any

from n3fit.backends import MetaLayer
from n3fit.typing import Floats


class ConstantLayer(MetaLayer):
    """A layer without trainable weights, whose arrays are constants."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)

    def constant(self, name: str, value: Floats, *, replica_axis: int | None = None) -> Any:
        """Return ``value`` as a weight that is not trained.

        Parameters
        ----------
        name : str
        value : array
        replica_axis : int, optional
            The axis along which the slices belong to different replicas, if there is one.
        """
        return self.builder_helper(
            name, value.shape, self.init_constant(value), trainable=False, replica_axis=replica_axis
        )
