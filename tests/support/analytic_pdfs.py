"""PDFs in closed form."""

import numpy as np

from n3fit.theory.flavours import EVOLUTION_BASIS


def pdf_of(**functions):
    """Return a PDF of two replicas, the second with every flavour twice as large."""

    def evaluate(x):
        values = np.zeros((2, len(x), 8))
        for name, function in functions.items():
            values[0, :, EVOLUTION_BASIS.index(name)] = function(x)
        values[1] = 2 * values[0]
        return values

    return evaluate
