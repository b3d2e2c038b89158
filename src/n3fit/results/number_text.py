"""Texts of many numbers: the shortest that read back as the same number, as YAML, JSON and CSV write them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from n3fit.typing import Floats


def number_texts(values: Floats) -> list[str]:
    """Return the text of each number (n,) as Python writes it, with ``nan``, ``inf`` and ``-inf``."""
    return list(map(float.__repr__, np.asarray(values, dtype=np.float64).tolist()))


def json_texts(values: Floats) -> list[str]:
    """Return the text of each number (n,) as JSON has it: null for what is not finite."""
    texts = number_texts(values)
    for place in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[place] = "null"
    return texts


def yaml_texts(values: Floats) -> list[str]:
    """Return the text of each number (n,) as YAML 1.1 reads it, see :func:`yaml_number`."""
    texts = number_texts(values)
    size = np.abs(values)
    # only these have an exponent, or no digits at all
    unusual = (size < 1e-4) & (size > 0) | ~(size < 1e16)
    for place in np.flatnonzero(unusual).tolist():
        if "." not in texts[place]:
            texts[place] = _with_point(texts[place])
    return texts


def yaml_number(value: float) -> str:
    """Return a number as YAML 1.1 reads it: with a point in the mantissa, and its own names of what is not finite."""
    return _with_point(repr(float(value)))


def yaml_numbers(values: Floats) -> str:
    """Return numbers (n,) as a list in YAML."""
    return f"[{', '.join(yaml_texts(values))}]"


def csv_cells(texts: Sequence[str]) -> list[str]:
    """Return texts as the cells of a CSV file, in quotes where the format needs them."""
    stream = StringIO()
    cells = []
    writer = csv.writer(stream, lineterminator="\n")
    for text in texts:
        writer.writerow([text, ""])
        cells.append(stream.getvalue()[:-2])  # without the last comma and the end of the line
        stream.seek(0)
        stream.truncate()
    return cells


def _with_point(text: str) -> str:
    """Return the text of a number from Python as YAML 1.1 has it."""
    mantissa, exponent, power = text.partition("e")
    if mantissa[-1] in "nf":  # nan, inf, -inf
        return text.replace("nan", ".nan").replace("inf", ".inf")
    return text if "." in mantissa else f"{mantissa}.0{exponent}{power}"
