"""Operations that combine the predictions of several FK tables into one observable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError, did_you_mean

Combine = Callable[..., Any]


def _null(a: Any) -> Any:
    return a


def _add(a: Any, b: Any) -> Any:
    return a + b


def _ratio(a: Any, b: Any) -> Any:
    return a / b


def _asymmetry(a: Any, b: Any) -> Any:
    return (a - b) / (a + b)


def _subtract_absolute(a: Any, b: Any) -> Any:
    return a - abs(b)


def _subtract_absolute_pair(a: Any, b: Any, c: Any, d: Any) -> Any:
    return a + b - abs(c + d)


def _sum_ratio(a: Any, b: Any, c: Any, d: Any) -> Any:
    return (a + b) / (c + d)


def _ratio_of_sums(*tables: Any) -> Any:
    half = len(tables) // 2
    return _plain_sum(*tables[:half]) / _plain_sum(*tables[half:])


def _plain_sum(*tables: Any) -> Any:
    total = tables[0]
    for table in tables[1:]:
        total = total + table
    return total


OPERATIONS: Mapping[str, tuple[Combine, frozenset[int]]] = MappingProxyType(
    {
        "NULL": (_null, frozenset({1})),
        "ADD": (_add, frozenset({2})),
        "RATIO": (_ratio, frozenset({2})),
        "ASY": (_asymmetry, frozenset({2})),
        "SMN": (_sum_ratio, frozenset({4})),
        "COM": (_ratio_of_sums, frozenset({20})),
        "SMT": (_plain_sum, frozenset({10})),
        "SUBTRACT_ABS": (_subtract_absolute, frozenset({2})),
        "SUBTRACT_ABSPAIR": (_subtract_absolute_pair, frozenset({4})),
    }
)
"""Name of each operation, with its function and the numbers of tables that it takes.

NULL: a. ADD: a + b. RATIO: a / b. ASY: (a - b) / (a + b). SMN: (a + b) / (c + d). COM: sum of the first ten over
the sum of the last ten. SMT: sum of ten. SUBTRACT_ABS: a - |b|. SUBTRACT_ABSPAIR: a + b - |c + d|.
"""

LINEAR_OPERATIONS = frozenset({"NULL", "ADD", "SMT"})
"""Operations under which a linear observable stays linear."""

RATIOS = frozenset({"RATIO", "ASY", "SMN", "COM"})
"""Operations that divide by one of the tables or by a sum of them."""


def apply_operation(operation: str, predictions: Sequence[Any]) -> Any:
    """Combine the predictions of the tables of one observable.

    Parameters
    ----------
    operation : str
        One of OPERATIONS.
    predictions : sequence of arrays or tensors
        One per table, of the same shape: arrays, or tensors of any library with ``+``, ``-``, ``/`` and ``abs``.

    Raises
    ------
    TheoryError
        An unknown operation, or a wrong number of tables.
    """
    if operation not in OPERATIONS:
        raise TheoryError(
            f"operation: expected one of {', '.join(OPERATIONS)}, received {operation!r}",
            hint=did_you_mean(operation, OPERATIONS),
        )
    function, counts = OPERATIONS[operation]
    if len(predictions) not in counts:
        expected = " or ".join(map(str, sorted(counts)))
        raise TheoryError(f"operation {operation}: expected {expected} tables, received {len(predictions)}")
    return function(*predictions)
