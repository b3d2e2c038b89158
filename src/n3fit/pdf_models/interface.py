"""The interface of a PDF model: a parametrisation in place of the neural network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from n3fit.runcard.values import RuncardSection
from n3fit.typing import Floats


class PDFModel(RuncardSection, ABC):
    """A map from x to the fitted flavours, for all replicas at the same time.

    A subclass declares its settings as fields: they are the keys of ``parameters.model_settings`` in the runcard, and
    an instance holds the values of one card. Only :meth:`evaluate` computes with a framework, with the functions of
    ``n3fit.backends.operations``; the module of the class does not import it at its top, so that commands that do not
    fit stay fast.

    Attributes
    ----------
    sum_rules : bool
        Whether n3fit imposes the sum rules of the runcard; else they are the model's own.
    preprocessing : bool
        Whether n3fit multiplies the values by x^(1-alpha) (1-x)^beta, with the exponents of the runcard.
    positivity : bool
        Whether n3fit adds the penalties of the positivity sets to the loss; replicas are checked with them in any case.

    Examples
    --------
    x f = x^(1-alpha) (1-x)^beta (A + B x) for each flavour:

    >>> class Line(PDFModel):
    ...     def initial_values(self, flavours, random):
    ...         return {"line": random.normal(size=(2, len(flavours)))}
    ...     def evaluate(self, x, variables, flavours):
    ...         from n3fit.backends import operations as op
    ...         terms = op.concatenate([op.pow(x, 0), x], axis=-1)
    ...         return op.einsum("bxt,rtf->brxf", terms, variables["line"])
    """

    sum_rules: ClassVar[bool] = True
    preprocessing: ClassVar[bool] = True
    positivity: ClassVar[bool] = True

    @abstractmethod
    def initial_values(self, flavours: Sequence[str], random: np.random.Generator) -> Mapping[str, Floats]:
        """Return the initial values of the variables of one replica, by their names.

        Parameters
        ----------
        flavours : sequence of str
            The F fitted flavours, in the order of the runcard.
        random : numpy generator
            Its seed depends on ``nnseed`` and the number of the replica alone.

        Returns
        -------
        mapping of str to array
            The shapes are the same for all replicas.
        """

    @abstractmethod
    def evaluate(self, x: Any, variables: Mapping[str, Any], flavours: Sequence[str]) -> Any:
        """Compute the fitted flavours of R replicas, without what n3fit adds.

        A replica depends on its own variables alone.

        Parameters
        ----------
        x : tensor (1, N, 1)
            Values in (0, 1]; N is not known when the program is compiled.
        variables : mapping of str to tensor (R, ...)
            Those of :meth:`initial_values`, with the replicas along the first axis.
        flavours : sequence of str

        Returns
        -------
        tensor (1, R, N, F)
        """

    def breaks(self) -> Sequence[float] | Floats:
        """Return the values of x at which the model is not smooth, such as nodes of an interpolation.

        The integrals of the sum rules are computed between them.
        """
        return ()

    def check(self, fitbasis: str, flavours: Sequence[str]) -> str:
        """Return why the model cannot be used for a fitting basis and flavours; an empty text where it can."""
        return ""
