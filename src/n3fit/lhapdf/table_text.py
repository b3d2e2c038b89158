"""Tables of numbers as text: what ``%.8e`` gives for each of them, for all at once."""

from __future__ import annotations

import numpy as np

from n3fit.typing import Floats

_DIGITS = 8  # behind the point
_SMALLEST, _LARGEST = 1e-98, 1e98  # with two digits in the exponent
_DOUBTFUL = 1e-5  # distance from a tie, in units of the last digit; scaling is wrong by at most 5e-7 of them
_FIELDS = np.dtype(
    {
        "names": ["sign", "head", "middle", "low", "power", "separator"],
        "formats": ["u1", "u2", "u4", "u4", "u4", "u1"],
        "offsets": [0, 1, 3, 7, 11, 15],
        "itemsize": 16,
    }
)
_ABSENT = b"\0"
_POWERS = np.array([float(f"1e{power}") for power in range(-110, 111)])


def _words(texts: list[str], kind: str) -> np.ndarray:
    return np.frombuffer("".join(texts).encode(), dtype=kind)


_HEADS = _words([f"{digit}." for digit in range(10)], "u2")
_FOUR_DIGITS = _words([f"{number:04d}" for number in range(10_000)], "u4")
_EXPONENTS = _words([f"e{power:+03d}" for power in range(-99, 100)], "u4")


def format_table(values: Floats) -> bytes:
    """Return the rows of a table as lines, each number as ``%.8e`` writes it, with one blank between them.

    Numbers are scaled to nine digits before the point and rounded there. Those so near to a tie that the rounding of
    the scaling may decide, about one in a hundred thousand, and tables with infinities or exponents of three digits
    are formatted one by one.

    Parameters
    ----------
    values : (nrows, ncolumns)
        At least one column.
    """
    columns = values.shape[1]
    flat = np.ascontiguousarray(values, dtype=np.float64).ravel()
    size = np.abs(flat)
    zero = size == 0.0
    size[zero] = 1.0
    if not bool(np.all((size > _SMALLEST) & (size < _LARGEST))):
        return format_plainly(values)
    power = np.floor(np.log10(size)).astype(np.int32)
    scaled = size * _POWERS[_DIGITS + 110 - power]
    whole = np.rint(scaled)
    ten = 10.0**_DIGITS
    doubtful = (np.abs(scaled - whole) > 0.5 - _DOUBTFUL) | (scaled < ten) | (whole >= 10.0 * ten)
    whole[zero | doubtful] = 0.0
    power[zero] = 0
    rounded = whole.astype(np.uint32)
    text = np.empty(flat.size, dtype=_FIELDS)
    upper, low = np.divmod(rounded, np.uint32(10_000))
    head, middle = np.divmod(upper, np.uint32(10_000))
    text["sign"] = np.where(np.signbit(flat), ord("-"), _ABSENT[0])
    text["head"] = _HEADS[head]
    text["middle"] = _FOUR_DIGITS[middle]
    text["low"] = _FOUR_DIGITS[low]
    text["power"] = _EXPONENTS[power + 99]
    text["separator"] = ord(" ")
    text["separator"][columns - 1 :: columns] = ord("\n")
    characters = text.view(np.uint8).reshape(-1, _FIELDS.itemsize)
    for index in np.flatnonzero(doubtful):
        characters[index, 1:15] = np.frombuffer(b"%.8e" % size[index], dtype=np.uint8)
    return text.tobytes().translate(None, _ABSENT)


def format_plainly(values: Floats) -> bytes:
    """Return what :func:`format_table` returns, each number formatted on its own."""
    line = b" ".join([b"%.8e"] * values.shape[1]) + b"\n"
    return (line * len(values)) % tuple(values.ravel().tolist())
