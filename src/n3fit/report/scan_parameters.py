"""The parameters of the trials of a scan as columns: numbers, or categories."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.report.runcard_contents import show
from n3fit.results.tries import Try
from n3fit.typing import Floats

NODES = "nodes_per_layer"
LAYERS = "hidden layers"
OPTIMIZER = "optimizer.optimizer_name"

_ORDER = (
    *(LAYERS, "nodes of layer", "activation_per_layer", "initializer", "layer_type", "dropout"),
    *(OPTIMIZER, "optimizer.learning_rate", "optimizer.clipnorm", "optimizer.", "epochs", "stopping_patience"),
    *("positivity.", "integrability."),
)
_WIDE_RANGE = 10.0
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, eq=False)
class ScanParameter:
    """One parameter of n trials.

    Parameters
    ----------
    name : str
        Path of its key below ``parameters``, or ``hidden layers`` and ``nodes of layer k``.
    values : tuple
        None for trials without it.
    numbers : (n,)
        The values, or the positions in ``categories``; nan for trials without it.
    categories : tuple of str
        Its values in alphabetical order; empty for numbers.
    """

    name: str
    values: tuple[Any, ...]
    numbers: Floats
    categories: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name for tables and axes: the last key, or the last two for the optimiser and the multipliers."""
        first, _, rest = self.name.partition(".")
        if self.name == OPTIMIZER:
            return "optimiser"
        return f"{first}: {rest}" if first in ("positivity", "integrability") else (rest or first).replace("_", " ")

    @property
    def logarithmic(self) -> bool:
        """Whether its positive numbers go over more than a decade."""
        known = self.numbers[np.isfinite(self.numbers)]
        return not self.categories and bool(known.min() > 0) and bool(known.max() > _WIDE_RANGE * known.min())

    def shown(self, index: int) -> str:
        """Return the value of a trial as text, a dash for a trial without the parameter."""
        value = self.values[index]
        if value is None:
            return "–"
        return compact_number(value, 4) if isinstance(value, float) else str(value)


def compact_number(value: float, digits: int = 3) -> str:
    """Return a number with some digits, as a power of ten where that is shorter.

    >>> compact_number(24000.0), compact_number(0.0123), compact_number(6.073e-6)
    ('24000', '0.0123', '6.07·10⁻⁶')
    """
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{float(mantissa):g}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


def scan_parameters(tries: Sequence[Try]) -> tuple[list[ScanParameter], dict[str, str]]:
    """Return the parameters in which trials differ, and the values of the others as text by name."""
    rows = [dict(_flatten(trial.parameters)) for trial in tries]
    names = sorted(dict.fromkeys(name for row in rows for name in row), key=_place)
    varied, common = [], {}
    for name in names:
        values = tuple(row.get(name) for row in rows)
        distinct = {repr(value) for value in values}
        if len(distinct) > 1:
            varied.append(_parameter(name, values))
        elif values[0] is not None:
            common[name] = show(values[0])
    return varied, common


def _place(name: str) -> tuple[int, str]:
    """Return the place of a parameter on the page: network first, then training, then all others by name."""
    known = next((index for index, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))
    return known, name


def _flatten(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in parameters.items():
        name = f"{prefix}{key}"
        if name == NODES and isinstance(value, list):
            yield LAYERS, len(value) - 1
            yield from ((f"nodes of layer {number}", nodes) for number, nodes in enumerate(value[:-1], 1))
        elif isinstance(value, Mapping):
            yield from _flatten(value, f"{name}.")
        elif name == "optimizer":
            yield OPTIMIZER, value
        elif isinstance(value, list):
            yield name, " ".join(map(str, value))
        elif value is not None:
            yield name, value


def _parameter(name: str, values: tuple[Any, ...]) -> ScanParameter:
    known = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        numbers = [math.nan if value is None else float(value) for value in values]
        return ScanParameter(name, values, np.array(numbers), ())
    texts = tuple(None if value is None else show(value) for value in values)
    categories = tuple(sorted({text for text in texts if text is not None}))
    places = [math.nan if text is None else float(categories.index(text)) for text in texts]
    return ScanParameter(name, texts, np.array(places), categories)
