"""The variables of a PDF model that is no network, and the fitted flavours that it computes from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from n3fit.backends import MetaLayer
from n3fit.pdf_models import PDFModel
from n3fit.typing import Floats


class Parametrisation(MetaLayer):
    """Compute the fitted flavours of a PDF model: ``(batch, x, 1)`` to ``(batch, replica, x, flavour)``.

    The weights are the variables of the model, with the replicas along the first axis.

    Parameters
    ----------
    model : PDFModel
    flavours : sequence of str
    initial : mapping of str to (replica, ...)
        First values of the variables.
    """

    def __init__(self, model: PDFModel, flavours: Sequence[str], initial: Mapping[str, Floats], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model
        self.flavours = tuple(flavours)
        self.initial = dict(initial)

    def build(self, input_shape: Any) -> None:
        """Create the variables."""
        self.variables_of_model = {
            name: self.builder_helper(name, values.shape, self.init_constant(values), replica_axis=0)
            for name, values in self.initial.items()
        }

    def call(self, x: Any) -> Any:
        return self.model.evaluate(x, self.variables_of_model, self.flavours)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return ``(batch, replica, x, flavour)``."""
        replicas = len(next(iter(self.initial.values())))
        return (input_shape[0], replicas, input_shape[1], len(self.flavours))
