import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.compound import LINEAR_OPERATIONS, OPERATIONS, apply_operation

TABLES = np.random.default_rng(3).uniform(1, 2, size=(20, 3, 5))


@pytest.mark.parametrize(
    ("operation", "count", "expected"),
    [
        ("NULL", 1, TABLES[0]),
        ("ADD", 2, TABLES[0] + TABLES[1]),
        ("RATIO", 2, TABLES[0] / TABLES[1]),
        ("ASY", 2, (TABLES[0] - TABLES[1]) / (TABLES[0] + TABLES[1])),
        ("SMN", 4, (TABLES[0] + TABLES[1]) / (TABLES[2] + TABLES[3])),
        ("COM", 20, TABLES[:10].sum(axis=0) / TABLES[10:].sum(axis=0)),
        ("SMT", 10, TABLES[:10].sum(axis=0)),
    ],
)
def test_values(operation: str, count: int, expected: np.ndarray) -> None:
    np.testing.assert_allclose(apply_operation(operation, list(TABLES[:count])), expected, rtol=1e-14)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_linear_operations_are_exactly_the_additive_ones(operation: str) -> None:
    (count,) = OPERATIONS[operation][1]
    tables = list(TABLES[:count])
    doubled = apply_operation(operation, [2 * table for table in tables])
    linear = np.allclose(doubled, 2 * apply_operation(operation, tables))
    assert linear == (operation in LINEAR_OPERATIONS)


def test_a_single_row_serves_every_point() -> None:
    np.testing.assert_allclose(apply_operation("RATIO", [TABLES[0], TABLES[1][:, :1]]), TABLES[0] / TABLES[1][:, :1])


def test_mistakes_are_named() -> None:
    with pytest.raises(TheoryError, match="did you mean 'RATIO'"):
        apply_operation("RATIOS", [1.0, 2.0])
    with pytest.raises(TheoryError, match="RATIO: expected 2 tables, received 3"):
        apply_operation("RATIO", [1.0, 2.0, 3.0])
